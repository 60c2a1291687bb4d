"""Who is next: shares the time of slots equally among the callers that wait. No I/O.

Start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair Queueing", SIGCOMM 1996, section 2)
with equal weights: next is the caller that has had the least slot time; within one caller, first
come first served. A caller that comes back does not get what it did not use. When the queue is full
the place is taken from whoever holds most of it (Suter, Lakshman, Stiliadis, Choudhury: "Design
Considerations for Supporting TCP with Per-flow Queueing", INFOCOM 1998: longest queue drop).
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

__all__ = ["FairQueue", "FairSlots", "Ticket"]

ItemT = TypeVar("ItemT")

# The weight of the newest request in the mean of the slot time.
_NEWEST = 0.05
# What a request is expected to use before one has ended.
_FIRST_GUESS_SECONDS = 0.1


@dataclass(slots=True, eq=False)
class Ticket(Generic[ItemT]):
    """One request of a caller."""

    caller: str
    item: ItemT
    bounded: bool
    """Whether it takes one of the queue's places, and may lose it."""
    charged_seconds: float = 0.0
    waits: bool = False


@dataclass(slots=True)
class _Caller(Generic[ItemT]):
    used_seconds: float
    waiting: deque[Ticket[ItemT]] = field(default_factory=deque)
    places: int = 0
    running: int = 0


class FairQueue(Generic[ItemT]):
    """The requests that wait for a slot, and what each caller has had."""

    def __init__(self, places: int) -> None:
        self.mean_seconds = _FIRST_GUESS_SECONDS
        """What a request is expected to use of a slot: as much as the last ones."""
        self._places = places
        self._taken_places = 0
        self._waiting = 0
        self._callers: dict[str, _Caller[ItemT]] = {}
        self._virtual_seconds = 0.0

    def __len__(self) -> int:
        return self._waiting

    @property
    def callers(self) -> set[str]:
        """The callers that wait; may be asked on any thread."""
        return {name for name, caller in tuple(self._callers.items()) if caller.waiting}

    def places_of(self, caller: str) -> int:
        """How many places a caller holds."""
        held = self._callers.get(caller)
        return held.places if held is not None else 0

    def add(self, ticket: Ticket[ItemT]) -> Ticket[ItemT] | None:
        """Queues a ticket; returns the one that has to leave for it, which may be itself."""
        loser: Ticket[ItemT] | None = None
        if ticket.bounded and self._taken_places >= self._places:
            loser = self._loser(ticket)
            if loser is ticket:
                return loser
            self.remove(loser)
        caller = self._caller(ticket.caller)
        caller.waiting.append(ticket)
        ticket.waits = True
        caller.places += ticket.bounded
        self._taken_places += ticket.bounded
        self._waiting += 1
        return loser

    def remove(self, ticket: Ticket[ItemT]) -> None:
        """Takes a ticket out, unused; nothing happens when it does not wait any more."""
        if not ticket.waits:
            return
        caller = self._callers[ticket.caller]
        caller.waiting.remove(ticket)
        self._left(caller, ticket)
        self._forget_idle()

    def peek(self) -> Ticket[ItemT]:
        """The ticket that `take` would take."""
        return self._next_caller().waiting[0]

    def take(self) -> Ticket[ItemT]:
        """The next ticket; IndexError when none waits. It runs until `finished`."""
        caller = self._next_caller()
        ticket = caller.waiting.popleft()
        self._left(caller, ticket)
        self._virtual_seconds = max(self._virtual_seconds, caller.used_seconds)
        return ticket

    def started(self, ticket: Ticket[ItemT]) -> None:
        """Charges a ticket that leaves for a slot with what it is expected to use of it."""
        caller = self._caller(ticket.caller)
        caller.running += 1
        caller.used_seconds += self.mean_seconds
        ticket.charged_seconds = self.mean_seconds

    def finished(self, ticket: Ticket[ItemT], seconds: float) -> None:
        """Charges a started ticket with the slot time that it has used."""
        caller = self._callers[ticket.caller]
        caller.running -= 1
        caller.used_seconds += seconds - ticket.charged_seconds
        self.mean_seconds += _NEWEST * (seconds - self.mean_seconds)
        self._forget_idle()

    def _next_caller(self) -> _Caller[ItemT]:
        caller = min(
            (caller for caller in self._callers.values() if caller.waiting),
            key=lambda caller: caller.used_seconds,
            default=None,
        )
        if caller is None:
            raise IndexError("nobody waits")
        return caller

    def _caller(self, name: str) -> _Caller[ItemT]:
        caller = self._callers.get(name)
        if caller is None:
            caller = self._callers[name] = _Caller(self._virtual_seconds)
        elif not caller.waiting and not caller.running:
            caller.used_seconds = max(caller.used_seconds, self._virtual_seconds)
        return caller

    def _left(self, caller: _Caller[ItemT], ticket: Ticket[ItemT]) -> None:
        ticket.waits = False
        caller.places -= ticket.bounded
        self._taken_places -= ticket.bounded
        self._waiting -= 1

    def _loser(self, ticket: Ticket[ItemT]) -> Ticket[ItemT]:
        """The newest of the caller with most places, if that has more than the new one would."""
        greediest = max(self._callers.values(), key=lambda caller: caller.places, default=None)
        if greediest is None or greediest.places <= self.places_of(ticket.caller) + 1:
            return ticket
        return next(waiting for waiting in reversed(greediest.waiting) if waiting.bounded)

    def _forget_idle(self) -> None:
        """Drops callers that owe nothing, so that their number stays bounded."""
        idle = [
            name
            for name, caller in self._callers.items()
            if not caller.waiting and not caller.running
        ]
        all_idle = len(idle) == len(self._callers)
        for name in idle:
            if all_idle or self._callers[name].used_seconds <= self._virtual_seconds:
                del self._callers[name]


class FairSlots:
    """A number of slots, and a queue of any length before them."""

    def __init__(self, slots: int) -> None:
        self._slots = self._free = slots
        self._queue: FairQueue[asyncio.Future[None]] = FairQueue(places=0)

    @asynccontextmanager
    async def slot(self, caller: str) -> AsyncGenerator[None, None]:
        """Waits for a slot, and holds it."""
        ticket = Ticket(caller, asyncio.get_running_loop().create_future(), bounded=False)
        self._queue.add(ticket)
        self._hand_out()
        try:
            await ticket.item
        except asyncio.CancelledError:
            if ticket.item.cancelled():
                self._queue.remove(ticket)
            else:  # It was given a slot at the same moment.
                self._give_back(ticket, 0.0)
            raise
        since = monotonic()
        try:
            yield
        finally:
            self._give_back(ticket, monotonic() - since)

    def resize(self, slots: int) -> None:
        """Has so many slots from now on. Those that are taken beyond it are not given out again."""
        self._free += slots - self._slots
        self._slots = slots
        self._hand_out()

    def _give_back(self, ticket: Ticket[asyncio.Future[None]], seconds: float) -> None:
        self._queue.finished(ticket, seconds)
        self._free += 1
        self._hand_out()

    def _hand_out(self) -> None:
        while self._free > 0 and len(self._queue):
            following = self._queue.take()
            if not following.item.done():  # Else its caller has just gone.
                self._queue.started(following)
                self._free -= 1
                following.item.set_result(None)
