"""The supervisor's inbox: the job that runs, those that wait, and cancellations."""

import socket
from collections import deque

from rlvf_executor.contract import link
from rlvf_executor.contract.link import Message

_READ_BYTES = 1 << 18


class Inbox:
    """Reads jobs and cancellations from the server's socket."""

    def __init__(self, server: socket.socket) -> None:
        self._server = server
        self._buffer = memoryview(bytearray(_READ_BYTES))
        self._data = bytearray()
        self._jobs: deque[Message] = deque()
        self._current = 0
        self._cancelled: set[int] = set()

    @property
    def cancelled(self) -> bool:
        """Whether the server has cancelled the job that runs."""
        return self._current in self._cancelled

    def next_job(self) -> Message | None:
        """Waits for the next job, which then counts as running; None when the socket is closed."""
        while not self._jobs:
            if not self.take_in():
                return None
        self._cancelled.discard(self._current)
        self._current += 1
        return self._jobs.popleft()

    def take_in(self) -> bool:
        """Reads once, and waits if nothing has arrived; False when the socket is closed."""
        try:
            size = self._server.recv_into(self._buffer)
        except ConnectionError:
            return False
        self._data += self._buffer[:size]
        while (parsed := link.parse(self._data)) is not None:
            message, used = parsed
            del self._data[:used]
            if message.kind != link.CANCEL:
                self._jobs.append(message)
            elif (number := int(str(message.values["job"]))) >= self._current:
                self._cancelled.add(number)  # Else it has ended already.
        return size > 0
