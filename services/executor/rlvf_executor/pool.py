"""All slots of an executor: a fair, bounded queue in front, replacement of slots that die."""

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from time import monotonic
from typing import NamedTuple, TypeAlias

from rlvf_common.channels import deadline
from rlvf_common.errors import DeadlineExceeded, ResourceExhausted, RlvfError, Unavailable
from rlvf_common.fair_queue import FairQueue, Ticket
from rlvf_common.telemetry import fields
from rlvf_executor import metrics
from rlvf_executor.link import UNAVAILABLE, Message
from rlvf_executor.slot import Slot, SlotDied

log = logging.getLogger(__name__)

# A job whose slot dies under it is run on another so many times.
_ATTEMPTS = 3
_LONGEST_RESTART_PAUSE_SECONDS = 30.0
_SHORTEST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 0.1, 60.0


class _Wait(NamedTuple):
    slot: "asyncio.Future[Slot]"
    until: float
    """The caller's deadline, by `time.monotonic`."""


_Ticket: TypeAlias = Ticket[_Wait]


class Pool:
    """Runs each job on a slot; callers get equal shares of the slots' time."""

    def __init__(self, slots: Sequence[Slot], *, queue: int) -> None:
        self._slots = tuple(slots)
        self._free = deque(slots)
        self._queue: FairQueue[_Wait] = FairQueue(queue)
        self._started: dict[_Ticket, float] = {}
        self._repairs: set[asyncio.Task[None]] = set()
        metrics.SLOTS.set(len(slots))
        metrics.SLOTS_BUSY.set_function(lambda: len(self._started))
        metrics.QUEUE_LENGTH.set_function(lambda: len(self._queue))
        metrics.CALLERS_WAITING.set_function(lambda: self._queue.callers)

    async def run(self, message: Message, *, caller: str = "", patient: bool = False) -> Message:
        """Runs one job for `caller`; cancelling this kills it.

        A `patient` job may wait even when the queue is full: for callers that bound what they have
        waiting.

        Raises:
            ResourceExhausted: the queue is full, and this caller has its share of it.
            DeadlineExceeded: the caller's deadline passed in the queue; the job has not run.
            Unavailable: the sandbox failed several times.
        """
        reason = ""
        until = deadline.get()
        for attempt in range(_ATTEMPTS):
            wait = _Wait(
                asyncio.get_running_loop().create_future(), math.inf if until is None else until
            )
            # A job that was taken in once is not refused when it has to wait again.
            ticket = Ticket(caller, wait, bounded=not patient and attempt == 0)
            slot = await self._acquire(ticket)
            try:
                answer = await slot.run(message)
            except SlotDied as error:
                reason = str(error)
                self._in_background(self._replace(slot, reason, ticket))
            except BaseException:
                self._in_background(self._cancel(slot, ticket))
                raise
            else:
                self._give_back(slot, ticket)
                if answer.kind != UNAVAILABLE:
                    return answer
                reason = str(answer.values["reason"])
        raise Unavailable(f"the sandbox failed {_ATTEMPTS} times, last: {reason}")

    async def close(self) -> None:
        """Ends all slots."""
        for task in self._repairs:
            task.cancel()
        await asyncio.gather(*(slot.stop() for slot in self._slots))

    async def _acquire(self, ticket: _Ticket) -> Slot:
        """Waits for a slot and starts the ticket on it."""
        if self._free:  # Nobody waits while a slot is free.
            metrics.QUEUE_SECONDS.observe(0.0)
            self._start(ticket)
            return self._free.popleft()
        self._enqueue(ticket)
        since = monotonic()
        try:
            slot = await ticket.item.slot
        except asyncio.CancelledError:
            if ticket in self._started:  # It was given a slot at the same moment.
                self._give_back(ticket.item.slot.result(), ticket)
            else:
                self._queue.remove(ticket)
            raise
        metrics.QUEUE_SECONDS.observe(monotonic() - since)
        return slot

    def _enqueue(self, ticket: _Ticket) -> None:
        loser = self._queue.add(ticket)
        if loser is None:
            return
        metrics.REFUSED.inc()
        refusal = ResourceExhausted(
            f"{len(self._queue)} requests are waiting, as many as may; {loser.caller!r} has "
            f"{self._queue.places_of(loser.caller)} of them",
            self._retry_after(loser.caller),
        )
        if loser is ticket:
            raise refusal
        _fail(loser, refusal)

    def _retry_after(self, caller: str) -> timedelta:
        """When the caller's waiting requests will be done, at the rate of now and its share."""
        now = monotonic()
        running = [now - started for started in self._started.values()]
        # Jobs that are long and have not ended yet count too.
        seconds = max(self._queue.mean_seconds, sum(running) / len(running) if running else 0.0)
        waiting = max(1, self._queue.places_of(caller)) * max(1, self._queue.callers)
        return timedelta(
            seconds=min(
                max(_SHORTEST_RETRY_SECONDS, seconds * waiting / len(self._slots)),
                _LONGEST_RETRY_SECONDS,
            )
        )

    def _start(self, ticket: _Ticket) -> None:
        self._queue.started(ticket)
        self._started[ticket] = monotonic()

    def _end(self, ticket: _Ticket) -> None:
        seconds = monotonic() - self._started.pop(ticket)
        self._queue.finished(ticket, seconds)
        metrics.SLOT_SECONDS.observe(seconds)

    def _give_back(self, slot: Slot, ticket: _Ticket | None) -> None:
        """Ends the ticket that a slot ran, and hands the slot to the next one."""
        if ticket is not None:
            self._end(ticket)
        now = monotonic()
        while len(self._queue):
            following = self._queue.take()
            if following.item.until <= now:
                _fail(following, DeadlineExceeded("the deadline passed in the queue"))
            elif not following.item.slot.done():  # Else its caller has just gone.
                self._start(following)
                following.item.slot.set_result(slot)
                return
        self._free.append(slot)

    def _in_background(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._repairs.add(task)
        task.add_done_callback(self._repairs.discard)

    async def _cancel(self, slot: Slot, ticket: _Ticket) -> None:
        try:
            await slot.cancel()
        except SlotDied as error:
            await self._replace(slot, str(error), ticket)
        else:
            self._give_back(slot, ticket)

    async def _replace(self, slot: Slot, reason: str, ticket: _Ticket) -> None:
        log.warning("a slot died and is replaced", extra=fields(reason=reason))
        self._end(ticket)
        pause = 0.1
        while True:
            with contextlib.suppress(OSError):
                await slot.stop()
            try:
                await slot.start()
            except (SlotDied, OSError) as error:
                log.error("a slot cannot be started", extra=fields(reason=str(error)))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_RESTART_PAUSE_SECONDS)
            else:
                metrics.SLOT_RESTARTS.inc()
                self._give_back(slot, None)
                return


def _fail(ticket: _Ticket, error: RlvfError) -> None:
    """Ends a ticket's waiting; its caller may have gone at the same moment."""
    if not ticket.item.slot.done():
        ticket.item.slot.set_exception(error)
