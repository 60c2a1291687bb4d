"""Quotas: the maximum number of samples that a team may have graded in a day, over all replicas.

Samples are taken in blocks. A block is a document in object storage that only one replica can
create, `quotas/NAME/DAY/SIZE/NUMBER`, so the blocks of a day never exceed the quota. The rest of a
block is lost for the day when its replica ends.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import grpc

from rlvf_api.errors import ResourceExhausted
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rpc.context import Principal, principal
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = ["MeteredGrader", "Quotas", "Usage"]

LARGEST_BLOCK = 1_000
_BLOCKS_PER_QUOTA = 50
"""The part of a small quota that is lost at most when a replica ends."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Usage:
    """The samples that a team has taken today."""

    samples_used: int
    renewed_at: datetime


@dataclass(slots=True)
class _Held:
    """The rest of the last block of this replica."""

    day: date = date.min
    left: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Quotas:
    """The quotas of all teams, as one replica sees them."""

    def __init__(self, store: ArtifactStore, now: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._now = now
        self._held: dict[str, _Held] = {}

    async def take(self, who: Principal) -> date:
        """Take one sample; return the day for which it counts. Without a quota nothing is counted.

        Raises:
            ResourceExhausted: the day's quota is used up; it says when the next day begins.
            Unavailable: storage cannot be reached.
        """
        today = self._now().date()
        if not who.samples_per_day:
            return today
        held = self._held.setdefault(who.name, _Held())
        if held.day != today or held.left == 0:
            async with held.lock:
                if held.day != today:
                    held.day, held.left = today, 0
                if held.left == 0:
                    # Added, not set: samples may have been given back meanwhile.
                    held.left += await asyncio.to_thread(self._take_block, who, today)
                held.left -= 1
        else:
            held.left -= 1
        return today

    def give_back(self, who: Principal, day: date) -> None:
        """Undo a `take`: the sample was not graded."""
        held = self._held.get(who.name)
        if who.samples_per_day and held is not None and held.day == day:
            held.left += 1

    async def usage(self, who: Principal) -> Usage:
        """The samples that a team has taken today, on all replicas.

        Raises:
            Unavailable: storage cannot be reached.
        """
        now = self._now()
        used = 0
        if who.samples_per_day:
            blocks = await asyncio.to_thread(self._blocks, who, now.date())
            used = min(who.samples_per_day, sum(blocks))
        return Usage(used, _midnight_after(now))

    def _take_block(self, who: Principal, day: date) -> int:
        """Take a new block; return its number of samples."""
        size = max(1, min(LARGEST_BLOCK, who.samples_per_day // _BLOCKS_PER_QUOTA))
        while True:
            blocks = self._blocks(who, day)
            left = who.samples_per_day - sum(blocks)
            if left <= 0:
                now = self._now()
                renewed_at = _midnight_after(now)
                raise ResourceExhausted(
                    f"the quota of {who.name}, {who.samples_per_day:,} samples a day, is used up; "
                    f"it is renewed at {renewed_at:%Y-%m-%d %H:%M} UTC",
                    renewed_at - now,
                )
            key = f"{_folder(who, day)}{size}/{blocks.count(size):06d}"
            if self._store.create_document(key, b""):
                return min(size, left)

    def _blocks(self, who: Principal, day: date) -> list[int]:
        """The sizes of the blocks that were taken on a day."""
        folder = _folder(who, day)
        keys = self._store.list_documents(folder)
        return [int(key.removeprefix(folder).partition("/")[0]) for key in keys]


class MeteredGrader(Grader):
    """A grader whose gradings count against the quota of the caller."""

    def __init__(self, channel: grpc.aio.Channel, quotas: Quotas) -> None:
        super().__init__(channel)
        self._quotas = quotas

    async def _grade(self, problem: Problem, solution: str, credit: bool) -> Grade:
        """As `Grader._grade`. A sample counts only when it has a slot and is graded.

        Raises:
            ResourceExhausted: the quota of the day is used up.
        """
        who = principal.get()
        day = await self._quotas.take(who)
        try:
            return await super()._grade(problem, solution, credit)
        except BaseException:
            self._quotas.give_back(who, day)
            raise


def _folder(who: Principal, day: date) -> str:
    return f"quotas/{who.name}/{day.isoformat()}/"


def _midnight_after(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), time(), UTC)
