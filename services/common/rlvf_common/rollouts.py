"""Rollouts: completions that were drawn and graded.

Sampling and grading overlap, so that the engine and the sandboxes are both busy. Finished problems
are kept in checkpoints, each written once and never changed; after a crash only unfinished
problems are drawn again.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import count
from time import monotonic

from rlvf.sampling.v1 import sampling_pb2
from rlvf_common.concurrency import for_each
from rlvf_common.errors import FailedPrecondition
from rlvf_common.grading import VERDICTS, Grader
from rlvf_common.operations import OperationContext
from rlvf_common.problems import Problem
from rlvf_common.prompts import canonical_completion, program
from rlvf_common.sampling import TRUNCATED, InferenceClient, SamplingParameters

__all__ = ["Rollout", "draw_rollouts", "dump_rollouts", "parse_rollouts"]

# A checkpoint is written when it has this many problems, or when its first problem has waited this
# long: few writes, and little to repeat after a crash.
_PROBLEMS_PER_CHECKPOINT = 16
_SECONDS_PER_CHECKPOINT = 15.0


@dataclass(frozen=True, slots=True)
class Rollout:
    """One graded sample."""

    task_id: str
    sample: int
    """Number of the sample among the problem's samples, from 0."""
    completion: str
    """In canonical form: the problem's prompt + completion is the program that was graded."""
    finish_reason: str
    tokens: int
    """Tokens that the model wrote, those that were cut from the completion included."""
    verdict: str
    """One of `rlvf_common.grading.VERDICTS`."""
    detail: str
    cpu_ms: float
    """CPU time of the program in milliseconds."""

    @property
    def truncated(self) -> bool:
        """Whether the model was cut off at `max_tokens`."""
        return self.finish_reason == TRUNCATED


def dump_rollouts(rollouts: Iterable[Rollout]) -> bytes:
    """JSON Lines, one rollout a line, in the given order."""
    return "".join(json.dumps(asdict(rollout)) + "\n" for rollout in rollouts).encode()


def parse_rollouts(data: bytes, *, where: str) -> list[Rollout]:
    """Read what `dump_rollouts` wrote; `where` names the data in errors.

    Raises:
        ValueError: a line is not a rollout.
    """
    names = [field.name for field in fields(Rollout)]
    rollouts = []
    for number, line in enumerate(data.decode().split("\n"), start=1):
        if not line:
            continue
        try:
            record = json.loads(line)
            rollout = Rollout(**{name: record[name] for name in names})
        except (ValueError, LookupError, TypeError):
            raise ValueError(f"{where}, line {number}: not a graded sample") from None
        if rollout.verdict not in VERDICTS:
            raise ValueError(f"{where}, line {number}: no such verdict: `{rollout.verdict}`")
        rollouts.append(rollout)
    return rollouts


async def draw_rollouts(
    problems: Sequence[Problem],
    *,
    model: sampling_pb2.Model,
    sampling: sampling_pb2.Sampling,
    inference: InferenceClient,
    grader: Grader,
    context: OperationContext,
    on_progress: Callable[[int], Awaitable[None]],
    name: str = "rollouts",
) -> list[Rollout]:
    """Every sample of every problem, graded; ordered by problem as given, then by sample.

    `on_progress` receives the number of finished problems. `name` tells the checkpoints of several
    calls in one operation apart.

    Raises:
        Unavailable: inference or the executor was away for longer than their clients wait. What
        was finished
            is in checkpoints.
        NotFound, FailedPrecondition, InvalidArgument: as `InferenceClient.complete` and
        `Grader.grade`.
    """
    parameters = SamplingParameters.checked(sampling)
    samples = parameters.samples_per_problem
    finished = _Finished(context, name)
    await finished.restore(samples)
    await on_progress(len(finished))

    async def roll_out(problem: Problem) -> None:
        completions = await inference.complete(model, problem, sampling)
        cleaned = [
            canonical_completion(problem, completion.text, parameters.prompt_style)
            for completion in completions
        ]
        grades = await for_each(
            cleaned, lambda text: grader.grade(problem, program(problem, text)), at_once=samples
        )
        await finished.add(
            [
                Rollout(
                    task_id=problem.task_id,
                    sample=sample,
                    completion=text,
                    finish_reason=completion.finish_reason,
                    tokens=completion.tokens,
                    verdict=grade.verdict,
                    detail=grade.detail,
                    cpu_ms=round(grade.cpu_ms, 3),
                )
                for sample, (completion, text, grade) in enumerate(
                    zip(completions, cleaned, grades, strict=True)
                )
            ]
        )
        await on_progress(len(finished))

    # Twice what the engine takes: while one problem is graded, another keeps its place in the
    # batch.
    at_once = 2 * -(-inference.max_in_flight // samples)
    try:
        await for_each(
            [problem for problem in problems if problem.task_id not in finished],
            roll_out,
            at_once=at_once,
        )
    finally:
        await finished.flush()
    return [rollout for problem in problems for rollout in finished[problem.task_id]]


class _Finished:
    """The problems that are done: in memory by task, and in checkpoints `<name>-00000`,
    `<name>-00001`, ..."""

    def __init__(self, context: OperationContext, name: str) -> None:
        self._context = context
        self._name = name
        self._by_task: dict[str, list[Rollout]] = {}
        self._unsaved: list[Rollout] = []
        self._oldest_unsaved_at = 0.0
        self._numbers = count()
        self._writing = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._by_task)

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._by_task

    def __getitem__(self, task_id: str) -> list[Rollout]:
        return self._by_task[task_id]

    async def restore(self, samples: int) -> None:
        """Take in what earlier runs of the operation saved: problems with `samples` samples."""
        parts = {
            part for part in await self._context.list_checkpoints() if part.startswith(self._name)
        }
        for number in self._numbers:
            part = self._part(number)
            if part not in parts:
                self._numbers = count(number)
                return
            data = await self._context.load_checkpoint(part)
            try:
                rollouts = parse_rollouts(data or b"", where=f"checkpoint {part}")
            except ValueError as error:
                raise FailedPrecondition(f"operation {self._context.id}: {error}") from None
            by_task: dict[str, list[Rollout]] = {}
            for rollout in rollouts:
                by_task.setdefault(rollout.task_id, []).append(rollout)
            for task_id, found in by_task.items():
                if [rollout.sample for rollout in found] == list(range(samples)):
                    self._by_task.setdefault(task_id, found)

    async def add(self, rollouts: list[Rollout]) -> None:
        """Take in all the samples of one problem; save when there is enough to save."""
        self._by_task[rollouts[0].task_id] = rollouts
        if not self._unsaved:
            self._oldest_unsaved_at = monotonic()
        self._unsaved.extend(rollouts)
        if (
            len(self._unsaved) >= _PROBLEMS_PER_CHECKPOINT * len(rollouts)
            or monotonic() - self._oldest_unsaved_at >= _SECONDS_PER_CHECKPOINT
        ):
            await self.flush()

    async def flush(self) -> None:
        """Save what is not saved yet."""
        async with self._writing:
            if self._unsaved:
                rollouts, self._unsaved = self._unsaved, []
                await self._context.save_checkpoint(
                    self._part(next(self._numbers)), dump_rollouts(rollouts)
                )

    def _part(self, number: int) -> str:
        return f"{self._name}-{number:05d}"
