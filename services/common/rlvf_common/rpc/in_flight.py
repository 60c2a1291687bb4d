"""Limits how many things, such as calls or uploads, and how many bytes each caller has at one
time."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rlvf_api.errors import ResourceExhausted

__all__ = ["InFlight", "InHand"]


class InFlight:
    """Counts things of one kind, `what` in the plural, by caller."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._counts: Counter[str] = Counter()

    @contextmanager
    def counted(self, who: str, at_most: int | None) -> Iterator[None]:
        """Count one of `who` while the block lasts.

        Raises:
            ResourceExhausted: there are `at_most` already; None is no limit.
        """
        if at_most is not None and self._counts[who] >= at_most:
            raise ResourceExhausted(
                f"{who} has {at_most} {self._what} at one time, the maximum; end one first"
            )
        self._counts[who] += 1
        try:
            yield
        finally:
            self._counts[who] -= 1
            if not self._counts[who]:
                del self._counts[who]


@dataclass(slots=True)
class _Hand:
    """What one caller has in hand, and its messages that wait for room, in their order."""

    held_bytes: int = 0
    waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque)


class InHand:
    """Counts the bytes of received messages by caller, until their work is done.

    A caller has at most `max_bytes`, or one message that is larger.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._hands: defaultdict[str, _Hand] = defaultdict(_Hand)

    async def take(self, who: str, size: int) -> None:
        """Wait until there is room for a message of `size` bytes; `give_back` ends its count."""
        hand = self._hands[who]
        if not hand.waiting and self._has_room(hand, size):
            hand.held_bytes += size
            return
        turn = asyncio.get_running_loop().create_future()
        hand.waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            # `give_back` removes it from those that wait.
            self.give_back(who, 0 if turn.cancelled() else size)
            raise

    def give_back(self, who: str, size: int) -> None:
        """The work of a message is done."""
        hand = self._hands[who]
        hand.held_bytes -= size
        while hand.waiting:
            following, turn = hand.waiting[0]
            if not turn.cancelled():
                if not self._has_room(hand, following):
                    break
                hand.held_bytes += following
                turn.set_result(None)
            hand.waiting.popleft()
        if not hand.held_bytes and not hand.waiting:
            del self._hands[who]

    @contextmanager
    def counted(self, who: str, size: int, *, bounded: bool) -> Iterator[None]:
        """Count a message while the block lasts.

        Raises:
            ResourceExhausted: it is `bounded`, and there is no room for it.
        """
        hand = self._hands[who]
        if bounded and not self._has_room(hand, size):
            raise ResourceExhausted(
                f"{who} has requests of {hand.held_bytes} bytes at one time, and one of {size} "
                f"more exceeds the maximum of {self._max_bytes}; wait for an answer first"
            )
        hand.held_bytes += size
        try:
            yield
        finally:
            self.give_back(who, size)

    def _has_room(self, hand: _Hand, size: int) -> bool:
        return not hand.held_bytes or hand.held_bytes + size <= self._max_bytes
