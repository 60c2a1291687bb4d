"""Records of training data in a report, read from the messages of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.statistics.formatting import count
from rlvf_common.statistics.intervals import Interval

__all__ = [
    "VERDICTS_OF_PAIRS",
    "AnswerSet",
    "AuditFeature",
    "DuplicateProblem",
    "ExcludedProblem",
    "PairSet",
    "SelectionStep",
    "ShortcutAudit",
    "TrainingData",
    "training_data",
]

_VERDICTS = {
    pair_generator_pb2.VERDICTS_UNSPECIFIED: "true",
    pair_generator_pb2.VERDICTS_TRUE: "true",
    pair_generator_pb2.VERDICTS_IGNORED: "ignored",
    pair_generator_pb2.VERDICTS_SHUFFLED: "shuffled",
}
VERDICTS_OF_PAIRS = {
    pair_generator_pb2.VERDICTS_UNSPECIFIED: None,
    pair_generator_pb2.VERDICTS_TRUE: "true",
    pair_generator_pb2.VERDICTS_SHUFFLED: "shuffled",
}
"""Names of the verdicts that pairs may be selected by; None: the selection does not say."""


@dataclass(frozen=True, slots=True)
class SelectionStep:
    """A step of the selection: of `before` units, `after` were left."""

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

    `ci95` is that of the larger AUC, `p_value` that of a permutation test; guessing has an AUC of
    0.5.
    """

    pairs: int
    problems: int
    auc: float
    paired_auc: float
    ci95: Interval
    p_value: float
    features: tuple[AuditFeature, ...]


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Records that the runs `trainings` were trained on.

    `problems` were sampled by the model `sampler`; `problems_with_both` have passing and failing
    answers. `off_policy`: the answers are of another model or endpoint than the trained one.
    `sources` are the names of the sources of the problems; empty where these are not known.
    """

    name: str
    trainings: tuple[str, ...]
    problems: int
    problems_with_both: int
    sampler: str
    off_policy: bool
    steps: tuple[SelectionStep, ...]
    excluded: tuple[ExcludedProblem, ...]
    duplicates: tuple[DuplicateProblem, ...]
    samples_sha256: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairSet(TrainingData):
    """Preference pairs. `ladder`: sizes of the nested training sets.

    An audit is None where the pairs were too few for it. `audit_of_rungs` has those of the rungs by
    their sizes. `verdicts` says which verdicts they were selected by: `true`, or in a control
    `shuffled`; None where the selection does not say.
    """

    kind: ClassVar[str] = "pairs"

    audit_before: ShortcutAudit | None
    audit_after: ShortcutAudit | None
    audit_of_rungs: Mapping[str, ShortcutAudit | None]
    ladder: tuple[int, ...]
    verdicts: str | None
    pairs_sha256: str

    @property
    def records(self) -> int | None:
        """How many pairs were selected; None where the selection does not say."""
        return next((step.after for step in reversed(self.steps) if step.unit == "pairs"), None)

    @property
    def by_gap(self) -> bool:
        """Whether failing answers may be chosen, by their credit (`Selection.min_gap`)."""
        return any(step.name == "credit gap" for step in self.steps)

    @property
    def audits(self) -> list[tuple[str, ShortcutAudit]]:
        """The audits there are, each with the name of its set."""
        named = [
            ("selected", self.audit_before),
            ("after the audit", self.audit_after),
            *((f"first {count(int(size))}", audit) for size, audit in self.audit_of_rungs.items()),
        ]
        return [(name, audit) for name, audit in named if audit is not None]


@dataclass(frozen=True, slots=True)
class AnswerSet(TrainingData):
    """Answers for supervised training: `count`, to `problems_answered` problems, of which `passed`
    truly pass.

    `verdicts` says which verdicts they were selected by: `true`, or in a control `ignored` or
    `shuffled`.
    """

    kind: ClassVar[str] = "answers"

    count: int
    passed: int
    problems_answered: int
    verdicts: str
    answers_sha256: str

    @property
    def records(self) -> int | None:
        """How many answers were selected."""
        return self.count

    @property
    def passing(self) -> float:
        """Share of the answers that truly pass."""
        return self.passed / self.count


def training_data(message: reporter_pb2.TrainingData) -> PairSet | AnswerSet:
    """The record of a message that `validation` has accepted."""
    if message.WhichOneof("selected") == "pairs":
        return _pairs(message)
    answers = message.answers
    return AnswerSet(
        name=message.name,
        trainings=tuple(message.trainings),
        problems=answers.problems,
        problems_with_both=answers.problems_with_both,
        sampler=answers.sampler,
        off_policy=answers.off_policy,
        steps=_steps(answers.steps),
        excluded=_excluded(answers.excluded),
        duplicates=_duplicates(answers.duplicates),
        samples_sha256=answers.samples.sha256,
        sources=tuple(message.sources),
        count=answers.count,
        passed=answers.passed,
        problems_answered=answers.problems_answered,
        verdicts=_VERDICTS[answers.verdicts],
        answers_sha256=answers.answers.sha256,
    )


def _pairs(message: reporter_pb2.TrainingData) -> PairSet:
    pairs = message.pairs
    return PairSet(
        name=message.name,
        trainings=tuple(message.trainings),
        problems=pairs.problems,
        problems_with_both=pairs.problems_with_both,
        sampler=pairs.sampler,
        off_policy=pairs.off_policy,
        steps=_steps(pairs.steps),
        excluded=_excluded(pairs.excluded),
        duplicates=_duplicates(pairs.duplicates),
        samples_sha256=pairs.samples.sha256,
        sources=tuple(message.sources),
        audit_before=_audit(pairs.audit_before) if pairs.HasField("audit_before") else None,
        audit_after=_audit(pairs.audit_after) if pairs.HasField("audit_after") else None,
        audit_of_rungs={
            str(rung.size): _audit(rung.audit) if rung.HasField("audit") else None
            for rung in pairs.ladder
        },
        ladder=tuple(rung.size for rung in pairs.ladder),
        verdicts=VERDICTS_OF_PAIRS[pairs.verdicts],
        pairs_sha256=pairs.pairs.sha256,
    )


def _steps(steps: Sequence[pair_generator_pb2.SelectionStep]) -> tuple[SelectionStep, ...]:
    return tuple(SelectionStep(step.name, step.unit, step.before, step.after) for step in steps)


def _excluded(
    problems: Sequence[pair_generator_pb2.ExcludedProblem],
) -> tuple[ExcludedProblem, ...]:
    return tuple(
        ExcludedProblem(problem.task_id, problem.benchmark_task_id, problem.reason)
        for problem in problems
    )


def _duplicates(
    problems: Sequence[pair_generator_pb2.DuplicateProblem],
) -> tuple[DuplicateProblem, ...]:
    return tuple(DuplicateProblem(problem.task_id, problem.duplicate_of) for problem in problems)


def _audit(reading: pair_generator_pb2.AuditReading) -> ShortcutAudit:
    return ShortcutAudit(
        pairs=reading.pairs,
        problems=reading.problems,
        auc=reading.auc,
        paired_auc=reading.paired_auc,
        ci95=Interval(reading.low, reading.high),
        p_value=reading.p_value,
        features=tuple(
            AuditFeature(each.name, each.chosen, each.rejected, each.paired_auc)
            for each in reading.features
        ),
    )
