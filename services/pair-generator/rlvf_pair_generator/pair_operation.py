"""Carries out `SelectPairs` operations: chooses pairs from graded samples and stores them."""

import asyncio
from collections.abc import Sequence

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.rollouts.rollout_set import RolloutSet
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_common.storage.operations import OperationContext
from rlvf_pair_generator.messages import (
    duplicate_messages,
    excluded_messages,
    reading_message,
    step_messages,
    steps_before_sampling,
)
from rlvf_pair_generator.selecting.candidates import Pair, candidates_of
from rlvf_pair_generator.selecting.graded_samples import load_samples
from rlvf_pair_generator.selecting.ladder import Rung
from rlvf_pair_generator.selecting.pair_selection import (
    Selected,
    check_selected,
    choose_pairs,
    easy_first,
)
from rlvf_pair_generator.selecting.records import Provenance, dump_pairs
from rlvf_pair_generator.selecting.rules import Step
from rlvf_pair_generator.selecting.yields import dump_yields
from rlvf_pair_generator.validation import checked_rules

__all__ = ["PairSelection"]

Metadata = pair_generator_pb2.SelectPairsMetadata
Request = pair_generator_pb2.SelectPairsRequest
Response = pair_generator_pb2.SelectPairsResponse


class PairSelection:
    """Handler of `SelectPairsRequest` operations. Calls no other service."""

    async def __call__(self, request: Request, context: OperationContext) -> Response:
        """Carry out a valid request. Raises the errors that the proto lists."""
        store = context.store
        rollouts, samples = await asyncio.to_thread(load_samples, store, request.rollouts)
        rules = checked_rules(request, measured_samples=rollouts.round_size)
        if rules.min_gap and not rollouts.credit:
            raise FailedPrecondition(
                "selection.min_gap needs the credit of answers that fail, but the samples were "
                "graded without credit; sample with `credit`"
            )
        found = []
        for done, (problem, answers) in enumerate(samples):
            await context.report(Metadata(problems_done=done, problems_total=len(samples)))
            found.append(await asyncio.to_thread(candidates_of, problem, answers, rules))
        selected = await asyncio.to_thread(choose_pairs, found, rules, ladder=request.ladder)
        steps = [*steps_before_sampling(rollouts), *selected.steps]
        check_selected(selected, steps, needed=max(request.ladder, default=1))
        return await asyncio.to_thread(_store, store, request, rollouts, selected, steps)


def _store(
    store: ArtifactStore,
    request: Request,
    rollouts: RolloutSet,
    selected: Selected,
    steps: Sequence[Step],
) -> Response:
    """Write the pairs and every rung; blocks."""
    provenance = Provenance(
        rollouts,
        request.rollouts.sha256,
        request.trained_model,
        request.trained_adapter_sha256,
    )

    def put(pairs: Sequence[Pair]) -> artifact_pb2.ArtifactRef:
        return store.put_bytes(dump_pairs(pairs, provenance, selected.audit), JSONL)

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
        off_policy=provenance.off_policy,
        sampler=rollouts.model,
        policy_sha256=rollouts.grader.policy_sha256,
        problem_yields=store.put_bytes(dump_yields(selected.yields), JSONL),
        verdicts=request.selection.verdicts or pair_generator_pb2.VERDICTS_TRUE,
    )
