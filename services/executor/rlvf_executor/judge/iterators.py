"""A candidate's iterator as a test in the judge sees it: its items are requested when needed.

The first ones are requested one at a time, as Python does, because the next item may take for ever
and the test may not need it. After some hundreds, several are requested at once, because a request
costs hundreds of times as much as an item. Otherwise it behaves like Python's iterators: it equals
only itself, has no length, and is true.
"""

from collections import deque
from collections.abc import Callable
from typing import Self

from rlvf_executor.contract import policy

_ONE_BY_ONE = 256
_MAX_AHEAD = 1000
_MAX_AHEAD_BYTES = policy.MIB
_MAX_SHOWN = 12

Take = Callable[[int, int], tuple[list[object], int]]
"""Called with the maximum number of items and their maximum size in bytes. Returns the next items
and their size in bytes. The list is empty at the end of the iterator."""


class RemoteIterator:
    """An iterator in the candidate's process."""

    __slots__ = ("handle", "shown", "size", "take", "taken", "text", "waiting")

    def __init__(self, handle: object, text: str, take: Take) -> None:
        self.handle = handle
        self.text = text
        self.take = take
        self.taken = 0
        self.size = 0
        """Size of the items that were requested, in bytes; its maximum is that of a list."""
        self.waiting: deque[object] = deque()
        self.shown: list[object] = []
        """The first items that were taken, for people."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> object:
        if not self.waiting:
            items, size = self.take(self._wanted(), policy.MAX_VALUE_BYTES - self.size)
            if not items:
                raise StopIteration
            self.size += size
            self.waiting.extend(items)
        self.taken += 1
        item = self.waiting.popleft()
        if len(self.shown) < _MAX_SHOWN:
            self.shown.append(item)
        return item

    def _wanted(self) -> int:
        if self.taken < _ONE_BY_ONE:
            return 1
        fitting = _MAX_AHEAD_BYTES * self.taken // self.size
        return max(1, min(self.taken // 4, _MAX_AHEAD, fitting))

    def __getattr__(self, name: str) -> object:
        return getattr(self.handle, name)

    def __repr__(self) -> str:
        return f"<{self.text}>"
