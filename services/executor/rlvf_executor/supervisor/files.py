"""The supervisor's ends of what it gives to programs: files without names, and pipes."""

import contextlib
import fcntl
import os

_TAIL_BYTES = 2048
_ALL_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Output:
    """A pipe that keeps the first bytes and drops the rest, so that its writer never waits."""

    def __init__(self, keep_bytes: int, stack: contextlib.ExitStack) -> None:
        self.read_end, self.write_end = os.pipe2(os.O_CLOEXEC)
        stack.callback(os.close, self.read_end)
        stack.callback(self.close_write_end)
        self.data = bytearray()
        self.truncated = False
        self.tail = b""
        """The last bytes, whether they were kept or not."""
        self._keep_bytes = keep_bytes

    def close_write_end(self) -> None:
        """Closes it here; the program has its own."""
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


def memory_file(data: bytes, stack: contextlib.ExitStack, *, for_program: bool = False) -> int:
    """A file without a name that holds `data`, sealed where an untrusted program will hold it."""
    descriptor = os.memfd_create("rlvf", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    stack.callback(os.close, descriptor)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    if for_program:
        os.lseek(descriptor, 0, os.SEEK_SET)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _ALL_SEALS)
    return descriptor
