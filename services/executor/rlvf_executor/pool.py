"""All slots of an executor: a bounded queue in front, replacement of slots that die."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from datetime import timedelta

from rlvf_common.errors import ResourceExhausted, Unavailable
from rlvf_common.telemetry import fields
from rlvf_executor.link import UNAVAILABLE, Message
from rlvf_executor.slot import Slot, SlotDied

log = logging.getLogger(__name__)

# A job whose slot dies under it is run on another so many times.
_ATTEMPTS = 3
_LONGEST_RESTART_PAUSE_SECONDS = 30.0


class Pool:
    """Runs each job on the first slot that is free, first come first served."""

    def __init__(self, slots: Sequence[Slot], *, queue: int) -> None:
        self._slots = tuple(slots)
        self._free = deque(slots)
        self._places = asyncio.Semaphore(len(slots))
        self._queue = queue
        self._waiting = 0
        self._repairs: set[asyncio.Task[None]] = set()

    @property
    def size(self) -> int:
        """Number of slots."""
        return len(self._slots)

    async def run(self, message: Message, *, patient: bool = False) -> Message:
        """Runs one job; cancelling this kills it.

        A `patient` job may wait even when the queue is full: for callers that bound what they have
        waiting.

        Raises:
            ResourceExhausted: the queue is full.
            Unavailable: the sandbox failed several times.
        """
        if not patient and self._places.locked() and self._waiting >= self._queue:
            raise ResourceExhausted(
                f"{self._waiting} requests are waiting, as many as may", timedelta(seconds=1)
            )
        reason = ""
        for _ in range(_ATTEMPTS):
            self._waiting += 1
            try:
                await self._places.acquire()
            finally:
                self._waiting -= 1
            slot = self._free.popleft()
            try:
                answer = await slot.run(message)
            except SlotDied as error:
                reason = str(error)
                self._in_background(self._replace(slot, reason))
            except BaseException:
                self._in_background(self._cancel(slot))
                raise
            else:
                self._give_back(slot)
                if answer.kind != UNAVAILABLE:
                    return answer
                reason = str(answer.values["reason"])
        raise Unavailable(f"the sandbox failed {_ATTEMPTS} times, last: {reason}")

    async def close(self) -> None:
        """Ends all slots."""
        for task in self._repairs:
            task.cancel()
        await asyncio.gather(*(slot.stop() for slot in self._slots))

    def _give_back(self, slot: Slot) -> None:
        self._free.append(slot)
        self._places.release()

    def _in_background(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._repairs.add(task)
        task.add_done_callback(self._repairs.discard)

    async def _cancel(self, slot: Slot) -> None:
        try:
            await slot.cancel()
        except SlotDied as error:
            await self._replace(slot, str(error))
        else:
            self._give_back(slot)

    async def _replace(self, slot: Slot, reason: str) -> None:
        log.warning("a slot died and is replaced", extra=fields(reason=reason))
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
                self._give_back(slot)
                return
