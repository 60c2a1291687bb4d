"""Records of costs in a report: tokens, samples, device-hours, money."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Self

from rlvf.cost.v1 import cost_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.statistics.formatting import plural

__all__ = [
    "STAGES_OF_A_RUN",
    "Amount",
    "Costs",
    "Estimate",
    "Prices",
    "StageCost",
    "device_names",
]

STAGES_OF_A_RUN = (reporter_pb2.STAGE_TRAINING, reporter_pb2.STAGE_VALIDATING)
"""Stages whose operations belong to one training run."""

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount of some work. Hours are device-hours: two cores for an hour are two CPU-hours.

    `unknown_hours` and `unknown_tokens` are those of inference servers that do not say on what they
    run; the tokens are also in `tokens`, and the hours are those of the server.
    """

    tokens: float = 0
    samples_graded: float = 0
    cpu_hours: float = 0.0
    gpu_hours: float = 0.0
    unknown_hours: float = 0.0
    unknown_tokens: float = 0

    @classmethod
    def of(cls, cost: cost_pb2.Cost) -> Self:
        """All parts of a cost."""
        return cls(
            tokens=cost.tokens,
            samples_graded=cost.samples_graded,
            **_hours(cost.sampling, cost.grading, cost.training),
            unknown_tokens=0 if cost.sampling.devices.kind else cost.tokens,
        )

    @classmethod
    def of_sampling(cls, cost: cost_pb2.Cost) -> Self:
        """The part of a cost that drew answers."""
        return cls(
            tokens=cost.tokens,
            **_hours(cost.sampling),
            unknown_tokens=0 if cost.sampling.devices.kind else cost.tokens,
        )

    @classmethod
    def of_grading(cls, cost: cost_pb2.Cost) -> Self:
        """The part of a cost that graded answers."""
        return cls(samples_graded=cost.samples_graded, **_hours(cost.grading))

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Amount)))

    def __mul__(self, factor: float) -> "Amount":
        return Amount(*(getattr(self, f.name) * factor for f in fields(Amount)))

    @classmethod
    def total(cls, amounts: Iterable["Amount"]) -> "Amount":
        """Their sum."""
        return sum(amounts, Amount())


def _hours(*times: cost_pb2.DeviceTime) -> Mapping[str, float]:
    names = {
        cost_pb2.DEVICE_KIND_CPU: "cpu_hours",
        cost_pb2.DEVICE_KIND_GPU: "gpu_hours",
    }
    found: dict[str, float] = {}
    for time in times:
        name = names.get(time.devices.kind, "unknown_hours")
        seconds = time.time.ToTimedelta().total_seconds() * max(1, time.devices.count)
        found[name] = found.get(name, 0.0) + seconds / _HOUR
    return found


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in one currency; None: not known."""

    currency: str
    cpu_hour: float | None
    gpu_hour: float | None
    million_tokens: float | None

    @classmethod
    def of(cls, message: reporter_pb2.Prices) -> Self:
        """The prices of a request."""
        return cls(
            currency=message.currency,
            cpu_hour=message.cpu_hour if message.HasField("cpu_hour") else None,
            gpu_hour=message.gpu_hour if message.HasField("gpu_hour") else None,
            million_tokens=message.million_tokens if message.HasField("million_tokens") else None,
        )

    def money(self, amount: Amount) -> float:
        """The price of the parts of an amount that have one."""
        return (
            amount.cpu_hours * (self.cpu_hour or 0.0)
            + amount.gpu_hours * (self.gpu_hour or 0.0)
            + amount.unknown_tokens / 1e6 * (self.million_tokens or 0.0)
        )

    def without(self, amount: Amount) -> tuple[str, ...]:
        """The parts of an amount that have no price, in words."""
        parts = (
            ("CPU-hours", amount.cpu_hours, self.cpu_hour),
            ("GPU-hours", amount.gpu_hours, self.gpu_hour),
            (
                "tokens of a server that does not say on what it runs",
                amount.unknown_tokens,
                self.million_tokens,
            ),
        )
        return tuple(name for name, found, price in parts if found and price is None)


@dataclass(frozen=True, slots=True)
class StageCost:
    """The cost of a stage and the number of its operations; `money` is None without prices."""

    stage: str
    operations: int
    amount: Amount
    money: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated cost of further work, by the rates of this experiment; `basis` says how it was
    estimated."""

    what: str
    basis: str
    amount: Amount
    money: float | None


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost of an experiment. The last of the stages is `total`.

    `devices`: the devices that were used. `unpriced`: what has no price and is in no sum of money.
    """

    stages: tuple[StageCost, ...]
    devices: tuple[str, ...]
    prices: Prices | None
    unpriced: tuple[str, ...]
    estimates: tuple[Estimate, ...]


def device_names(times: Iterable[cost_pb2.DeviceTime]) -> tuple[str, ...]:
    """The devices that were used, each kind once, such as `2 CPU cores`, `1 x NVIDIA H200`."""
    return tuple(dict.fromkeys(_name(time.devices) for time in times))


def _name(devices: cost_pb2.Devices) -> str:
    match devices.kind:
        case cost_pb2.DEVICE_KIND_CPU:
            return plural(devices.count, "CPU core")
        case cost_pb2.DEVICE_KIND_GPU:
            return f"{devices.count} x {devices.name or 'GPU'}"
    return "a server that does not say on what it runs"
