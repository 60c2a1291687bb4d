"""Records of report.json that are derived from those of `report`."""

from dataclasses import dataclass

from rlvf_common.statistics.intervals import Interval
from rlvf_reporter.outcomes.verification import Conclusion
from rlvf_reporter.report import Level, Outcome, Rule

__all__ = ["Arm", "Compared", "Control", "Difference", "EndedBefore", "Explained", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """A finding."""

    level: Level
    weight: int
    nothing_said: bool
    rule: Rule | None
    text: str


@dataclass(frozen=True, slots=True)
class Control:
    """An arm against its control."""

    arm: str
    control: str
    benchmark: str
    delta: float
    ci95: Interval
    p_value: float
    p_value_adjusted: float | None
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Arm:
    """The conclusion from an arm's comparisons with its base and its controls."""

    arm: str
    benchmark: str
    base: str | None
    controls: tuple[str, ...]
    conclusion: Conclusion


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of a condition from its baseline; all None where it has none."""

    baseline: str | None = None
    delta: float | None = None
    delta_ci95: Interval | None = None
    p_value: float | None = None
    p_value_adjusted: float | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Derived fields of a comparison."""

    noise_floor: bool
    flipped: int
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class EndedBefore:
    """The comparison on the tasks of which no answer was truncated before."""

    tasks: int
    delta: float
    ci95: Interval
    p_value: float


@dataclass(frozen=True, slots=True)
class Explained:
    """Whether fewer truncated answers explain a gain, and what is left of it without them."""

    explains_gain: bool
    ended_before: EndedBefore | None
