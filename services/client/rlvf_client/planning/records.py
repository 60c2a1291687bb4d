"""The records of a plan: operations that are done or to do, and the work that they take."""

from dataclasses import dataclass, field

from rlvf.cost.v1 import cost_pb2
from rlvf_client.experiment.sections import Prices

__all__ = ["Device", "Plan", "Step", "Work"]

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Device:
    """The devices that do some work: `cpu` (cores) or `gpu`, and how many; `unknown` for a server
    that does not say."""

    kind: str
    count: int

    @classmethod
    def of(cls, message: cost_pb2.Devices) -> "Device":
        """The devices of a message."""
        kinds = {cost_pb2.DEVICE_KIND_CPU: "cpu", cost_pb2.DEVICE_KIND_GPU: "gpu"}
        return cls(kinds.get(message.kind, "unknown"), max(1, message.count))


@dataclass(frozen=True, slots=True)
class Work:
    """Tokens and samples; wall seconds of the engine or of a training job on `device`; and CPU
    seconds of graded programs."""

    tokens: float = 0.0
    samples: float = 0.0
    device: Device = Device("cpu", 1)
    seconds: float = 0.0
    grading_seconds: float = 0.0

    @classmethod
    def of(cls, cost: cost_pb2.Cost) -> "Work":
        """What an operation has cost."""
        part = cost.training if cost.HasField("training") else cost.sampling
        return cls(
            tokens=cost.tokens,
            samples=cost.samples_graded,
            device=Device.of(part.devices),
            seconds=part.time.ToTimedelta().total_seconds(),
            grading_seconds=cost.grading.time.ToTimedelta().total_seconds(),
        )

    def hours(self, kind: str) -> float:
        """Device-hours of a kind of device; grading takes CPU-hours."""
        own = self.seconds * self.device.count if self.device.kind == kind else 0.0
        return (own + (self.grading_seconds if kind == "cpu" else 0.0)) / _HOUR

    def money(self, prices: Prices) -> float:
        """The price of the parts that have one."""
        unknown_tokens = self.tokens if self.device.kind == "unknown" else 0.0
        return (
            self.hours("cpu") * (prices.cpu_hour or 0.0)
            + self.hours("gpu") * (prices.gpu_hour or 0.0)
            + unknown_tokens / 1e6 * (prices.million_tokens or 0.0)
        )


@dataclass(frozen=True, slots=True)
class Step:
    """An operation. `work` is what it cost if it is done, else what it is expected to cost; `basis`
    says by which rates."""

    title: str
    is_done: bool
    work: Work
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The operations of an experiment in their order.

    `start_seconds` is the time that services take to start, where anything is left to do; `notes`
    say what else the estimate rests on.
    """

    experiment: str
    steps: tuple[Step, ...]
    start_seconds: float
    prices: Prices | None
    notes: tuple[str, ...] = field(default=())

    @property
    def to_do(self) -> tuple[Step, ...]:
        """The operations that are not done."""
        return tuple(step for step in self.steps if not step.is_done)

    @property
    def seconds_to_do(self) -> float:
        """Wall time of what is to do, with the start of services. Engine and jobs work one after
        the other; grading runs at the same time."""
        if not self.to_do:
            return 0.0
        return self.start_seconds + sum(step.work.seconds for step in self.to_do)
