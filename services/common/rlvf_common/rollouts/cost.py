"""Measures what sampling and grading cost, and keeps it with an operation's checkpoints.

meter = await Meter.of(context)         # with what earlier attempts at the operation measured
with clock.request(meter): ...          # the time of a request at the engine
meter.count_tokens(...); meter.count_graded(...)
await meter.save()                      # with each checkpoint, and at the end
response.cost.CopyFrom(meter.cost(inference.devices()))
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from time import monotonic
from typing import Protocol, Self
from uuid import uuid4

from rlvf.cost.v1 import cost_pb2

__all__ = ["EngineClock", "Keeper", "Meter", "Spent"]

_PREFIX = "spent-"


@dataclass(frozen=True, slots=True)
class Spent:
    """Amounts of work that was done."""

    tokens: int = 0
    """Tokens that the model wrote."""
    engine_seconds: float = 0.0
    """Wall time of the engine (`EngineClock`)."""
    samples_graded: int = 0
    grading_seconds: float = 0.0
    """CPU time of the graded programs."""

    @classmethod
    def load(cls, data: bytes) -> Self:
        """The amounts that `Meter.save` stored."""
        return cls(**json.loads(data))

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.tokens + other.tokens,
            self.engine_seconds + other.engine_seconds,
            self.samples_graded + other.samples_graded,
            self.grading_seconds + other.grading_seconds,
        )


class Keeper(Protocol):
    """Keeps checkpoints; `rlvf_common.storage.operations.OperationContext` is one."""

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        """Create or replace a checkpoint."""

    async def load_checkpoint(self, name: str) -> bytes | None:
        """A checkpoint of this or an earlier attempt, or None."""

    async def list_checkpoints(self) -> list[str]:
        """The names of all checkpoints."""


class Meter:
    """Counts what an operation spends, in all its attempts.

    `save` stores what this attempt has spent since the last `save`, in a checkpoint of its own.
    """

    def __init__(self, context: Keeper, before: Spent = Spent()) -> None:
        self._context = context
        self._saved = before
        self._tokens = 0
        self._graded = 0
        self._grading_seconds = 0.0
        self.engine_seconds = 0.0
        """Time of the engine since the last `save`; counted by an `EngineClock`."""

    @classmethod
    async def of(cls, context: Keeper) -> Self:
        """A meter that starts from what earlier attempts at the operation saved."""
        before = Spent()
        for name in await context.list_checkpoints():
            if name.startswith(_PREFIX) and (data := await context.load_checkpoint(name)):
                before += Spent.load(data)
        return cls(context, before)

    def count_tokens(self, tokens: int) -> None:
        """Count tokens that the model wrote."""
        self._tokens += tokens

    def count_graded(self, cpu_ms: float) -> None:
        """Count a graded answer, whose program took `cpu_ms` milliseconds of CPU time."""
        self._graded += 1
        self._grading_seconds += cpu_ms / 1e3

    @property
    def spent(self) -> Spent:
        """The amounts of all attempts."""
        return self._saved + self._unsaved

    @property
    def _unsaved(self) -> Spent:
        return Spent(self._tokens, self.engine_seconds, self._graded, self._grading_seconds)

    async def save(self) -> None:
        """Store what was spent since the last `save`, if anything."""
        unsaved = self._unsaved
        if unsaved == Spent():
            return
        self._saved += unsaved
        self._tokens = self._graded = 0
        self.engine_seconds = self._grading_seconds = 0.0
        # Attempts of two replicas may overlap, so each name is used once.
        await self._context.save_checkpoint(
            _PREFIX + uuid4().hex, json.dumps(asdict(unsaved)).encode()
        )

    def cost(self, engine: cost_pb2.Devices) -> cost_pb2.Cost:
        """The cost of all attempts, sampled by an engine on these devices."""
        spent = self.spent
        cost = cost_pb2.Cost(tokens=spent.tokens, samples_graded=spent.samples_graded)
        if spent.tokens:
            cost.sampling.devices.CopyFrom(engine)
            cost.sampling.time.FromTimedelta(timedelta(seconds=spent.engine_seconds))
        if spent.samples_graded:
            cost.grading.devices.CopyFrom(cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=1))
            cost.grading.time.FromTimedelta(timedelta(seconds=spent.grading_seconds))
        return cost


class EngineClock:
    """Divides the time in which an engine has requests among the meters of these requests, by their
    numbers: the meters' times add up to the time in which the engine had any request."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._open: dict[Meter, int] = {}
        self._since = 0.0

    @contextmanager
    def request(self, meter: Meter | None) -> Iterator[None]:
        """Count a request to the engine for `meter` while the block lasts; None counts nothing."""
        if meter is None:
            yield
            return
        self._count()
        self._open[meter] = self._open.get(meter, 0) + 1
        try:
            yield
        finally:
            self._count()
            self._open[meter] -= 1
            if not self._open[meter]:
                del self._open[meter]

    def _count(self) -> None:
        now = self._clock()
        if requests := sum(self._open.values()):
            each = (now - self._since) / requests
            for meter, amount in self._open.items():
                meter.engine_seconds += amount * each
        self._since = now
