"""Problems to learn from, as the job reads them, without repeated ones and those of benchmarks."""

import logging

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.duplicates import find_duplicates
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.inputs import load_problems, overlaps_with
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = ["trainable_problems"]

log = logging.getLogger(__name__)


def trainable_problems(
    request: trainer_pb2.RunTrainingRequest, store: ArtifactStore
) -> list[Problem]:
    """The problems of a request, without those that repeat another one or overlap a benchmark.

    Raises:
        FailedPrecondition: they cannot be read, or none is left.
    """
    given = load_problems(store, request.problems, "problems")
    repeated = {duplicate.task_id for duplicate in find_duplicates(given)}
    once = [problem for problem in given if problem.task_id not in repeated]
    overlapping = {overlap.task_id for overlap in overlaps_with(store, once, request.benchmarks)}
    left = [problem for problem in once if problem.task_id not in overlapping]
    log.info(
        "%d problems, of which %d repeat others and %d overlap a benchmark",
        len(given), len(repeated), len(overlapping),
    )  # fmt: skip
    if not left:
        raise FailedPrecondition(
            f"no problem is left to learn from: of {len(given)}, {len(overlapping)} overlap a "
            f"benchmark and {len(repeated)} repeat others"
        )
    return left
