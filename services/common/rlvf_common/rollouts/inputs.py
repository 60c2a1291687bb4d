"""Loads the problems of a request, and finds those that overlap a benchmark."""

from collections.abc import Sequence

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.contamination import Overlap, find_overlaps
from rlvf_common.problems.problem import Problem, parse_problems
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = ["load_problems", "overlaps_with"]


def load_problems(store: ArtifactStore, ref: artifact_pb2.ArtifactRef, field: str) -> list[Problem]:
    """The problems in an artifact, which is the request's `field`; blocks.

    Raises:
        FailedPrecondition: it cannot be parsed, has no problem, or has a task id twice.
    """
    try:
        problems = list(parse_problems(store.get_bytes(ref), where=field))
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    if not problems:
        raise FailedPrecondition(f"{field}: there are no problems in {ref.uri}")
    seen: set[str] = set()
    for problem in problems:
        if problem.task_id in seen:
            raise FailedPrecondition(f"{field}: task id `{problem.task_id}` is there twice")
        seen.add(problem.task_id)
    return problems


def overlaps_with(
    store: ArtifactStore,
    problems: Sequence[Problem],
    benchmarks: Sequence[artifact_pb2.ArtifactRef],
) -> list[Overlap]:
    """The problems that overlap a benchmark, each once, with the first overlap; blocks.

    Raises:
        FailedPrecondition: a benchmark cannot be loaded.
    """
    overlaps: dict[str, Overlap] = {}
    for number, ref in enumerate(benchmarks):
        benchmark = load_problems(store, ref, f"benchmarks[{number}]")
        for overlap in find_overlaps(problems, benchmark):
            overlaps.setdefault(overlap.task_id, overlap)
    return list(overlaps.values())
