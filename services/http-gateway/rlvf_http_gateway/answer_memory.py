"""Bounds the memory of answers, from when they arrive until the caller has received them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from rlvf_api.errors import Unavailable

__all__ = ["AnswerMemory", "Holding", "holding"]

_MAX_BYTES = 64 << 20
"""Maximum size of all answers in memory, as messages. With their JSON, what it is made of, and what
arrives meanwhile, the gateway has some ten times this in memory."""


class AnswerMemory:
    """The answers that a gateway has in memory. Safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.held_bytes = 0
        """Their size."""

    @contextmanager
    def request(self) -> Iterator[None]:
        """In the block, `holding` counts what belongs to one request."""
        mine = Holding(self)
        holding.set(mine)
        try:
            yield
        finally:
            mine.release()

    def take(self, size: int) -> bool:
        """Count `size` bytes, which may be negative; False if there is no room for them."""
        with self._lock:
            if size > 0 and self.held_bytes + size > _MAX_BYTES:
                return False
            self.held_bytes += size
            return True


class Holding:
    """What one request has in memory. One thread at a time may `add`; any may `release`."""

    def __init__(self, memory: AnswerMemory) -> None:
        self._memory = memory
        self._lock = Lock()
        self._bytes = 0
        self._is_released = False

    def add(self, size: int) -> None:
        """Count an answer that has arrived.

        Raises:
            Unavailable: the gateway has no room for it.
        """
        with self._lock:
            if self._is_released:  # The caller has gone, and the stream is about to end.
                return
            if not self._memory.take(size):
                raise Unavailable(
                    "the gateway has too many large answers in memory; send this request again"
                )
            self._bytes += size

    def release(self) -> None:
        """Count nothing of the request any more, now and later."""
        with self._lock:
            self._memory.take(-self._bytes)
            self._bytes, self._is_released = 0, True


holding: ContextVar[Holding] = ContextVar("holding")
"""That of the request being served."""
