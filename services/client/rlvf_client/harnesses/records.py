"""Records that the readers of other harnesses' files return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rlvf_common.statistics.results import EvaluationResult, TaskResult

__all__ = ["Answer", "ForeignFile", "NotThis", "benchmark_of", "results_of"]


class NotThis(Exception):
    """The file is not of this harness."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the file has it."""

    task_id: str
    text: str
    is_solution: bool
    """Whether it is a whole program; otherwise it continues the prompt."""


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """A file of another harness."""

    harness: str
    results: tuple[EvaluationResult, ...]
    """One for each benchmark that its verdicts are of, the stricter first."""
    answers: tuple[Answer, ...]
    """Those of a task in their order; empty where the file has none."""


_BENCHMARKS = {"HumanEval": "humaneval", "Mbpp": "mbpp"}
"""By the part of a task's id before the number."""


def benchmark_of(task_ids: Sequence[str], where: str) -> str:
    """The benchmark that all tasks are of, by the part of their ids before the number; an unknown
    part is itself the name. Raises ValueError where they are of several."""
    prefixes = {task_id.rpartition("/")[0] for task_id in task_ids}
    if len(prefixes) != 1:
        raise ValueError(f"{where}: has tasks of several benchmarks: {', '.join(sorted(prefixes))}")
    [prefix] = prefixes
    return _BENCHMARKS.get(prefix, prefix.lower() or "unknown")


def results_of(
    harness: str, benchmark: str, verdicts: Mapping[str, Sequence[tuple[str, str]]]
) -> EvaluationResult:
    """The result with these verdicts, each with its detail, by task."""
    return EvaluationResult(
        benchmark,
        tuple(
            TaskResult(task_id, sample, verdict, detail)
            for task_id, samples in verdicts.items()
            for sample, (verdict, detail) in enumerate(samples)
        ),
        source=harness,
    )
