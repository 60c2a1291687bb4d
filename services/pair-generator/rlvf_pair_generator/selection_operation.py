"""The work behind `SelectPairs`: look for pairs among graded samples, choose, store."""

import asyncio
from collections.abc import Sequence

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.problem import Problem, parse_problems
from rlvf_common.rollouts.rollout import Rollout, parse_rollouts
from rlvf_common.rollouts.rollout_set import RolloutSet, parse_rollout_set
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_common.storage.operations import OperationContext
from rlvf_pair_generator.candidates import Pair, candidates_of
from rlvf_pair_generator.ladder import Rung
from rlvf_pair_generator.messages import (
    duplicate_messages,
    excluded_messages,
    reading_message,
    step_messages,
    steps_before_sampling,
)
from rlvf_pair_generator.records import Provenance, dump_pairs, is_off_policy
from rlvf_pair_generator.rules import Step
from rlvf_pair_generator.selection import Selected, check_selected, choose_pairs, easy_first
from rlvf_pair_generator.validation import checked_rules

__all__ = ["PairSelection"]

Metadata = pair_generator_pb2.SelectPairsMetadata
Request = pair_generator_pb2.SelectPairsRequest
Response = pair_generator_pb2.SelectPairsResponse


class PairSelection:
    """Handler of `SelectPairsRequest` operations. Calls no other service."""

    async def __call__(self, request: Request, context: OperationContext) -> Response:
        """Carry out a valid request; errors as the contract says."""
        store = context.store
        rollouts, samples = await asyncio.to_thread(_load, store, request.rollouts)
        rules = checked_rules(request, measured_samples=rollouts.round_size)
        found = []
        for done, (problem, answers) in enumerate(samples):
            await context.report(Metadata(problems_done=done, problems_total=len(samples)))
            found.append(await asyncio.to_thread(candidates_of, problem, answers, rules))
        selected = await asyncio.to_thread(choose_pairs, found, rules, ladder=request.ladder)
        steps = [*steps_before_sampling(rollouts), *selected.steps]
        check_selected(selected, steps, needed=max(request.ladder, default=1))
        return await asyncio.to_thread(_store, store, request, rollouts, selected, steps)


def _load(
    store: ArtifactStore, manifest: artifact_pb2.ArtifactRef
) -> tuple[RolloutSet, list[tuple[Problem, list[Rollout]]]]:
    """The set, and its problems with their samples; blocks."""
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
    return rollouts, [(problem, by_task[problem.task_id]) for problem in problems]


def _store(
    store: ArtifactStore,
    request: Request,
    rollouts: RolloutSet,
    selected: Selected,
    steps: Sequence[Step],
) -> Response:
    """Write the pairs and every rung; blocks."""
    provenance = Provenance(
        rollouts, request.rollouts.sha256, request.trained_model, selected.audit
    )

    def put(pairs: Sequence[Pair]) -> artifact_pb2.ArtifactRef:
        return store.put_bytes(dump_pairs(pairs, provenance), JSONL)

    def stored(rung: Rung) -> pair_generator_pb2.Rung:
        pairs = selected.pairs[: rung.size]
        return pair_generator_pb2.Rung(
            size=rung.size,
            pairs=put(pairs),
            curriculum=put(easy_first(pairs)),
            audit=reading_message(rung.reading),
        )

    return Response(
        rollouts=request.rollouts,
        samples=rollouts.samples.ref,
        pairs=put(selected.pairs),
        ladder=[stored(rung) for rung in selected.rungs],
        steps=step_messages(steps),
        excluded=excluded_messages(rollouts),
        duplicates=duplicate_messages(rollouts),
        problems=rollouts.problems_sampled,
        problems_with_both=rollouts.problems_with_both,
        audit_before=reading_message(selected.audit.before),
        audit_after=reading_message(selected.audit.after),
        off_policy=is_off_policy(rollouts, request.trained_model),
        sampler=rollouts.model,
        policy_sha256=rollouts.grader.policy_sha256,
    )
