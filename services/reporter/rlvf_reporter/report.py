"""What a report says, as plain frozen data. Shares are fractions of 1, never percentages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ALPHA = 0.05
"""Level at which an adjusted p-value is called a difference."""


class Outcome(StrEnum):
    """What a comparison shows."""

    BETTER = "better"
    WORSE = "worse"
    NOT_DISTINGUISHABLE = "not distinguishable"


class Level(StrEnum):
    """How much a finding matters. Warnings say why a number must be read with care."""

    WARNING = "warning"
    RESULT = "result"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence or two, made from the numbers by a rule."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was tried to show that verdicts are true: of `tasks`, how many each answer passed."""

    tasks: int
    reference_passed: int
    empty_passed: int
    stub_passed: int
    forged_passed: int
    benchmark_sha256: str
    executor_policy_sha256: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Completions that went wrong before any test saw them; one can count several times.

    `empty` is nothing but white space and comments, `unparseable` no Python program together with
    its prompt, `truncated` at the most tokens allowed, None where that is not known, as of given
    completions; `missing_entry_point` without the function asked for.
    """

    empty: int
    unparseable: int
    truncated: int | None
    missing_entry_point: int


@dataclass(frozen=True, slots=True)
class Published:
    """What somebody else published of the same model on the same benchmark."""

    pass_at_1: float
    source: str
    outside_interval: bool
    """Whether it lies outside the 95% interval of what was measured here."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One model on one benchmark.

    `passed` of `samples` samples passed; with one sample a task, `samples` equals `tasks`.
    `baseline` names the condition that `delta` and the p-values compare with; all of them are None
    where nothing was compared. `p_value_adjusted` and `outcome` are None too for a base compared
    with itself: that is a control, not a claim. `answers` is None where the result does not say.
    `run_of` is the name under which all runs of a recipe are compared; the condition's own name
    where there is one run. `weights_sha256` is the digest of the base's weights, empty where the
    inference server does not say, None where no model was sampled; `versions` are those that the
    result states.
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
    calibration: Calibration
    result_sha256: str
    completions_sha256: str
    weights_sha256: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    baseline: str | None = None
    delta: float | None = None
    delta_ci95: Interval | None = None
    p_value: float | None = None
    p_value_adjusted: float | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """The runs of one condition that has several, on one benchmark, taken together.

    `ci95` is about other tasks and other runs. `few`: too few runs to know how they differ.
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
    """Two conditions on one benchmark, task by task; the lists of tasks are complete.

    `noise_floor` marks a base model compared with itself. `smallest_effect` is the smallest
    difference of pass@1 that the comparison would have shown four times in five, None where it is
    not known. `runs` are those of the treatment, and `run_deltas` their differences from the
    baseline, where a side has several.
    """

    benchmark: str
    baseline: str
    treatment: str
    improved: tuple[str, ...]
    regressed: tuple[str, ...]
    both_pass: int
    both_fail: int
    delta: float
    ci95: Interval
    p_value: float
    p_value_adjusted: float | None
    noise_floor: bool
    smallest_effect: float | None
    runs: tuple[str, ...]
    run_deltas: tuple[float, ...]

    @property
    def tasks(self) -> int:
        """Tasks that both conditions answered."""
        return self.flipped + self.both_pass + self.both_fail

    @property
    def flipped(self) -> int:
        """Tasks that one of the two passes and the other does not."""
        return len(self.improved) + len(self.regressed)

    @property
    def outcome(self) -> Outcome | None:
        """What the comparison shows; None for a noise floor, which is not a claim."""
        if self.p_value_adjusted is None:
            return None
        if self.p_value_adjusted >= ALPHA:
            return Outcome.NOT_DISTINGUISHABLE
        return Outcome.BETTER if self.delta > 0 else Outcome.WORSE


@dataclass(frozen=True, slots=True)
class Trend:
    """pass@1 along a ladder on one benchmark; `slope` is per rung, `sizes` those of the rungs, and
    the p-value is adjusted over all trends of the report."""

    benchmark: str
    tasks: int
    sizes: tuple[float, ...]
    pass_at_1: tuple[float, ...]
    slope: float
    ci95: Interval
    p_value: float
    p_value_adjusted: float


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step, a mean over its pairs; nats. Log-probabilities are of a whole answer
    where they are `logps_*`, of a token where they are `token_logp_*`; `kl` is per token. What a
    run did not record is NaN.
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
    """One training run. Losses are those of the preference term alone; `indifference` is that of a
    policy which is still its reference.
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
    """Of code, Python and packages that the job ran with, by name."""

    @property
    def diverged(self) -> bool:
        """Whether the run was stopped because its loss went up or was not a number."""
        return self.stopped_because == "diverged"


@dataclass(frozen=True, slots=True)
class SelectionStep:
    """A counted rule of selection: of `before` units, `after` were left."""

    name: str
    unit: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ExcludedProblem:
    """A problem that was kept out, since it overlaps a benchmark's task."""

    task_id: str
    benchmark_task_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DuplicateProblem:
    """A problem that was kept out, since an earlier one has the same prompt."""

    task_id: str
    duplicate_of: str


@dataclass(frozen=True, slots=True)
class AuditFeature:
    """A surface feature of the sides of pairs: its means, and how well it alone orders them."""

    name: str
    chosen: float
    rejected: float
    paired_auc: float


@dataclass(frozen=True, slots=True)
class ShortcutAudit:
    """How well a classifier of surface features tells chosen from rejected, on held-out problems.

    `ci95` is that of the larger AUC, `p_value` that of a permutation test; 0.5 is a coin's AUC.
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
    """Where the preference pairs came from. `ladder`: sizes of the nested training sets.

    The audits are None where the pairs were too few to tell anything; one of a rung is by its size.
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
        """The audits there are, each with the name of its set."""
        named = [
            ("selected", self.audit_before),
            ("after the audit", self.audit_after),
            *((f"first {size}", audit) for size, audit in self.audit_of_rungs.items()),
        ]
        return [(name, audit) for name, audit in named if audit is not None]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the three forms of a report say."""

    experiment: str
    conditions: tuple[Condition, ...]
    training: tuple[Training, ...]
    head_to_head: tuple[HeadToHead, ...]
    pairs: Pairs | None
    versions: Mapping[str, str]
    settings: str
    recipes: tuple[Recipe, ...] = ()
    trends: tuple[Trend, ...] = ()
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
        """What a comparison calls `name`; validation made sure that there is at least one."""
        return tuple(c for c in self.on(benchmark) if c.run_of == name)

    def calibration(self, benchmark: str) -> Calibration:
        """The proof that verdicts on the benchmark are true, as its first condition carries it."""
        return self.on(benchmark)[0].calibration
