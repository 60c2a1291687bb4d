"""Carries out `SelectAnswers` operations: chooses answers from graded samples and stores them."""

import asyncio
from collections.abc import Sequence

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.rollouts.rollout_set import RolloutSet
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_common.storage.operations import OperationContext
from rlvf_pair_generator.messages import (
    duplicate_messages,
    excluded_messages,
    step_messages,
    steps_before_sampling,
)
from rlvf_pair_generator.selecting.answer_selection import (
    SelectedAnswers,
    answers_of,
    choose_answers,
)
from rlvf_pair_generator.selecting.graded_samples import load_samples
from rlvf_pair_generator.selecting.records import Provenance, dump_answers
from rlvf_pair_generator.selecting.rules import Step, said
from rlvf_pair_generator.selecting.yields import dump_yields
from rlvf_pair_generator.validation import checked_answer_rules

__all__ = ["AnswerSelection"]

Metadata = pair_generator_pb2.SelectAnswersMetadata
Request = pair_generator_pb2.SelectAnswersRequest
Response = pair_generator_pb2.SelectAnswersResponse


class AnswerSelection:
    """Handler of `SelectAnswersRequest` operations. Calls no other service."""

    async def __call__(self, request: Request, context: OperationContext) -> Response:
        """Carry out a valid request. Raises the errors that the proto lists."""
        store = context.store
        rollouts, samples = await asyncio.to_thread(load_samples, store, request.rollouts)
        rules = checked_answer_rules(request, measured_samples=rollouts.round_size)
        found = []
        for done, (problem, answers) in enumerate(samples):
            await context.report(Metadata(problems_done=done, problems_total=len(samples)))
            found.append(await asyncio.to_thread(answers_of, problem, answers, rules))
        selected = await asyncio.to_thread(choose_answers, found, rules)
        steps = [*steps_before_sampling(rollouts), *selected.steps]
        if not selected.answers:
            raise FailedPrecondition(
                f"selection left no answers ({said(steps)}); raise selection.max_pass_rate, which "
                "samples nothing again, or sample more answers or problems"
            )
        return await asyncio.to_thread(_store, store, request, rollouts, selected, steps)


def _store(
    store: ArtifactStore,
    request: Request,
    rollouts: RolloutSet,
    selected: SelectedAnswers,
    steps: Sequence[Step],
) -> Response:
    """Write the answers; blocks."""
    answers = selected.answers
    provenance = Provenance(
        rollouts,
        request.rollouts.sha256,
        request.trained_model,
        request.trained_adapter_sha256,
    )
    return Response(
        rollouts=request.rollouts,
        samples=rollouts.samples.ref,
        answers=store.put_bytes(dump_answers(answers, provenance), JSONL),
        count=len(answers),
        passed=sum(answer.rollout.verdict == "passed" for answer in answers),
        problems_answered=len({answer.problem.task_id for answer in answers}),
        steps=step_messages(steps),
        excluded=excluded_messages(rollouts),
        duplicates=duplicate_messages(rollouts),
        problems=rollouts.problems_sampled,
        problems_with_both=rollouts.problems_with_both,
        off_policy=provenance.off_policy,
        sampler=rollouts.model,
        policy_sha256=rollouts.grader.policy_sha256,
        verdicts=request.selection.verdicts or pair_generator_pb2.VERDICTS_TRUE,
        problem_yields=store.put_bytes(dump_yields(selected.yields), JSONL),
    )
