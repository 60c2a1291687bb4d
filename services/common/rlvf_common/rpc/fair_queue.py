"""A queue that shares the time of slots equally among the waiting callers. No I/O.

Start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair Queueing", SIGCOMM 1996, section 2)
with equal weights: next is the caller that has used the least slot time; requests of one caller are
served in order. Time that a caller did not use while it was away is not kept for it. A full queue
drops a request of the caller with the most places (Suter, Lakshman, Stiliadis, Choudhury: "Design
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

# The weight of the newest request in the running mean of slot times.
_NEWEST = 0.05
# The expected slot time until a request has ended.
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
    """The requests that wait for a slot, and the slot time that each caller has used."""

    def __init__(self, places: int) -> None:
        self.mean_seconds = _FIRST_GUESS_SECONDS
        """The expected slot time of a request: the running mean of the last ones."""
        self._places = places
        self._taken_places = 0
        self._waiting = 0
        self._callers: dict[str, _Caller[ItemT]] = {}
        self._virtual_seconds = 0.0

    def __len__(self) -> int:
        return self._waiting

    @property
    def callers(self) -> set[str]:
        """The waiting callers; may be called from any thread."""
        return {name for name, caller in tuple(self._callers.items()) if caller.waiting}

    def places_of(self, caller: str) -> int:
        """How many places a caller holds."""
        held = self._callers.get(caller)
        return held.places if held is not None else 0

    def add(self, ticket: Ticket[ItemT]) -> Ticket[ItemT] | None:
        """Queues a ticket; returns the ticket that is dropped for it, maybe itself, if any is."""
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
        """Removes a ticket unused; does nothing if it does not wait."""
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
        """Charges a ticket that gets a slot for its expected slot time."""
        caller = self._caller(ticket.caller)
        caller.running += 1
        caller.used_seconds += self.mean_seconds
        ticket.charged_seconds = self.mean_seconds

    def finished(self, ticket: Ticket[ItemT], seconds: float) -> None:
        """Corrects the charge of a started ticket to the slot time that it has used."""
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
        """The newest ticket of the caller with the most places, if it has more than the new
        ticket's caller would have."""
        greediest = max(self._callers.values(), key=lambda caller: caller.places, default=None)
        if greediest is None or greediest.places <= self.places_of(ticket.caller) + 1:
            return ticket
        return next(waiting for waiting in reversed(greediest.waiting) if waiting.bounded)

    def _forget_idle(self) -> None:
        """Drops callers without a charge, so that their number stays bounded."""
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
    """A number of slots, and an unbounded queue before them."""

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
            else:  # It got a slot at the same moment.
                self._give_back(ticket, 0.0)
            raise
        since = monotonic()
        try:
            yield
        finally:
            self._give_back(ticket, monotonic() - since)

    def resize(self, slots: int) -> None:
        """Changes the number of slots. If there are fewer now, slots in use are not reused."""
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
            if not following.item.done():  # Else its caller has gone.
                self._queue.started(following)
                self._free -= 1
                following.item.set_result(None)
