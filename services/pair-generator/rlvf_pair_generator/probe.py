"""Carries out `Probe` operations: asks a model a few problems in each prompt style."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import (
    PromptStyle,
    canonical_completion,
    chat_message,
    completion_prompt,
    program,
)
from rlvf_common.rollouts.answer_form import AnswerForm, answer_form
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.inputs import load_problems, overlaps_with
from rlvf_common.rollouts.sampling import (
    STYLE_NUMBERS,
    TRUNCATED,
    Completion,
    InferenceClient,
    SamplingParameters,
)
from rlvf_common.rpc.concurrency import for_each
from rlvf_common.rpc.version import code_sha256
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationContext
from rlvf_pair_generator.endpoints import endpoint_client
from rlvf_pair_generator.validation import checked_styles

__all__ = ["Answered", "Probe", "best_style", "style_reading"]

Request = pair_generator_pb2.ProbeRequest
Response = pair_generator_pb2.ProbeResponse
Reading = pair_generator_pb2.StyleReading

_EXAMPLES = 3
_MAX_CHARACTERS = 16_384

_READER = ThreadPoolExecutor(1, thread_name_prefix="probed-answers")
"""Reads answers, which takes seconds for some, so it is done neither on the event loop nor on the
threads that heartbeats need."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was read and graded."""

    problem: Problem
    text: str
    """As the model wrote it."""
    form: AnswerForm
    verdict: str


class _Refused(Exception):
    """Inference does not answer in this style."""


class Probe:
    """Handler of `ProbeRequest` operations."""

    def __init__(self, inference: Mapping[str, InferenceClient], grader: Grader) -> None:
        """`inference` has the clients by the name of their endpoint; the service's own is ""."""
        self._inference = inference
        self._grader = grader

    async def __call__(self, request: Request, context: OperationContext) -> Response:
        """Carry out a valid request. Raises the errors that the proto lists. Answers that an
        earlier attempt drew are used, unless they are of other weights or to other prompts."""
        inference = endpoint_client(self._inference, request.endpoint)
        problems = await asyncio.to_thread(_problems, context.store, request)
        styles = checked_styles(request)
        model = await inference.pinned(request.model)
        # All verdicts come from graders with one policy, which the response names.
        policy_sha256 = (await self._grader.capabilities()).policy_sha256
        meter = await Meter.of(context)
        probing = _Probing(
            problems,
            model,
            request.sampling,
            inference,
            self._grader.of(policy_sha256),
            _Kept(context, await asyncio.to_thread(code_sha256, "rlvf_common"), model),
            meter,
            styles,
        )
        try:
            readings = await for_each(styles, probing.read, at_once=len(styles))
        finally:
            await meter.save()
        if all(reading.unavailable for reading in readings):
            reasons = "; ".join(
                f"{style}: {reading.unavailable}"
                for style, reading in zip(styles, readings, strict=True)
            )
            raise FailedPrecondition(f"`{model.base}` answers in no style: {reasons}")
        return Response(
            readings=readings,
            best=best_style(readings),
            policy_sha256=policy_sha256,
            problems=len(problems),
            cost=meter.cost(inference.devices()),
        )


def _problems(store: ArtifactStore, request: Request) -> list[Problem]:
    """The problems to ask the model: those that overlap no benchmark. Blocks."""
    given = load_problems(store, request.problems, "problems")
    overlaps = {one.task_id for one in overlaps_with(store, given, request.benchmarks)}
    problems = [problem for problem in given if problem.task_id not in overlaps]
    if not problems:
        raise FailedPrecondition(
            f"no problem is left to probe with: all {len(given)} overlap a benchmark"
        )
    return problems


