"""Reads the parts of a `report.json` that cards need; other keys are ignored. Shares are fractions
of 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rlvf_api.errors import FailedPrecondition

__all__ = ["Comparison", "Condition", "Finding", "Report", "Step", "TrainedOn", "read_report"]

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Condition:
    """The result of a model, or of an adapter on it, on a benchmark."""

    name: str
    run_of: str
    benchmark: str
    model: str
    training: str
    passed: int
    tasks: int
    samples: int
    pass_at_1: float
    ci95: Interval
    weights_sha256: str | None
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of two conditions, or of the recipes that they are runs of, on a benchmark.
    `p_value_adjusted` is None where the comparison does not belong to the family, `outcome` where
    it is no claim."""

    benchmark: str
    baseline: str
    treatment: str
    against_control: bool
    runs: tuple[str, ...]
    tasks: int
    delta: float
    ci95: Interval
    p_value: float
    p_value_adjusted: float | None
    smallest_detectable: float | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of the report."""

    level: str
    nothing_said: bool
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A rule of the selection: of `before` units, `after` were left."""

    name: str
    unit: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """A set of training records."""

    kind: str
    name: str
    trainings: tuple[str, ...]
    problems: int
    sampler: str
    off_policy: bool
    steps: tuple[Step, ...]
    verdicts: str | None = None
    """Which verdicts they were selected by: `true`, `ignored` or `shuffled`; None where the report
    does not say."""
    count: int | None = None
    passed: int | None = None
    """Number of answers, and of those that truly pass; None for pairs."""


@dataclass(frozen=True, slots=True)
class Report:
    """The parts of a report that cards need."""

    experiment: str
    headline: str
    findings: tuple[Finding, ...]
    conditions: tuple[Condition, ...]
    head_to_head: tuple[Comparison, ...]
    data: tuple[TrainedOn, ...]

    @property
    def controls(self) -> set[str]:
        """Names of the arms without verification that served as controls."""
        return {one.baseline for one in self.head_to_head if one.against_control}

    @property
    def nothing_said(self) -> list[str]:
        """The findings that say what cannot be said."""
        return [finding.text for finding in self.findings if finding.nothing_said]

    @property
    def warnings(self) -> list[str]:
        """The other warnings: why numbers must be read with care."""
        return [
            finding.text
            for finding in self.findings
            if finding.level == "warning" and not finding.nothing_said
        ]

    def conditions_of(self, training: str) -> list[Condition]:
        """The conditions of an adapter, one for each benchmark, by the run that made it."""
        return [condition for condition in self.conditions if condition.training == training]

    def base_of(self, condition: Condition) -> Condition | None:
        """The condition of an adapter's base on the same benchmark; the first where there are
        two."""
        same = (condition.benchmark, condition.model, "")
        bases = (one for one in self.conditions if (one.benchmark, one.model, one.training) == same)
        return next(bases, None)

    def comparisons_of(self, condition: Condition) -> list[Comparison]:
        """The claims in which a condition, or the recipe that it is a run of, is the treatment."""
        return [
            one
            for one in self.head_to_head
            if one.benchmark == condition.benchmark
            and one.treatment in (condition.name, condition.run_of)
            and one.outcome is not None
        ]


_REPORT = TypeAdapter(Report)


def read_report(path: Path) -> Report:
    """Read a report.json. Raises FailedPrecondition where it is not a report that this version
    reads."""
    try:
        return _REPORT.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise FailedPrecondition(
            f"{path} is not a report that this version reads: {place}: {first['msg']}"
        ) from None
