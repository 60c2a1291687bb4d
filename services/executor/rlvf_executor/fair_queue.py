"""Who is next: shares the slots' time equally among the callers that wait. No I/O.

Start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair Queueing", SIGCOMM 1996, section 2)
with equal weights: next is the caller that has had the least slot time; within one caller, first
come first served. A caller that comes back does not get what it did not use. When the queue is full
the place is taken from whoever holds most of it (Suter, Lakshman, Stiliadis, Choudhury: "Design
Considerations for Supporting TCP with Per-flow Queueing", INFOCOM 1998: longest queue drop).
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


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
        self._places = places
        self._taken_places = 0
        self._waiting = 0
        self._callers: dict[str, _Caller[ItemT]] = {}
        self._virtual_seconds = 0.0

    def __len__(self) -> int:
        return self._waiting

    @property
    def callers(self) -> int:
        """How many callers wait; may be asked on any thread."""
        return sum(bool(caller.waiting) for caller in tuple(self._callers.values()))

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

    def take(self) -> Ticket[ItemT]:
        """The next ticket; IndexError when none waits. It runs until `finished`."""
        caller = min(
            (caller for caller in self._callers.values() if caller.waiting),
            key=lambda caller: caller.used_seconds,
            default=None,
        )
        if caller is None:
            raise IndexError("nobody waits")
        ticket = caller.waiting.popleft()
        self._left(caller, ticket)
        self._virtual_seconds = max(self._virtual_seconds, caller.used_seconds)
        return ticket

    def started(self, ticket: Ticket[ItemT], expected_seconds: float) -> None:
        """Charges a ticket that leaves for a slot with what it is expected to use of it."""
        caller = self._caller(ticket.caller)
        caller.running += 1
        caller.used_seconds += expected_seconds
        ticket.charged_seconds = expected_seconds

    def finished(self, ticket: Ticket[ItemT], seconds: float) -> None:
        """Charges a started ticket with the slot time that it has used."""
        caller = self._callers[ticket.caller]
        caller.running -= 1
        caller.used_seconds += seconds - ticket.charged_seconds
        self._forget_idle()

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
