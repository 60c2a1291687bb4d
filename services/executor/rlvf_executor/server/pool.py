"""All slots, in the server: a fair, bounded queue before them; slots that die are replaced."""

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TypeAlias

from rlvf_api.errors import DeadlineExceeded, ResourceExhausted, RlvfError, Unavailable
from rlvf_common.rpc.context import deadline
from rlvf_common.rpc.fair_queue import FairQueue, Ticket
from rlvf_common.rpc.retry import retried
from rlvf_common.rpc.telemetry import fields
from rlvf_executor.contract.link import UNAVAILABLE, Message
from rlvf_executor.server import metrics
from rlvf_executor.server.slot import SentJob, Slot, SlotDied

log = logging.getLogger(__name__)

# A job whose slot dies is tried up to this many times.
_ATTEMPTS = 3
_LONGEST_RESTART_PAUSE = timedelta(seconds=30)
# After this time a job counts as long: no other is sent to its slot, and those waiting there move.
_SHORT_SECONDS = 0.05
_SHORTEST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 0.1, 60.0


@dataclass(slots=True, eq=False)
class _Request:
    """A job that waits for a slot, or is on one."""

    message: Message
    answer: asyncio.Future[Message]
    until: float
    """The caller's deadline, by `time.monotonic`."""
    patient: bool
    since: float
    slot: Slot | None = None
    job: SentJob | None = None
    began: float | None = None
    """When its slot began it."""

    def seconds(self) -> float:
        """How long it has run."""
        return monotonic() - self.began if self.began is not None else 0.0


_Ticket: TypeAlias = Ticket[_Request]


