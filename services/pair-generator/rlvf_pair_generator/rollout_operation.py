"""Carries out `GenerateRollouts` operations: leaves out overlaps and duplicates, samples, grades,
stores."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

from rlvf.executor.v1 import executor_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.duplicates import find_duplicates
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.problems.prompts import TEMPLATES
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.inputs import load_problems, overlaps_with
from rlvf_common.rollouts.progress import SamplingProgress
from rlvf_common.rollouts.rollout import Rollout, draw_rollouts, dump_rollouts
from rlvf_common.rollouts.rollout_set import (
    GraderIdentity,
    RolloutSet,
    StoredArtifact,
    dump_rollout_set,
)
from rlvf_common.rollouts.sampling import InferenceClient
from rlvf_common.storage.artifacts import JSON, JSONL
from rlvf_common.storage.operations import OperationContext
from rlvf_pair_generator.endpoints import endpoint_client
from rlvf_pair_generator.messages import rollouts_metadata, rollouts_response
from rlvf_pair_generator.validation import checked_schedule

__all__ = ["RolloutGeneration"]

Request = pair_generator_pb2.GenerateRolloutsRequest
Response = pair_generator_pb2.GenerateRolloutsResponse


class RolloutGeneration:
    """Handler of `GenerateRolloutsRequest` operations."""

    def __init__(
        self,
        inference: Mapping[str, InferenceClient],
        grader: Grader,
        versions: Mapping[str, str],
    ) -> None:
        """`inference` has the clients by the name of their endpoint; the service's own is "".
        `versions` are those of this service, for the manifest."""
        self._inference = inference
        self._grader = grader
        self._versions = versions

    async def __call__(self, request: Request, context: OperationContext) -> Response:
        """Carry out a valid request, starting from the checkpoints of earlier attempts. Raises the
        errors that the proto lists."""
        store = context.store
        inference = endpoint_client(self._inference, request.endpoint)
        given = await asyncio.to_thread(load_problems, store, request.problems, "problems")
        duplicates = await asyncio.to_thread(find_duplicates, given)
        overlaps = await asyncio.to_thread(
            overlaps_with,
            store,
            _without(given, {duplicate.task_id for duplicate in duplicates}),
            request.benchmarks,
        )
        left_out = {each.task_id for each in duplicates} | {each.task_id for each in overlaps}
        problems = _without(given, left_out)
        if not problems:
            raise FailedPrecondition(
                f"no problem is left to sample: of {len(given)}, {len(overlaps)} overlap a "
                f"benchmark and {len(duplicates)} are duplicates"
            )

        async def report(progress: SamplingProgress) -> None:
            await context.report(rollouts_metadata(progress, len(problems)))

        schedule = checked_schedule(request)
        template = TEMPLATES[schedule.sampling.prompt_style]
        model = await inference.pinned(request.model)
        grader = _identity(await self._grader.capabilities())
        meter = await Meter.of(context)
        rollouts = await draw_rollouts(
            problems,
            model=model,
            sampling=request.sampling,
            inference=inference,
            # All verdicts come from graders with one policy, which the manifest names.
            grader=self._grader.of(grader.policy_sha256),
            context=context,
            meter=meter,
            on_progress=report,
            version=_version(grader),
            next_round=schedule.next_round,
            credit=request.credit,
        )
        stored = await asyncio.to_thread(
            lambda: RolloutSet(
                samples=StoredArtifact.of(store.put_bytes(dump_rollouts(rollouts), JSONL)),
                problems=StoredArtifact.of(store.put_bytes(dump_problems(problems), JSONL)),
                model=request.model.base,
                adapter_sha256=request.model.adapter.sha256,
                endpoint=request.endpoint,
                sampling=schedule.sampling,
                round_size=schedule.size,
                temperatures=schedule.temperatures,
                enough_of_each=schedule.enough,
                template=template.name,
                template_sha256=template.sha256,
                grader=grader,
                problems_given=len(given),
                duplicates=tuple(duplicates),
                excluded=tuple(overlaps),
                problems_with_both=_count_with_both(rollouts),
                samples_drawn=len(rollouts),
                passed=sum(rollout.verdict == "passed" for rollout in rollouts),
                weights_sha256=model.weights_sha256,
                credit=request.credit,
                versions={**self._versions, **inference.versions()},
            )
        )
        manifest = await asyncio.to_thread(store.put_bytes, dump_rollout_set(stored), JSON)
        return rollouts_response(manifest, stored, meter.cost(inference.devices()))


def _identity(capabilities: executor_pb2.GetCapabilitiesResponse) -> GraderIdentity:
    tier = executor_pb2.Tier.Name(capabilities.tier).removeprefix("TIER_").lower()
    return GraderIdentity(capabilities.policy_sha256, tier, capabilities.python_version)


def _version(grader: GraderIdentity) -> str:
    """The part of checkpoint names that keeps verdicts of other graders apart: verdicts hold for
    one policy of the executor and one version of Python."""
    graded_by = f"{grader.policy_sha256} {grader.python_version}"
    return hashlib.sha256(graded_by.encode()).hexdigest()[:16]


def _count_with_both(rollouts: Sequence[Rollout]) -> int:
    """The number of problems with a passing and a failing sample."""
    passed = {rollout.task_id for rollout in rollouts if rollout.verdict == "passed"}
    return len(passed & {rollout.task_id for rollout in rollouts if rollout.verdict != "passed"})


def _without(problems: Sequence[Problem], task_ids: set[str]) -> list[Problem]:
    return [problem for problem in problems if problem.task_id not in task_ids]
