"""The content of a report as frozen data. Shares are fractions of 1, never percentages."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from rlvf_common.statistics.comparison import ALPHA, Comparison
from rlvf_common.statistics.intervals import Interval
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_common.statistics.saturation import Saturation
from rlvf_common.statistics.trend import Trend
from rlvf_reporter.costs.records import Costs
from rlvf_reporter.distribution.records import Distribution, Ending, Greedy
from rlvf_reporter.files.records import DataFile
from rlvf_reporter.training_data.probes import Probe
from rlvf_reporter.training_data.records import AnswerSet, PairSet, TrainingData


class Outcome(StrEnum):
    """The result of a comparison."""

    BETTER = "better"
    WORSE = "worse"
    NOT_DISTINGUISHABLE = "not distinguishable"


class Role(StrEnum):
    """What a comparison is for."""

    PRIMARY = "primary"
    """The outcome that was declared before the run; its p-value is not adjusted."""
    CLAIM = "claim"
    """One of the family on its benchmark, over which p-values are adjusted."""
    NOISE_FLOOR = "noise floor"
    """A base model compared with itself: no claim."""


MAX_MAIN_FINDINGS = 5


class Level(StrEnum):
    """The importance of a finding. Warnings say why a number must be read with care."""

    WARNING = "warning"
    RESULT = "result"
    NOTE = "note"


class Weight(IntEnum):
    """The weight of a finding: the report begins with the heaviest ones."""

    VERIFICATION = 7
    """Whether an arm works, and whether verification did it."""
    INVALID = 6
    """A number does not mean what it seems to: a run diverged, or a control is not one."""
    DIFFERENCE = 5
    """Two conditions differ."""
    TREND = 4
    """A ladder rises or falls."""
    CAUTION = 3
    """A number must be read with care."""
    NOISE = 2
    """The noise floor, which a difference should exceed."""
    DETAIL = 1
    """Everything else."""


class Rule(StrEnum):
    """The question that a finding answers by a test. The reporter's README has the test, the family
    and the error rates of each."""

    DIFFERENCE = "difference"
    VERIFICATION = "verification against its control"
    TREND = "trend over a ladder"
    SATURATION = "saturation of a ladder"
    FORGETTING = "forgetting"
    DISPLACEMENT = "likelihood displacement"
    LOSS = "training loss against evaluation"
    QUALITY = "quality against quantity"
    DIVERSITY = "diverse against single source"
    CURRICULUM = "curriculum"
    PRECISION = "precision"
    ROUNDS = "rounds"


@dataclass(frozen=True, slots=True)
class Finding:
    """One or two sentences that a rule makes from the numbers."""

    level: Level
    text: str
    weight: Weight = Weight.DETAIL
    """How much it matters to somebody who reads one screen."""
    nothing_said: bool = False
    """Whether it says that something cannot be said."""
    rule: Rule | None = None
    """The question that it answers; None where it does not rest on a test."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Counts of completions that were wrong before any test; one completion can count several
    times.

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

    `passed` of `samples` samples passed; with one sample a task, `samples` equals `tasks`.
    `training` is the run that made its adapter, empty for the base model; `pairs` is the number of
    records of that run. `answers` and `distribution` are None where the result does not say,
    `greedy` where there was no such evaluation. `run_of` is the name under which all runs of a
    recipe are compared; the condition's own name where there is one run.
    `weights_sha256` is the digest of the base's weights, empty where the inference server does not
    say, None where no model was sampled; `settings` are those of sampling and grading
    (`differences.settings_of`), and `versions` those that the result states.
    """

    name: str
    run_of: str
    benchmark: str
    model: str
    training: str
    pairs: int
    passed: int
    tasks: int
    samples: int
    pass_at_1: float
    ci95: Interval
    pass_at_k: Mapping[int, float]
    greedy: Greedy | None
    distribution: Distribution | None
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

    `ci95` generalises to other tasks and other runs. `few`: too few runs to estimate how they
    differ.
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
class Contrast:
    """The one factor in which two compared arms differ, and its value in each, in words."""

    factor: Rule
    baseline_value: str
    treatment_value: str


@dataclass(frozen=True, slots=True)
class HeadToHead:
    """Two conditions on one benchmark, and how they differ.

    `against_control`: the baseline is the control of the treatment, the same training without
    verification. `contrast` is the factor in which they differ, where that is one. `runs` are those
    of the treatment, in the order of `found.run_deltas`. `p_value_adjusted` is over all claims on
    the benchmark, and so is the level of `found.smallest_detectable`; it is None where the
    comparison does not belong to the family.
    """

    benchmark: str
    baseline: str
    treatment: str
    role: Role
    against_control: bool
    found: Comparison
    runs: tuple[str, ...]
    p_value_adjusted: float | None
    contrast: Contrast | None = None

    @property
    def noise_floor(self) -> bool:
        """Whether a base model is compared with itself."""
        return self.role is Role.NOISE_FLOOR

    @property
    def primary(self) -> bool:
        """Whether it is the outcome that was declared before the run."""
        return self.role is Role.PRIMARY

    @property
    def flipped(self) -> int:
        """Number of tasks that only one of the two passes."""
        return len(self.found.improved) + len(self.found.regressed)

    @property
    def outcome(self) -> Outcome | None:
        """The result, by the adjusted p-value if there is one; None for a noise floor, which is no
        claim."""
        if self.noise_floor:
            return None
        p_value = self.found.p_value if self.p_value_adjusted is None else self.p_value_adjusted
        if p_value >= ALPHA:
            return Outcome.NOT_DISTINGUISHABLE
        return Outcome.BETTER if self.found.delta > 0 else Outcome.WORSE


@dataclass(frozen=True, slots=True)
class Ladder:
    """The trend of pass@1 along a ladder on one benchmark, and whether it saturates; each p-value
    is adjusted over all ladders of the report. `conditions` are the names of its rungs, in their
    order."""

    benchmark: str
    conditions: tuple[str, ...]
    trend: Trend
    p_value_adjusted: float
    saturation: Saturation
    saturation_p_value_adjusted: float


@dataclass(frozen=True, slots=True)
class Step:
    """The metrics of one optimizer step, means over its pairs or the tokens of its answers; nats.

    `loss` is the preference term alone; in a run on answers, their negative log-likelihood per
    token; in a run on problems, the policy loss. In a run on problems, `reward` is a mean over the
    drawn answers, and `one_outcome` the share of their groups in which all answers had the same
    outcome. Log-probabilities are of a whole answer where they are `logps*`, of a token where they
    are `token_logp_*`; `kl` is per token. What a run did not record is NaN.
    """

    step: int
    loss: float
    grad_norm: float = math.nan
    logps: float = math.nan
    margin: float = math.nan
    accuracy: float = math.nan
    logps_chosen: float = math.nan
    logps_rejected: float = math.nan
    token_logp_chosen: float = math.nan
    token_logp_rejected: float = math.nan
    kl: float = math.nan
    reward_chosen: float = math.nan
    reward: float = math.nan
    one_outcome: float = math.nan
    entropy: float = math.nan


@dataclass(frozen=True, slots=True)
class ValidatedCheckpoint:
    """A checkpoint of a run on problems that were held out of its training problems."""

    step: int
    passed: int
    samples: int

    @property
    def pass_rate(self) -> float:
        """Share of the samples that pass."""
        return self.passed / self.samples


@dataclass(frozen=True, slots=True)
class Training:
    """One training run. `pairs` is the number of its pairs, answers or problems. Losses are those
    of `Step`; `indifference` is the loss of a policy that equals its reference, with which a run
    need not begin that `went_on` from an adapter. Only a run on pairs has it and a margin."""

    name: str
    model: str
    pairs: int
    steps: int
    first_loss: float
    last_loss: float
    mean_loss: float
    last_margin: float | None
    indifference: float | None
    seconds: float
    stopped_because: str
    detail: str
    adapter_sha256: str
    metrics_sha256: str
    curve: tuple[Step, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of the code, Python and packages that the job ran with, by name."""
    went_on: bool = False
    entropy: tuple[float, float] | None = None
    """Entropy of the policy before and after, nats per token; None where the run did not record
    it."""
    reward: tuple[float, float] | None = None
    """Mean reward over the first and over the last steps; None for a run without rewards."""
    samples_graded: int = 0
    """Answers that were drawn and graded for its steps."""
    validation: tuple[ValidatedCheckpoint, ...] = ()
    """Its validated checkpoints, the best of which is the run; empty without validation."""

    @property
    def records(self) -> str:
        """What it trained on: `pair`, `answer` or `problem`."""
        if self.reward is not None:
            return "problem"
        return "answer" if self.indifference is None else "pair"

    @property
    def diverged(self) -> bool:
        """Whether the run was stopped because its loss rose or was not a number."""
        return self.stopped_because == "diverged"


