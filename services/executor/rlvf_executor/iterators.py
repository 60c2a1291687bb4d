"""An iterator of the candidate's, as a test sees it: each item is asked for when it is wanted.

One at a time, as Python takes them: what an iterator does for its next item may take for ever where
the test never wants that. In all else it is as Python's iterators are: it equals itself only, has
no length, and is true.
"""

from collections.abc import Callable
from typing import Self

from rlvf_executor import policy

_MOST_SHOWN = 12

Take = Callable[[int], tuple[object, int]]
"""Gives the next item and its size in bytes, which may be at most so many; raises StopIteration
after the last item."""


class RemoteIterator:
    """An iterator in the candidate's process."""

    __slots__ = ("handle", "room", "shown", "take", "text")

    def __init__(self, handle: object, text: str, take: Take) -> None:
        self.handle = handle
        self.text = text
        self.take = take
        self.room = policy.MAX_VALUE_BYTES
        """How many bytes more the items may take, together as much as a list of them might."""
        self.shown: list[object] = []
        """The first items that were taken, for people."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> object:
        item, size = self.take(self.room)
        self.room -= size
        if len(self.shown) < _MOST_SHOWN:
            self.shown.append(item)
        return item

    def __getattr__(self, name: str) -> object:
        return getattr(self.handle, name)

    def __repr__(self) -> str:
        return f"<{self.text}>"
