"""Draws and grades rollouts: completions with their verdicts.

Sampling and grading overlap, so that the engine and the sandboxes are both busy. Finished rounds of
problems are kept in checkpoints, each written once and never changed; after a crash only unfinished
rounds are drawn again. Verdicts of a grader other than the current one are not reused: their
completions are graded again, not drawn again.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import MISSING, asdict, dataclass, fields, replace
from itertools import chain, count
from time import monotonic
from typing import Any, TypeAlias

from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.answers.python_source import parse
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle, canonical_completion, program
from rlvf_common.problems.verdicts import VERDICTS
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.progress import Outcomes, SamplingProgress, Tally
from rlvf_common.rollouts.sampling import TRUNCATED, Completion, InferenceClient, SamplingParameters
from rlvf_common.rpc.concurrency import for_each
from rlvf_common.rpc.version import code_sha256
from rlvf_common.storage.operations import OperationContext

__all__ = [
    "NextRound",
    "Rollout",
    "draw_rollouts",
    "dump_rollouts",
    "graded_rollouts",
    "parse_rollouts",
]

# A checkpoint is written when it has this many rounds of problems, or when its first has waited
# this long: a compromise between few writes and little to repeat after a crash.
_ROUNDS_PER_CHECKPOINT = 16
_SECONDS_PER_CHECKPOINT = 15.0

_READER = ThreadPoolExecutor(1, thread_name_prefix="answers")
"""Extracts programs from answers, which takes seconds for some, so it is done neither on the event
loop nor on the threads that heartbeats need."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One graded sample."""

    task_id: str
    sample: int
    """Number of the sample among the problem's samples, from 0."""
    completion: str
    """The completion in canonical form: the problem's prompt + completion is the graded program."""
    finish_reason: str
    tokens: int
    """Tokens that the model wrote, including those that were cut from the completion."""
    verdict: str
    """One of `VERDICTS`."""
    detail: str
    cpu_ms: float
    """CPU time of the program in milliseconds."""
    answer: str | None = None
    """The text that the model wrote in a chat; None if it completed the prompt."""
    cases_passed: int | None = None
    """Number of the test's cases that it passed: all if the verdict is `passed`, else fewer. None
    if credit was not requested or is not known."""
    cases_total: int | None = None
    """Number of the test's cases, at least 1; None if `cases_passed` is."""

    @property
    def truncated(self) -> bool:
        """Whether the model was cut off at `max_tokens`."""
        return self.finish_reason == TRUNCATED

    @property
    def credit(self) -> float | None:
        """The share of the test's cases that it passed, from 0 to 1; None if it is not known."""
        if self.cases_passed is None or self.cases_total is None:
            return None
        return self.cases_passed / self.cases_total


def dump_rollouts(rollouts: Iterable[Rollout]) -> bytes:
    """JSON Lines, one rollout a line, in the given order; fields that are None are left out."""
    return "".join(json.dumps(_record(rollout)) + "\n" for rollout in rollouts).encode()


def _record(rollout: Rollout) -> dict[str, object]:
    return {name: value for name, value in asdict(rollout).items() if value is not None}


def parse_rollouts(data: bytes, *, where: str) -> list[Rollout]:
    """Read what `dump_rollouts` wrote; `where` names the data in errors.

    Raises:
        ValueError: a line is not a rollout.
    """
    rollouts = []
    for number, line in enumerate(data.decode().split("\n"), start=1):
        if not line:
            continue
        try:
            rollout = _rollout(json.loads(line))
        except (ValueError, LookupError, TypeError):
            raise ValueError(f"{where}, line {number}: not a graded sample") from None
        if rollout.verdict not in VERDICTS:
            raise ValueError(f"{where}, line {number}: no such verdict: `{rollout.verdict}`")
        rollouts.append(rollout)
    return rollouts


def _rollout(record: dict[str, Any]) -> Rollout:
    """The rollout of a record. Raises ValueError, LookupError, TypeError."""
    given = {one.name for one in fields(Rollout) if one.default is MISSING or one.name in record}
    rollout = Rollout(**{name: record[name] for name in given})
    credit = (rollout.cases_passed, rollout.cases_total)
    if credit != (None, None) and not _is_credit(*credit):
        raise ValueError("not a number of cases")
    return rollout


def _is_credit(passed: object, total: object) -> bool:
    return type(passed) is int and type(total) is int and 0 <= passed <= total and total > 0


NextRound: TypeAlias = Callable[[Sequence[Rollout]], Sequence[sampling_pb2.Sampling]]
"""How to draw a problem's next samples, given all that it has; empty when it has enough. It must
depend on its argument alone, so that a problem continues after a crash as it would have without
one. Verdicts may decide whether there is a next round; only the number of samples decides how it is
drawn."""


