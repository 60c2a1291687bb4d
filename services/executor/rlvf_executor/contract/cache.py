"""A cache with a maximum size in bytes, for all processes. Standard library only."""

from collections import OrderedDict
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


class Cache(Generic[ValueT]):
    """Keeps the most recently used values, by digest."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[bytes, tuple[ValueT, int]] = OrderedDict()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._entries

    def __getitem__(self, digest: bytes) -> ValueT:
        """The value, marked as used most recently. Raises KeyError."""
        self._entries.move_to_end(digest)
        return self._entries[digest][0]

    def keep(self, digest: bytes, value: ValueT, size_bytes: int) -> None:
        """Adds or replaces a value, then drops the least recently used until the cache fits.

        A value larger than the whole cache is itself dropped.
        """
        if digest in self._entries:
            self._bytes -= self._entries.pop(digest)[1]
        self._entries[digest] = (value, size_bytes)
        self._bytes += size_bytes
        while self._bytes > self._max_bytes:
            _, (_, dropped_bytes) = self._entries.popitem(last=False)
            self._bytes -= dropped_bytes
