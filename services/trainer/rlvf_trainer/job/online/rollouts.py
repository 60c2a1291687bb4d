"""Hands the groups of each step to the trainer. They are drawn on a thread of their own, ahead of
training if that is allowed."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from time import monotonic
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from rlvf.artifact.v1 import artifact_pb2
from rlvf_trainer.job.online.samples import Group
from rlvf_trainer.job.online.schedule import Schedule

__all__ = ["Loop", "Rollouts", "Source"]

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")


class Source(Protocol):
    """Draws the answers of a step."""

    async def step(self, step: int, adapter: artifact_pb2.ArtifactRef | None) -> list[Group]:
        """See `Drawing.step`."""


class Loop:
    """An event loop that runs on a thread of its own while this is entered."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="rollouts", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        async def cancel_all() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.run(cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def start(self, work: Coroutine[Any, Any, ResultT]) -> "Future[ResultT]":
        """Start `work` on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run `work` on the loop, and return its result or raise its error."""
        return self.start(work).result()


class Rollouts:
    """The answers of each step, drawn with the adapter that the schedule names."""

    def __init__(
        self,
        source: Source,
        schedule: Schedule,
        adapter_of: Callable[[int], artifact_pb2.ArtifactRef | None],
        loop: Loop,
        *,
        ahead: bool,
    ) -> None:
        """`adapter_of` gives the adapter after a finished step. `ahead` says whether the next step
        is drawn while one is trained."""
        self._source = source
        self._schedule = schedule
        self._adapter_of = adapter_of
        self._loop = loop
        self._ahead = ahead
        self._begun: dict[int, Future[list[Group]]] = {}

    def take(self, step: int) -> list[Group]:
        """The groups of a step; waits for them. Raises what `Drawing.step` raises."""
        began = monotonic()
        groups = self._begin(step).result()
        del self._begun[step]
        log.info("waited %.2f s for the answers of step %d", monotonic() - began, step)
        if self._ahead and step < self._schedule.total_steps:
            self._begin(step + 1)
        return groups

    def first(self) -> list[Group]:
        """The groups of the first step, also in a run that is resumed at a later one."""
        return self._loop.run(self._source.step(1, self._adapter_of(0)))

    def _begin(self, step: int) -> "Future[list[Group]]":
        if step not in self._begun:
            adapter = self._adapter_of(self._schedule.sampled_with(step))
            self._begun[step] = self._loop.start(self._source.step(step, adapter))
        return self._begun[step]