async def draw_rollouts(
    problems: Sequence[Problem],
    *,
    model: sampling_pb2.Model,
    sampling: sampling_pb2.Sampling,
    inference: InferenceClient,
    grader: Grader,
    context: OperationContext,
    meter: Meter,
    on_progress: Callable[[SamplingProgress], Awaitable[None]],
    version: str,
    name: str = "rollouts",
    next_round: NextRound | None = None,
    credit: bool = False,
) -> list[Rollout]:
    """Every sample of every problem, graded; ordered by problem as given, then by sample.

    Samples are drawn as `sampling` says, or in the rounds of `next_round`. `meter` counts what they
    cost. `on_progress` is called after every round of a problem. `version` is that of the grader,
    without hyphens: samples that an earlier attempt at the operation saved under another version
    are graded again. `name` distinguishes the checkpoints of several calls in one operation, and
    those of other problems with the same task ids. Samples that were drawn from other weights than
    `model` names (`InferenceClient.pinned`), or were read by another version of this code, are
    drawn again. With `credit` the cases that each sample passes are counted (`Grader.grade`).

    Raises:
        Unavailable: inference or the executor was unreachable for longer than their clients wait.
            Finished rounds are in checkpoints.
        NotFound, FailedPrecondition, InvalidArgument: as in `InferenceClient.complete` and
            `Grader.grade`.
    """
    style = SamplingParameters.checked(sampling).prompt_style
    next_round = next_round or (lambda done: () if done else (sampling,))
    # Samples of other weights, or read by other code, have other checkpoints.
    reader = await asyncio.to_thread(code_sha256, "rlvf_common")
    name = f"{name}-{reader[:16]}"
    if model.weights_sha256:
        name = f"{name}-{model.weights_sha256[:16]}"
    saved = _Saved(context, name, version, meter)
    await saved.restore(next_round)
    finished = sum(not next_round(saved[problem.task_id]) for problem in problems)
    tally = Tally()
    restored = [(problem, saved[problem.task_id]) for problem in problems]
    for (problem, _), outcomes in zip(restored, await _outcomes(restored), strict=True):
        tally.add(problem.task_id, outcomes)
    await on_progress(tally.progress(finished))
    # A turn is held only while sampling, so the engine never waits for the graders. There are twice
    # as many as the engine takes, so that one is ready when a problem's last request is answered.
    turns = asyncio.Semaphore(2 * -(-inference.max_in_flight // _samples(next_round(()))))

    async def roll_out(problem: Problem) -> None:
        nonlocal finished
        while wanted := next_round(saved[problem.task_id]):
            answers = saved.ungraded(problem.task_id, _samples(wanted))
            if not answers:
                async with turns:
                    drawn = await for_each(
                        wanted,
                        lambda one: inference.complete(model, problem, one, meter=meter),
                        at_once=len(wanted),
                    )
                first = len(saved[problem.task_id])
                completions = chain.from_iterable(drawn)
                answers = await _ungraded(problem, completions, style, first)
            graded = await _graded(problem, answers, grader, credit)
            for one in graded:
                meter.count_graded(one.cpu_ms)
            await saved.add(graded)
            (outcomes,) = await _outcomes([(problem, graded)])
            tally.add(problem.task_id, outcomes)
            finished += not next_round(saved[problem.task_id])
            await on_progress(tally.progress(finished))

    try:
        await for_each(problems, roll_out, at_once=len(problems))
    finally:
        await saved.flush()
    return [rollout for problem in problems for rollout in saved[problem.task_id]]


def _samples(wanted: Sequence[sampling_pb2.Sampling]) -> int:
    return sum(one.samples_per_problem or 1 for one in wanted)


async def graded_rollouts(
    problem: Problem,
    completions: Sequence[Completion],
    style: PromptStyle,
    grader: Grader,
    *,
    credit: bool = False,
) -> list[Rollout]:
    """Completions of a problem, sampled in that style, with their verdicts; numbered from 0.
    Raises the errors of `Grader.grade`."""
    answers = await _ungraded(problem, completions, style, 0)
    return await _graded(problem, answers, grader, credit)


async def _ungraded(
    problem: Problem, completions: Iterable[Completion], style: PromptStyle, first: int
) -> list[Rollout]:
    """The completions as rollouts without verdicts, numbered from `first`."""
    completions = list(completions)
    cleaned = await asyncio.get_running_loop().run_in_executor(
        _READER, lambda: [canonical_completion(problem, one.text, style) for one in completions]
    )
    return [
        Rollout(
            task_id=problem.task_id,
            sample=sample,
            completion=text,
            finish_reason=completion.finish_reason,
            tokens=completion.tokens,
            verdict="",
            detail="",
            cpu_ms=0.0,
            answer=completion.text if style == "chat" else None,
        )
        for sample, (completion, text) in enumerate(
            zip(completions, cleaned, strict=True), start=first
        )
    ]


async def _graded(
    problem: Problem, answers: Sequence[Rollout], grader: Grader, credit: bool
) -> list[Rollout]:
    """The answers with their verdicts."""
    grades = await for_each(
        answers,
        lambda answer: grader.grade(problem, program(problem, answer.completion), credit=credit),
        at_once=len(answers),
    )
    return [
        replace(
            answer,
            verdict=grade.verdict,
            detail=grade.detail,
            cpu_ms=round(grade.cpu_ms, 3),
            cases_passed=grade.cases_passed,
            cases_total=grade.cases_total,
        )
        for answer, grade in zip(answers, grades, strict=True)
    ]


async def _outcomes(
    rounds: Sequence[tuple[Problem, Sequence[Rollout]]],
) -> list[Outcomes]:
    """The outcomes of the samples of each round."""

    def count_up(problem: Problem, rollouts: Sequence[Rollout]) -> Outcomes:
        return Outcomes(
            samples=len(rollouts),
            passed=sum(one.verdict == "passed" for one in rollouts),
            unparseable=sum(parse(program(problem, one.completion)) is None for one in rollouts),
            truncated=sum(one.truncated for one in rollouts),
            tokens=sum(one.tokens for one in rollouts),
        )

    return await asyncio.get_running_loop().run_in_executor(
        _READER, lambda: [count_up(*one) for one in rounds]
    )


class _Saved:
    """The finished rounds: in memory by task, and in checkpoints `<name>-<version>-00000`,
    `<name>-<version>-00001`, ..."""

    def __init__(self, context: OperationContext, name: str, version: str, meter: Meter) -> None:
        self._context = context
        self._meter = meter
        self._name = name
        self._version = version
        self._by_task: dict[str, list[Rollout]] = {}
        self._of_other_versions: dict[str, list[Rollout]] = {}
        self._unsaved: list[Rollout] = []
        self._unsaved_rounds = 0
        self._oldest_unsaved_at = 0.0
        self._numbers = count()
        self._writing = asyncio.Lock()

    def __getitem__(self, task_id: str) -> list[Rollout]:
        return self._by_task.get(task_id, [])

    def ungraded(self, task_id: str, samples: int) -> list[Rollout]:
        """The problem's next `samples` answers that were graded by another version; empty if there
        are fewer."""
        first = len(self[task_id])
        answers = self._of_other_versions.get(task_id, [])[first : first + samples]
        return answers if len(answers) == samples else []

    async def restore(self, next_round: NextRound) -> None:
        """Read what earlier attempts at the operation saved: whole rounds of `next_round`."""
        pattern = re.compile(rf"{re.escape(self._name)}-([^-]+)-\d{{5}}")
        parts = await self._context.list_checkpoints()
        versions = {part: name[1] for part in parts if (name := pattern.fullmatch(part))}
        by_task: dict[str, list[Rollout]] = {}
        for number in self._numbers:
            part = self._part(number)
            if part not in versions:
                self._numbers = count(number)
                break
            await self._load(part, by_task)
        for task_id, found in by_task.items():
            self._by_task[task_id] = _whole_rounds(found, next_round)
        for part, version in versions.items():
            if version != self._version:
                await self._load(part, self._of_other_versions)

    async def _load(self, part: str, by_task: dict[str, list[Rollout]]) -> None:
        data = await self._context.load_checkpoint(part)
        try:
            rollouts = parse_rollouts(data or b"", where=f"checkpoint {part}")
        except ValueError as error:
            raise FailedPrecondition(f"operation {self._context.id}: {error}") from None
        for rollout in rollouts:
            found = by_task.setdefault(rollout.task_id, [])
            # If two attempts drew a round, that of the first checkpoint counts.
            if rollout.sample == len(found):
                found.append(rollout)

    async def add(self, rollouts: list[Rollout]) -> None:
        """Add a round of one problem; save when there is enough to save."""
        self._by_task.setdefault(rollouts[0].task_id, []).extend(rollouts)
        if not self._unsaved:
            self._oldest_unsaved_at = monotonic()
        self._unsaved.extend(rollouts)
        self._unsaved_rounds += 1
        if (
            self._unsaved_rounds >= _ROUNDS_PER_CHECKPOINT
            or monotonic() - self._oldest_unsaved_at >= _SECONDS_PER_CHECKPOINT
        ):
            await self.flush()

    async def flush(self) -> None:
        """Save what is not saved yet, and what it cost."""
        async with self._writing:
            await self._meter.save()
            if self._unsaved:
                rollouts, self._unsaved, self._unsaved_rounds = self._unsaved, [], 0
                await self._context.save_checkpoint(
                    self._part(next(self._numbers)), dump_rollouts(rollouts)
                )

    def _part(self, number: int) -> str:
        return f"{self._name}-{self._version}-{number:05d}"


def _whole_rounds(rollouts: list[Rollout], next_round: NextRound) -> list[Rollout]:
    """The samples up to the last round that is complete."""
    done: list[Rollout] = []
    while wanted := next_round(done):
        end = len(done) + _samples(wanted)
        if end > len(rollouts):
            break
        done = rollouts[:end]
    return done
