"""The content of a report as frozen data. Shares are fractions of 1, never percentages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rlvf_common.statistics.comparison import ALPHA, Comparison
from rlvf_common.statistics.intervals import Interval
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_common.statistics.trend import Trend


class Outcome(StrEnum):
    """The result of a comparison."""

    BETTER = "better"
    WORSE = "worse"
    NOT_DISTINGUISHABLE = "not distinguishable"


class Level(StrEnum):
    """The importance of a finding. Warnings say why a number must be read with care."""

    WARNING = "warning"
    RESULT = "result"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence or two, made from the numbers by a rule."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Completions that were wrong before any test; one can count several times.

    `empty`: only white space and comments; `unparseable`: not a Python program together with its
    prompt; `truncated`: reached the maximum number of tokens, None if unknown, as for given
    completions; `missing_entry_point`: without the requested function.
    """

    empty: int
    unparseable: int
    truncated: int | None
    missing_entry_point: int


@dataclass(frozen=True, slots=True)
class Published:
    """A score that others published for the same model on the same benchmark."""

    pass_at_1: float
    source: str
    outside_interval: bool
    """Whether it lies outside the 95% interval measured here."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One model on one benchmark.

    `passed` of `samples` samples passed; with one sample per task, `samples` equals `tasks`.
    `answers` is None if the result has none. `run_of` is the name under which all runs of a recipe
    are compared; with one run, the condition's own name. `weights_sha256` is the digest of the
    base's weights, empty if the inference server did not state it, None if no model was sampled;
    `settings` are those of sampling and grading (`differences.settings_of`), and `versions` those
    that the result states.
    """

    name: str
    run_of: str
    benchmark: str
    model: str
    pairs: int
    passed: int
    tasks: int
    samples: int
    pass_at_1: float
    ci95: Interval
    verdicts: Mapping[str, int]
    answers: Answers | None
    published: Published | None
    calibration: CalibrationRecord
    result_sha256: str
    completions_sha256: str
    weights_sha256: str | None
    settings: Mapping[str, str]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The runs of one condition that has several, on one benchmark, taken together.

    `ci95` is about other tasks and other runs. `few`: too few runs to estimate how they differ.
    """

    name: str
    benchmark: str
    pairs: int
    runs: tuple[str, ...]
    passed: int
    samples: int
    pass_at_1: float
    ci95: Interval
    few: bool


@dataclass(frozen=True, slots=True)
class HeadToHead:
    """Two conditions on one benchmark, and how they differ.

    `runs` are those of the treatment, in the order of `found.run_deltas`. `p_value_adjusted` and
    the level of `found.smallest_detectable` are adjusted over all claims on the benchmark. It is
    None for a noise floor, a base model compared with itself: that is a control, not a claim.
    """

    benchmark: str
    baseline: str
    treatment: str
    found: Comparison
    runs: tuple[str, ...]
    p_value_adjusted: float | None

    @property
    def noise_floor(self) -> bool:
        """Whether a base model is compared with itself."""
        return self.p_value_adjusted is None

    @property
    def flipped(self) -> int:
        """Number of tasks that only one of the two passes."""
        return len(self.found.improved) + len(self.found.regressed)

    @property
    def outcome(self) -> Outcome | None:
        """The result of the comparison; None for a noise floor, which is not a claim."""
        if self.p_value_adjusted is None:
            return None
        if self.p_value_adjusted >= ALPHA:
            return Outcome.NOT_DISTINGUISHABLE
        return Outcome.BETTER if self.found.delta > 0 else Outcome.WORSE


@dataclass(frozen=True, slots=True)
class Ladder:
    """The trend of pass@1 along a ladder on one benchmark; the p-value is adjusted over all trends
    of the report."""

    benchmark: str
    trend: Trend
    p_value_adjusted: float


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step, means over its pairs, in nats. `logps_*` are log-probabilities of whole
    answers, `token_logp_*` and `kl` are per token. Values that a run did not record are NaN.
    """

    step: int
    preference_loss: float
    margin: float
    logps_chosen: float
    logps_rejected: float
    accuracy: float
    grad_norm: float
    token_logp_chosen: float
    token_logp_rejected: float
    kl: float