class Pool:
    """Runs each job on a slot; callers get equal shares of the slots' time.

    While jobs are short, a slot is sent the next one of a batch before it has ended the current
    one, so that it does not wait for the server in between. If the current one turns out to be
    long, the next free slot takes the other.
    """

    def __init__(self, slots: Sequence[Slot], *, queue: int) -> None:
        # The jobs sent to each slot: the first one runs.
        self._sent: dict[Slot, list[_Ticket]] = {slot: [] for slot in slots}
        self._free = deque(slots)
        self._lost: set[Slot] = set()
        self._queue: FairQueue[_Request] = FairQueue(queue)
        self._repairs: set[asyncio.Task[None]] = set()
        metrics.SLOTS.set(len(slots))
        metrics.SLOTS_BUSY.set_function(lambda: sum(map(bool, self._sent.values())))
        metrics.QUEUE_LENGTH.set_function(lambda: len(self._queue) + len(self._ahead()))
        metrics.CALLERS_WAITING.set_function(lambda: len(self._queue.callers.union(self._ahead())))

    async def run(self, message: Message, *, caller: str = "", patient: bool = False) -> Message:
        """Runs one job for `caller`; cancelling this kills it.

        A `patient` job may wait even when the queue is full: for callers that limit how many jobs
        they have waiting.

        Raises:
            ResourceExhausted: the queue is full, and this caller has used its share of it.
            DeadlineExceeded: the caller's deadline passed in the queue; the job has not run.
            Unavailable: the sandbox failed several times.
        """
        reason = ""
        until = deadline.get()
        loop = asyncio.get_running_loop()
        attempts = 0
        taken_in = False
        while attempts < _ATTEMPTS:
            request = _Request(
                message,
                loop.create_future(),
                math.inf if until is None else until,
                patient,
                monotonic(),
            )
            # A job that was accepted once is not refused when it has to wait again.
            ticket = Ticket(caller, request, bounded=not patient and not taken_in)
            self._add(ticket)
            taken_in = True
            try:
                answer = await request.answer
            except SlotDied as error:
                reason = str(error)
                self._replace_slot_of(ticket, reason)
                attempts += request.began is not None  # Else it died during another job.
            except asyncio.CancelledError:
                self._give_up(ticket)
                raise
            else:
                self._end(ticket)
                if answer.kind != UNAVAILABLE:
                    return answer
                reason = str(answer.values["reason"])
                attempts += 1
        raise Unavailable(f"the sandbox failed {_ATTEMPTS} times, last: {reason}")

    async def close(self) -> None:
        """Ends all slots."""
        for task in self._repairs:
            task.cancel()
        await asyncio.gather(*(slot.stop() for slot in self._sent))

    def _add(self, ticket: _Ticket) -> None:
        """Queues a ticket, or sends it to a slot if one is free. Raises ResourceExhausted."""
        if self._free:  # Nobody waits while a slot is free.
            self._send(self._free.popleft(), ticket)
            return
        self._enqueue(ticket)
        if len(self._queue) == 1 and ticket.item.patient:
            for slot in self._sent:
                self._send_ahead(slot)
                if not ticket.waits:
                    break

    def _ahead(self) -> list[str]:
        """The callers of the jobs that wait on their slot; may be called from any thread."""
        return [ticket.caller for sent in self._sent.values() for ticket in sent[1:]]

    def _enqueue(self, ticket: _Ticket) -> None:
        loser = self._queue.add(ticket)
        if loser is None:
            return
        metrics.REFUSED.inc()
        refusal = ResourceExhausted(
            f"{len(self._queue)} requests are waiting, the maximum; {loser.caller!r} has "
            f"{self._queue.places_of(loser.caller)} of them",
            self._retry_after(loser.caller),
        )
        if loser is ticket:
            raise refusal
        _fail(loser, refusal)

    def _retry_after(self, caller: str) -> timedelta:
        """When the caller's waiting requests will be done, at the current rate and its share."""
        running = [sent[0].item.seconds() for sent in self._sent.values() if sent]
        # Long jobs that still run count too.
        seconds = max(self._queue.mean_seconds, sum(running) / len(running) if running else 0.0)
        waiting = max(1, self._queue.places_of(caller)) * max(1, len(self._queue.callers))
        return timedelta(
            seconds=min(
                max(_SHORTEST_RETRY_SECONDS, seconds * waiting / len(self._sent)),
                _LONGEST_RETRY_SECONDS,
            )
        )

    def _send(self, slot: Slot, ticket: _Ticket) -> None:
        """Sends a ticket's job to a slot that has one job or none."""
        request = ticket.item
        self._queue.started(ticket)
        self._sent[slot].append(ticket)
        request.slot = slot
        request.job = slot.send(request.message, request.answer)
        if len(self._sent[slot]) == 1:
            self._begin(ticket)

    @staticmethod
    def _begin(ticket: _Ticket) -> None:
        request = ticket.item
        request.began = monotonic()
        metrics.QUEUE_SECONDS.observe(request.began - request.since)

    def _take_off(self, ticket: _Ticket) -> Slot:
        """Takes a ticket off its slot, and charges its caller for the time used."""
        slot = ticket.item.slot
        assert slot is not None
        sent = self._sent[slot]
        sent.remove(ticket)
        seconds = ticket.item.seconds()
        self._queue.finished(ticket, seconds)
        if ticket.item.began is not None:
            metrics.SLOT_SECONDS.observe(seconds)
            if sent and slot not in self._lost:
                self._begin(sent[0])
        return slot

    def _end(self, ticket: _Ticket) -> None:
        """Takes an ended ticket off its slot, and fills the slot."""
        self._fill(self._take_off(ticket))

    def _fill(self, slot: Slot) -> None:
        """Sends a slot the jobs that it has room for."""
        if slot in self._lost:
            return
        if not self._sent[slot]:
            following = self._taken_back(_SHORT_SECONDS) or self._next() or self._taken_back(0.0)
            if following is None:
                self._free.append(slot)
                return
            self._send(slot, following)
        self._send_ahead(slot)

    def _send_ahead(self, slot: Slot) -> None:
        """Sends a slot the next job ahead, if the one that it runs has been short so far."""
        sent = self._sent[slot]
        if len(sent) == 1 and slot not in self._lost and sent[0].item.seconds() < _SHORT_SECONDS:
            following = self._taken_back(_SHORT_SECONDS) or self._next(only_patient=True)
            if following is not None:
                self._send(slot, following)

    def _next(self, *, only_patient: bool = False) -> _Ticket | None:
        """Takes the next ticket whose caller still waits out of the queue, if there is one."""
        now = monotonic()
        while len(self._queue):
            if only_patient and not self._queue.peek().item.patient:
                break
            following = self._queue.take()
            if following.item.until <= now:
                _fail(following, DeadlineExceeded("the deadline passed in the queue"))
            elif not following.item.answer.done():  # Else its caller has gone.
                return following
        return None

    def _taken_back(self, seconds: float) -> _Ticket | None:
        """Withdraws a job that waits on its slot behind one that has run for `seconds`, if any."""
        for slot, sent in self._sent.items():
            first = sent[0].item if len(sent) > 1 else None
            if first is None or first.answer.done() or first.seconds() < seconds:
                continue
            ticket = sent[-1]
            assert ticket.item.job is not None
            if slot.withdraw(ticket.item.job) is not None:
                self._take_off(ticket)
                return ticket
        return None

    def _give_up(self, ticket: _Ticket) -> None:
        """Removes or kills a job whose caller no longer waits."""
        request = ticket.item
        if request.slot is None or request.job is None:
            self._queue.remove(ticket)
        elif self._sent[request.slot][0] is ticket:
            self._in_background(self._cancel(ticket, request.slot, request.job))
        else:
            request.slot.withdraw(request.job)
            self._end(ticket)

    async def _cancel(self, ticket: _Ticket, slot: Slot, job: SentJob) -> None:
        try:
            await slot.cancel(job)
        except SlotDied as error:
            self._replace_slot_of(ticket, str(error))
        else:
            self._end(ticket)

    def _replace_slot_of(self, ticket: _Ticket, reason: str) -> None:
        slot = ticket.item.slot
        assert slot is not None
        if slot not in self._lost:
            self._lost.add(slot)
            log.warning("a slot died and will be replaced", extra=fields(reason=reason))
            self._in_background(self._replace(slot))
        self._take_off(ticket)

    def _in_background(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._repairs.add(task)
        task.add_done_callback(self._repairs.discard)

    async def _replace(self, slot: Slot) -> None:
        async def restart() -> None:
            with contextlib.suppress(OSError):
                await slot.stop()
            await slot.start()

        await retried(
            restart,
            on=(SlotDied, OSError),
            longest_pause=_LONGEST_RESTART_PAUSE,
            before_retry=lambda error: log.error(
                "a slot cannot be started", extra=fields(reason=str(error))
            ),
        )
        metrics.SLOT_RESTARTS.inc()
        self._lost.remove(slot)
        self._fill(slot)


def _fail(ticket: _Ticket, error: RlvfError) -> None:
    """Answers a ticket with an error, unless its caller has gone meanwhile."""
    if not ticket.item.answer.done():
        ticket.item.answer.set_exception(error)
