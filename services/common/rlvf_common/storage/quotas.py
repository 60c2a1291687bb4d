"""Enforces quotas: how much of each resource a team may use in a day, over all replicas and
services.

A replica takes a quota in blocks. A block is a document in object storage that only one replica can
create, `quotas/NAME/DAY/RESOURCE/SIZE/NUMBER`, so the blocks of a day never exceed the quota. The
rest of a block is lost for the day when its replica ends. Work is admitted while something is left,
and charged when its use is known: work that has begun is finished, and use beyond a block is taken
from the next one.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from rlvf_api.errors import ResourceExhausted
from rlvf_common.rpc.context import Principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = ["Quotas", "Usage"]

_BLOCKS_PER_QUOTA = 100
"""A block is this part of a quota, the most that is lost when a replica ends."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a team has taken of a resource today."""

    resource: Resource
    per_day: int
    used: int


@dataclass(slots=True)
class _Held:
    """What is left of this replica's blocks; negative if more was used than they had."""

    day: date = date.min
    left: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Quotas:
    """The quotas of all teams, as one replica sees them."""

    def __init__(self, store: ArtifactStore, now: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._now = now
        self._held: dict[tuple[str, Resource], _Held] = {}

    async def admit(self, who: Principal, resource: Resource) -> date:
        """Check that work may begin now; return the day to which it is charged.

        Raises:
            ResourceExhausted: the day's quota is used up; it says when the next day begins.
            Unavailable: storage cannot be reached.
        """
        today = self._now().date()
        if resource not in who.quotas:
            return today
        held = self._held.setdefault((who.name, resource), _Held())
        if held.day != today or held.left <= 0:
            async with held.lock:
                if held.day != today:
                    held.day, held.left = today, 0.0
                while held.left <= 0:
                    size = await asyncio.to_thread(self._take_block, who, resource, today)
                    # Read only now, because charges may have come meanwhile.
                    held.left += size
        return today

    def charge(self, who: Principal, resource: Resource, day: date, amount: float) -> None:
        """Charge work that `admit` has admitted for `day`; a negative amount is given back."""
        held = self._held.get((who.name, resource))
        if held is not None and held.day == day:
            held.left -= amount

    def charge_today(self, who: Principal, resource: Resource, amount: float) -> None:
        """Charge work that is done, whether or not it was admitted here. The next `admit` takes the
        blocks for it."""
        if resource not in who.quotas:
            return
        held = self._held.setdefault((who.name, resource), _Held())
        if held.day != (today := self._now().date()):
            held.day, held.left = today, 0.0
        held.left -= amount

    async def usage(self, who: Principal) -> list[Usage]:
        """What a team has taken today, on all replicas; only resources with a limit are listed.

        Raises:
            Unavailable: storage cannot be reached.
        """
        today = self._now().date()
        return [
            Usage(resource, who.quotas[resource], await self._used(who, resource, today))
            for resource in Resource
            if resource in who.quotas
        ]

    def renewed_at(self) -> datetime:
        """When the next day begins."""
        return datetime.combine(self._now().date() + timedelta(days=1), time(), UTC)

    async def _used(self, who: Principal, resource: Resource, day: date) -> int:
        blocks = await asyncio.to_thread(self._blocks, who, resource, day)
        return min(who.quotas[resource], sum(blocks))

    def _take_block(self, who: Principal, resource: Resource, day: date) -> int:
        """Take a new block; return its size."""
        quota = who.quotas[resource]
        size = max(1, quota // _BLOCKS_PER_QUOTA)
        while True:
            blocks = self._blocks(who, resource, day)
            used = sum(blocks)
            if used >= quota:
                renewed_at = self.renewed_at()
                raise ResourceExhausted(
                    f"the quota of {who.name} is used up: {used:,} of {quota:,} {_words(resource)} "
                    f"a day; it is renewed at {renewed_at:%Y-%m-%d %H:%M} UTC",
                    renewed_at - self._now(),
                )
            key = f"{_folder(who, resource, day)}{size}/{blocks.count(size):06d}"
            if self._store.create_document(key, b""):
                return min(size, quota - used)

    def _blocks(self, who: Principal, resource: Resource, day: date) -> list[int]:
        """The sizes of the blocks that were taken on a day."""
        folder = _folder(who, resource, day)
        keys = self._store.list_documents(folder)
        return [int(key.removeprefix(folder).partition("/")[0]) for key in keys]


def _words(resource: Resource) -> str:
    return resource.replace("_", " ").replace("cpu", "CPU")


def _folder(who: Principal, resource: Resource, day: date) -> str:
    return f"quotas/{who.name}/{day.isoformat()}/{resource}/"
