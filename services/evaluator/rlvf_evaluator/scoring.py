"""Grades a stream of given answers, in memory that does not grow with their number."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import InvalidArgument, RlvfError
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import canonical_completion
from rlvf_common.rollouts.grading import Grade
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.validation import require
from rlvf_evaluator.kept import KeptVerdicts
from rlvf_evaluator.tally import Answer, Submission, Tally

__all__ = ["score_samples"]

log = logging.getLogger(__name__)

_TOLD_OF_A_TASK_ID = 100
"""Characters of the task id of an invalid sample."""

MAX_BYTES_AT_ONCE = 64 << 20
"""Maximum size of all programs of one call that are being graded."""

Extract: TypeAlias = Callable[[Problem, str], Awaitable[str]]
"""Extracts the completion of a problem from an answer; it may take seconds."""


async def extract_in_a_thread(problem: Problem, answer: str) -> str:
    """Extract the problem's completion from a chat model's answer, in a thread."""
    return await asyncio.to_thread(canonical_completion, problem, answer, "chat")


class _Graded(NamedTuple):
    """A sample with its verdict, or with the reason why it has none."""

    submission: Submission
    answer: Answer


async def score_samples(
    messages: AsyncIterator[evaluator_pb2.ScoreRequest],
    tally: Tally,
    grade: Callable[[Problem, str], Awaitable[Grade]],
    kept: KeptVerdicts | None = None,
    *,
    at_once: Callable[[], int],
    extract: Extract = extract_in_a_thread,
) -> AsyncGenerator[Answer, None]:
    """Yields verdicts, and samples that cannot have one, as they are found.

    The next message is read only while fewer samples than the current `at_once`, and fewer bytes
    than `MAX_BYTES_AT_ONCE`, are in work. A verdict is in work until the caller has taken it, so a
    caller that reads slowly slows its own stream. With `kept`, kept verdicts are reused, and new
    ones are stored before they are answered. `extract` is used if the tally says so.

    Raises:
        InvalidArgument: a second header was sent, or as in `Tally.count`.
        AlreadyExists: another answer was kept for a sample.
        Aborted: another call continues from the kept verdicts.
        ResourceExhausted: the caller's quota is used up.
        Unavailable: a sample could not be graded, or its verdict not stored.
    """

    work = _Work(messages, tally, grade, kept, at_once, extract)
    try:
        while not work.done:
            for answer in await work.advance():
                tally.count(answer)
                yield answer
    finally:
        await work.close()


class _Work:
    """The samples that one call has in work."""

    def __init__(
        self,
        messages: AsyncIterator[evaluator_pb2.ScoreRequest],
        tally: Tally,
        grade: Callable[[Problem, str], Awaitable[Grade]],
        kept: KeptVerdicts | None,
        at_once: Callable[[], int],
        extract: Extract,
    ) -> None:
        self._messages = messages
        self._extract = extract
        self._tally = tally
        self._grade = grade
        self._kept = kept
        self._at_once = at_once
        self._reading: asyncio.Task[Submission | evaluator_pb2.InvalidSample | None] | None = None
        self._grading: dict[asyncio.Task[_Graded], int] = {}
        """Running tasks, with the bytes of their programs."""
        self._grading_bytes = 0
        self._graded: list[asyncio.Task[_Graded]] = []
        """Tasks that are done."""
        self._happened = asyncio.Event()
        self._ended = False

    @property
    def done(self) -> bool:
        """Whether the messages have ended and every verdict was answered."""
        return self._ended and not self._grading

    async def advance(self) -> list[Answer]:
        """Wait until something happens; return what may be answered now."""
        if self._reading is None and not self._ended and self._has_room():
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(lambda _: self._happened.set())
        # Not `asyncio.wait`, whose cost grows with the number of tasks.
        with suppress(TimeoutError):
            async with asyncio.timeout(None if self._kept is None else self._kept.due_in()):
                await self._happened.wait()
        self._happened.clear()
        answers: list[Answer] = []
        if self._reading is not None and self._reading.done():
            read = self._reading.result()
            self._reading = None
            if read is None:
                self._ended = True
            elif isinstance(read, evaluator_pb2.InvalidSample):
                answers.append(read)
            elif (known := self._find(read)) is not None:
                answers.append(known)
            else:
                self._begin(read)
        done, self._graded = self._graded, []
        for task in done:
            self._grading_bytes -= self._grading.pop(task)
            graded = task.result()
            if not self._keep(graded):
                answers.append(graded.answer)
        if self._kept is not None and (self._kept.due_in() == 0 or self.done):
            answers += await self._kept.flush()
        return answers

    def _keep(self, graded: _Graded) -> bool:
        """Have a verdict kept; return whether that is needed before it is answered."""
        if self._kept is None or isinstance(graded.answer, evaluator_pb2.InvalidSample):
            return False
        self._kept.add(graded.answer, graded.submission.solution_sha256)
        return True

    def _has_room(self) -> bool:
        return len(self._grading) < self._at_once() and self._grading_bytes < MAX_BYTES_AT_ONCE

    def _begin(self, submission: Submission) -> None:
        task = asyncio.create_task(self._verdict(submission))
        self._grading[task] = len(submission.solution)
        self._grading_bytes += self._grading[task]
        task.add_done_callback(self._note_graded)

    def _note_graded(self, task: "asyncio.Task[_Graded]") -> None:
        self._graded.append(task)
        self._happened.set()

    async def close(self) -> None:
        """Stop all work; keep verdicts that were not yet answered."""
        for task in self._grading:
            if task.done() and not task.cancelled() and not task.exception():
                self._keep(task.result())
        left = {*self._grading, *({self._reading} if self._reading is not None else ())}
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if self._kept is not None:
            with suppress(asyncio.CancelledError):
                try:
                    await self._kept.flush()
                except RlvfError as error:
                    log.info("verdicts are lost with their call", extra=fields(reason=str(error)))

    async def _read(self) -> Submission | evaluator_pb2.InvalidSample | None:
        try:
            message = await anext(self._messages)
        except StopAsyncIteration:
            return None
        require(
            message.WhichOneof("message") == "sample",
            "sample",
            "only samples may follow the header",
        )
        self._tally.sent += 1
        try:
            return await self._submission(message.sample)
        except InvalidArgument as error:
            return _invalid(message.sample, self._tally.sent - 1, error)

    async def _submission(self, sample: evaluator_pb2.Sample) -> Submission:
        extracted = None
        if self._tally.extract:
            given = self._tally.given(sample)
            extracted = await self._extract(given.problem, given.text)
        submission = self._tally.submit(sample, extracted)
        self._tally.look_at(submission)
        return submission

    def _find(self, submission: Submission) -> evaluator_pb2.TaskResult | None:
        if self._kept is None:
            return None
        return self._kept.find(
            submission.problem.task_id, submission.sample, submission.solution_sha256
        )

    async def _verdict(self, submission: Submission) -> _Graded:
        problem, sample = submission.problem, submission.sample
        try:
            found = await self._grade(problem, submission.solution)
        except InvalidArgument as error:  # the executor refuses the program
            given = evaluator_pb2.Sample(task_id=problem.task_id, sample=sample)
            return _Graded(submission, _invalid(given, submission.index, error))
        result = evaluator_pb2.TaskResult(
            task_id=problem.task_id,
            sample=sample,
            verdict=found.verdict,
            detail=found.detail,
            cpu_ms=found.cpu_ms,
            cases_passed=found.cases_passed,
            cases_total=found.cases_total,
        )
        return _Graded(submission, result)


def _invalid(
    sample: evaluator_pb2.Sample, index: int, error: InvalidArgument
) -> evaluator_pb2.InvalidSample:
    return evaluator_pb2.InvalidSample(
        index=index,
        task_id=sample.task_id[:_TOLD_OF_A_TASK_ID],
        sample=sample.sample,
        field=error.field,
        problem=error.message,
    )