@dataclass(frozen=True, slots=True)
class Training:
    """One training run. Losses are those of the preference term alone; `indifference` is the loss
    of a policy that equals its reference.
    """

    name: str
    model: str
    pairs: int
    steps: int
    first_loss: float
    last_loss: float
    mean_loss: float
    last_margin: float
    indifference: float
    seconds: float
    stopped_because: str
    detail: str
    adapter_sha256: str
    metrics_sha256: str
    curve: tuple[Step, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of code, Python and packages of the job, by name."""

    @property
    def diverged(self) -> bool:
        """Whether the run was stopped because its loss rose or was not a number."""
        return self.stopped_because == "diverged"


@dataclass(frozen=True, slots=True)
class SelectionStep:
    """A step of the selection that left `after` of `before` units."""

    name: str
    unit: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ExcludedProblem:
    """A problem that was excluded because it overlaps a benchmark's task."""

    task_id: str
    benchmark_task_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DuplicateProblem:
    """A problem that was excluded because an earlier one has the same prompt."""

    task_id: str
    duplicate_of: str


@dataclass(frozen=True, slots=True)
class AuditFeature:
    """A surface feature of both sides of pairs: its means, and how well it alone orders them."""

    name: str
    chosen: float
    rejected: float
    paired_auc: float


@dataclass(frozen=True, slots=True)
class ShortcutAudit:
    """How well a classifier of surface features tells chosen from rejected, on held-out problems.

    `ci95` belongs to the larger AUC, `p_value` to a permutation test; chance has an AUC of 0.5.
    """

    pairs: int
    problems: int
    auc: float
    paired_auc: float
    ci95: Interval
    p_value: float
    features: tuple[AuditFeature, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The origin of the preference pairs. `ladder`: sizes of the nested training sets.

    An audit is None if there were too few pairs; those of rungs are by size.
    """

    problems: int
    problems_with_both: int
    sampler: str
    off_policy: bool
    steps: tuple[SelectionStep, ...]
    audit_before: ShortcutAudit | None
    audit_after: ShortcutAudit | None
    audit_of_rungs: Mapping[str, ShortcutAudit | None]
    excluded: tuple[ExcludedProblem, ...]
    duplicates: tuple[DuplicateProblem, ...]
    ladder: tuple[int, ...]
    samples_sha256: str
    pairs_sha256: str

    @property
    def audits(self) -> list[tuple[str, ShortcutAudit]]:
        """The existing audits, each with the name of its set."""
        named = [
            ("selected", self.audit_before),
            ("after the audit", self.audit_after),
            *((f"first {size}", audit) for size, audit in self.audit_of_rungs.items()),
        ]
        return [(name, audit) for name, audit in named if audit is not None]


@dataclass(frozen=True, slots=True)
class Report:
    """The content of all three forms of a report."""

    experiment: str
    conditions: tuple[Condition, ...]
    training: tuple[Training, ...]
    head_to_head: tuple[HeadToHead, ...]
    pairs: Pairs | None
    versions: Mapping[str, str]
    settings: str
    recipes: tuple[Recipe, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """Names of the benchmarks, in the order in which the conditions name them."""
        return tuple(dict.fromkeys(condition.benchmark for condition in self.conditions))

    def on(self, benchmark: str) -> tuple[Condition, ...]:
        """The conditions on one benchmark, as given."""
        return tuple(c for c in self.conditions if c.benchmark == benchmark)

    def recipes_on(self, benchmark: str) -> tuple[Recipe, ...]:
        """The recipes on one benchmark, in the order of their first runs."""
        return tuple(r for r in self.recipes if r.benchmark == benchmark)

    def comparisons_on(self, benchmark: str) -> tuple[HeadToHead, ...]:
        """The comparisons on one benchmark, as given."""
        return tuple(h for h in self.head_to_head if h.benchmark == benchmark)

    def runs(self, name: str, benchmark: str) -> tuple[Condition, ...]:
        """The runs that a comparison calls `name`; validation ensures that there is at least
        one."""
        return tuple(c for c in self.on(benchmark) if c.run_of == name)

    def comparison_of(self, condition: Condition) -> HeadToHead | None:
        """The comparison of a condition with its baseline, None if there is none.

        If it is compared with several conditions, the first in the list is the baseline. One of
        several runs has no comparison of its own: it is compared together with the others.
        """
        rank = {c.run_of: index for index, c in reversed(list(enumerate(self.conditions)))}
        own = [h for h in self.comparisons_on(condition.benchmark) if h.treatment == condition.name]
        return min(own, key=lambda h: rank[h.baseline], default=None)

    def calibration(self, benchmark: str) -> CalibrationRecord:
        """The calibration of the benchmark, as in its first condition."""
        return self.on(benchmark)[0].calibration
