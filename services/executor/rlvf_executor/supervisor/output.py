"""The supervisor's end of a pipe that a program writes to. Standard library only."""

import contextlib
import os

_TAIL_BYTES = 2048


class Output:
    """A pipe whose first bytes are kept; the rest is read and dropped, so that no writer blocks."""

    def __init__(self, keep_bytes: int, stack: contextlib.ExitStack) -> None:
        self.read_end, self.write_end = os.pipe2(os.O_CLOEXEC)
        stack.callback(os.close, self.read_end)
        stack.callback(self.close_write_end)
        self.data = bytearray()
        self.truncated = False
        self.tail = b""
        """The last bytes, kept or not."""
        self._keep_bytes = keep_bytes

    def close_write_end(self) -> None:
        """Closes the write end in this process; the program has its own."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def read(self) -> bool:
        """Reads once; False at the end."""
        data = os.read(self.read_end, 1 << 16)
        room = self._keep_bytes - len(self.data)
        self.data += data[:room]
        self.truncated = self.truncated or len(data) > room
        self.tail = (self.tail + data)[-_TAIL_BYTES:]
        return bool(data)