@dataclass(frozen=True, slots=True)
class Report:
    """The content of all three forms of a report."""

    experiment: str
    conditions: tuple[Condition, ...]
    training: tuple[Training, ...]
    head_to_head: tuple[HeadToHead, ...]
    data: tuple[PairSet | AnswerSet, ...]
    versions: Mapping[str, str]
    settings: str
    probes: tuple[Probe, ...] = ()
    recipes: tuple[Recipe, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    endings: tuple[Ending, ...] = ()
    findings: tuple[Finding, ...] = ()
    costs: Costs | None = None
    """What the experiment cost; None where the request does not say."""
    files: tuple[DataFile, ...] = ()

    @property
    def main_findings(self) -> tuple[Finding, ...]:
        """The heaviest findings that say something, at most five, details left out."""
        said = [f for f in self.findings if not f.nothing_said and f.weight > Weight.DETAIL]
        return tuple(sorted(said, key=lambda finding: -finding.weight)[:MAX_MAIN_FINDINGS])

    @property
    def nothing_said(self) -> tuple[Finding, ...]:
        """The findings on what cannot be said."""
        return tuple(finding for finding in self.findings if finding.nothing_said)

    @property
    def further_findings(self) -> tuple[Finding, ...]:
        """All other findings, warnings first."""
        told = {*self.main_findings, *self.nothing_said}
        return tuple(finding for finding in self.findings if finding not in told)

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

    @property
    def primary(self) -> HeadToHead | None:
        """The outcome that was declared before the run, if one was."""
        return next((h for h in self.head_to_head if h.primary), None)

    @property
    def controls(self) -> tuple[HeadToHead, ...]:
        """The comparisons of arms with their controls, as given."""
        return tuple(h for h in self.head_to_head if h.against_control)

    def family_size(self, benchmark: str) -> int:
        """Number of comparisons on the benchmark over which p-values are adjusted."""
        return sum(h.role is Role.CLAIM for h in self.comparisons_on(benchmark))

    def runs(self, name: str, benchmark: str) -> tuple[Condition, ...]:
        """The runs of the condition or recipe `name`; validation ensures that there is at least
        one."""
        return tuple(c for c in self.on(benchmark) if c.run_of == name)

    def records_of(self, conditions: Iterable[Condition]) -> tuple[str, ...]:
        """What the conditions were trained on, each kind once: `pair`, `answer` or `problem`."""
        trained = {condition.training for condition in conditions}
        return tuple(dict.fromkeys(t.records for t in self.training if t.name in trained))

    def comparison_of(self, condition: Condition) -> HeadToHead | None:
        """The comparison of a condition with its baseline, None if there is none.

        If it is compared with several conditions, the first in the list is the baseline. One of
        several runs has no comparison of its own: it is compared together with the others.
        """
        rank = {c.run_of: index for index, c in reversed(list(enumerate(self.conditions)))}
        own = [h for h in self.comparisons_on(condition.benchmark) if h.treatment == condition.name]
        return min(own, key=lambda h: rank[h.baseline], default=None)

    def sampled_before(self, data: TrainingData) -> str | None:
        """Name of the first set that was selected from the same samples; None where that is
        `data`."""
        same = next(one for one in self.data if one.samples_sha256 == data.samples_sha256)
        return None if same.name == data.name else same.name

    def calibration(self, benchmark: str) -> CalibrationRecord:
        """The calibration of the benchmark, as in its first condition."""
        return self.on(benchmark)[0].calibration