class _Probing:
    """One probe in progress."""

    def __init__(
        self,
        problems: Sequence[Problem],
        model: sampling_pb2.Model,
        sampling: sampling_pb2.Sampling,
        inference: InferenceClient,
        grader: Grader,
        kept: "_Kept",
        meter: Meter,
        styles: Sequence[PromptStyle],
    ) -> None:
        self._problems = problems
        self._model = model
        self._sampling = sampling
        self._inference = inference
        self._grader = grader
        self._kept = kept
        self._meter = meter
        self._each = len(problems) * SamplingParameters.checked(sampling).samples_per_problem
        # Answers done, by style; a style that turns out to be unavailable is removed.
        self._done = dict.fromkeys(styles, 0)

    async def read(self, style: PromptStyle) -> Reading:
        """The reading of one style."""
        sampling = sampling_pb2.Sampling()
        sampling.CopyFrom(self._sampling)
        sampling.prompt_style = STYLE_NUMBERS[style]
        try:
            answers = await for_each(
                self._problems,
                lambda problem: self._answer(problem, style, sampling),
                at_once=len(self._problems),
            )
        except _Refused as refusal:
            del self._done[style]
            await self._report()
            return Reading(style=STYLE_NUMBERS[style], unavailable=str(refusal))
        return style_reading(style, [one for of_problem in answers for one in of_problem])

    async def _answer(
        self, problem: Problem, style: PromptStyle, sampling: sampling_pb2.Sampling
    ) -> list[Answered]:
        completions = await self._kept.load(problem, style)
        if completions is None:
            try:
                completions = await self._inference.complete(
                    self._model, problem, sampling, meter=self._meter
                )
            except FailedPrecondition as error:
                raise _Refused(str(error)) from None
            await self._kept.save(problem, style, completions)
        return await for_each(
            completions,
            lambda completion: self._graded(problem, style, completion),
            at_once=len(completions),
        )

    async def _graded(
        self, problem: Problem, style: PromptStyle, completion: Completion
    ) -> Answered:
        def read() -> tuple[str, AnswerForm]:
            text = canonical_completion(problem, completion.text, style)
            truncated = completion.finish_reason == TRUNCATED
            return text, answer_form(problem, text, style, truncated=truncated)

        text, form = await asyncio.get_running_loop().run_in_executor(_READER, read)
        grade = await self._grader.grade(problem, program(problem, text))
        self._meter.count_graded(grade.cpu_ms)
        self._done[style] += 1
        await self._report()
        return Answered(problem, completion.text, form, grade.verdict)

    async def _report(self) -> None:
        await self._kept.context.report(
            pair_generator_pb2.ProbeMetadata(
                answers_done=sum(self._done.values()), answers_total=self._each * len(self._done)
            )
        )


class _Kept:
    """Keeps the drawn answers in checkpoints, one for each problem and style."""

    def __init__(self, context: OperationContext, code: str, model: sampling_pb2.Model) -> None:
        """`code` is the digest of the code that makes the prompts."""
        self.context = context
        self._made_by = f"{code[:16]}-{model.weights_sha256[:16]}"

    async def load(self, problem: Problem, style: PromptStyle) -> list[Completion] | None:
        data = await self.context.load_checkpoint(self._name(problem, style))
        return None if data is None else [Completion(**record) for record in json.loads(data)]

    async def save(
        self, problem: Problem, style: PromptStyle, completions: Sequence[Completion]
    ) -> None:
        data = json.dumps([asdict(one) for one in completions]).encode()
        await self.context.save_checkpoint(self._name(problem, style), data)

    def _name(self, problem: Problem, style: PromptStyle) -> str:
        # A task id may have any characters, and any length.
        task = hashlib.sha256(problem.task_id.encode()).hexdigest()
        return f"{style}-{self._made_by}-{task[:16]}"


def style_reading(style: PromptStyle, answers: Sequence[Answered]) -> Reading:
    """The counts of answers in one style, with examples."""
    forms = [answer.form for answer in answers]
    return Reading(
        style=STYLE_NUMBERS[style],
        samples=len(forms),
        parseable=sum(form.parses for form in forms),
        with_entry_point=sum(form.has_entry_point for form in forms),
        truncated=sum(form.truncated for form in forms),
        empty=sum(form.empty for form in forms),
        usable=sum(form.usable for form in forms),
        passed=sum(answer.verdict == "passed" for answer in answers),
        examples=[_example(style, answer) for answer in _examples(answers)],
    )


def best_style(readings: Sequence[Reading]) -> sampling_pb2.PromptStyle.ValueType:
    """The style with the most usable answers; among equals the one with the most passing answers,
    then completion. At least one style must be available."""
    best = max(
        (reading for reading in readings if not reading.unavailable),
        key=lambda one: (one.usable, one.passed, one.style == sampling_pb2.PROMPT_STYLE_COMPLETION),
    )
    return best.style


def _examples(answers: Sequence[Answered]) -> list[Answered]:
    """A few answers to different problems, unusable ones first."""
    by_task: dict[str, Answered] = {}
    for answer in sorted(answers, key=lambda one: one.form.usable):
        by_task.setdefault(answer.problem.task_id, answer)
    return list(by_task.values())[:_EXAMPLES]


def _example(style: PromptStyle, answer: Answered) -> pair_generator_pb2.ProbedAnswer:
    prompt = chat_message if style == "chat" else completion_prompt
    return pair_generator_pb2.ProbedAnswer(
        task_id=answer.problem.task_id,
        prompt=prompt(answer.problem)[:_MAX_CHARACTERS],
        answer=answer.text[:_MAX_CHARACTERS],
        verdict=answer.verdict,
        flaw=answer.form.flaw,
    )
