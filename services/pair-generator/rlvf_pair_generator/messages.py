"""Converts the results of operations to messages of the proto."""

from collections.abc import Sequence

from rlvf.artifact.v1 import artifact_pb2
from rlvf.cost.v1 import cost_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_common.rollouts.progress import SamplingProgress
from rlvf_common.rollouts.rollout_set import RolloutSet
from rlvf_pair_generator.selecting.audit import Reading
from rlvf_pair_generator.selecting.rules import Step

__all__ = [
    "duplicate_messages",
    "excluded_messages",
    "reading_message",
    "rollouts_metadata",
    "rollouts_response",
    "step_messages",
    "steps_before_sampling",
]


def steps_before_sampling(rollouts: RolloutSet) -> list[Step]:
    """The steps that left problems out before sampling."""
    distinct = rollouts.problems_given - len(rollouts.duplicates)
    return [
        Step("no duplicate", "problems", rollouts.problems_given, distinct),
        Step("no overlap with a benchmark", "problems", distinct, rollouts.problems_sampled),
    ]


def rollouts_response(
    manifest: artifact_pb2.ArtifactRef, rollouts: RolloutSet, cost: cost_pb2.Cost
) -> pair_generator_pb2.GenerateRolloutsResponse:
    """The response of an operation that stored `rollouts` as `manifest`, at the cost `cost`."""
    return pair_generator_pb2.GenerateRolloutsResponse(
        rollouts=manifest,
        samples=rollouts.samples.ref,
        steps=step_messages(steps_before_sampling(rollouts)),
        excluded=excluded_messages(rollouts),
        duplicates=duplicate_messages(rollouts),
        problems=rollouts.problems_sampled,
        problems_with_both=rollouts.problems_with_both,
        samples_drawn=rollouts.samples_drawn,
        passed=rollouts.passed,
        policy_sha256=rollouts.grader.policy_sha256,
        cost=cost,
    )


def rollouts_metadata(
    progress: SamplingProgress, problems: int
) -> pair_generator_pb2.GenerateRolloutsMetadata:
    """The progress of sampling; `problems` is their number."""
    outcomes = progress.outcomes
    return pair_generator_pb2.GenerateRolloutsMetadata(
        problems_done=progress.problems_done,
        problems_total=problems,
        samples_done=outcomes.samples,
        passed=outcomes.passed,
        failed=outcomes.failed,
        unparseable=outcomes.unparseable,
        truncated=outcomes.truncated,
        problems_with_both=progress.problems_with_both,
        tokens=outcomes.tokens,
    )


def step_messages(steps: Sequence[Step]) -> list[pair_generator_pb2.SelectionStep]:
    """The steps, in their order."""
    return [
        pair_generator_pb2.SelectionStep(
            name=step.name, unit=step.unit, before=step.before, after=step.after
        )
        for step in steps
    ]


def excluded_messages(rollouts: RolloutSet) -> list[pair_generator_pb2.ExcludedProblem]:
    """The problems that overlap a benchmark."""
    return [
        pair_generator_pb2.ExcludedProblem(
            task_id=overlap.task_id,
            benchmark_task_id=overlap.benchmark_task_id,
            reason=overlap.reason,
        )
        for overlap in rollouts.excluded
    ]


def duplicate_messages(rollouts: RolloutSet) -> list[pair_generator_pb2.DuplicateProblem]:
    """The problems that repeat one with another id."""
    return [
        pair_generator_pb2.DuplicateProblem(
            task_id=duplicate.task_id, duplicate_of=duplicate.duplicate_of
        )
        for duplicate in rollouts.duplicates
    ]


def reading_message(reading: Reading | None) -> pair_generator_pb2.AuditReading | None:
    """The reading of an audit; `None` if the set was too small for one."""
    if reading is None:
        return None
    found = reading.discrimination
    return pair_generator_pb2.AuditReading(
        auc=found.auc,
        paired_auc=found.paired_auc,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        pairs=reading.pairs,
        problems=reading.problems,
        features=[
            pair_generator_pb2.AuditFeature(
                name=each.name,
                chosen=each.chosen,
                rejected=each.rejected,
                paired_auc=each.paired_auc,
            )
            for each in reading.features
        ],
    )
