"""Reads the graded samples of a rollout operation from object storage."""

from typing import NamedTuple

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.problem import Problem, parse_problems
from rlvf_common.rollouts.rollout import Rollout, parse_rollouts
from rlvf_common.rollouts.rollout_set import RolloutSet, parse_rollout_set
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = ["GradedSamples", "load_samples"]


class GradedSamples(NamedTuple):
    """A set of samples, and its problems with their samples, at least one each."""

    rollouts: RolloutSet
    by_problem: list[tuple[Problem, list[Rollout]]]


def load_samples(store: ArtifactStore, manifest: artifact_pb2.ArtifactRef) -> GradedSamples:
    """The samples that a manifest names; blocks.

    Raises:
        FailedPrecondition: an artifact is missing or has another form.
    """
    try:
        rollouts = parse_rollout_set(store.get_bytes(manifest), where=f"rollouts, {manifest.uri}")
        problems = list(
            parse_problems(store.get_bytes(rollouts.problems.ref), where=rollouts.problems.uri)
        )
        samples = parse_rollouts(store.get_bytes(rollouts.samples.ref), where=rollouts.samples.uri)
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    by_task: dict[str, list[Rollout]] = {problem.task_id: [] for problem in problems}
    for sample in samples:
        if sample.task_id not in by_task:
            raise FailedPrecondition(
                f"rollouts, {manifest.uri}: its samples are of `{sample.task_id}`, which is not "
                "among its problems"
            )
        by_task[sample.task_id].append(sample)
    for task_id, answers in by_task.items():
        if not answers:
            raise FailedPrecondition(f"rollouts, {manifest.uri}: `{task_id}` has no samples")
    return GradedSamples(rollouts, [(problem, by_task[problem.task_id]) for problem in problems])
