"""Grades a stream of given answers, in memory that does not grow with their number."""

import asyncio
import hashlib
import logging
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Sequence,
)
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import InvalidArgument, RlvfError
from rlvf_api.samples import MAX_SAMPLES_PER_TASK, Tasks, require_enough
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import canonical_completion, program
from rlvf_common.rollouts.grading import Grade
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.validation import require
from rlvf_common.statistics.intervals import mean_pass_at_k, pass_rate_interval
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_evaluator.answers import AnswerCounts
from rlvf_evaluator.benchmarks import Benchmark
from rlvf_evaluator.kept import KeptVerdicts

__all__ = ["LARGEST_EXTRACTED", "LARGEST_PROGRAM_BYTES", "Tally", "check_ks", "score_samples"]

log = logging.getLogger(__name__)

LARGEST_PROGRAM_BYTES = 1 << 20
"""The executor's maximum for a program."""

LARGEST_EXTRACTED = 1 << 18
"""Maximum characters of an answer from which a program is extracted; that may take some 20 s."""

_MAX_KS = 100

MAX_BYTES_AT_ONCE = 64 << 20
"""Maximum size of all programs of one call that are being graded."""


Extract: TypeAlias = Callable[[Problem, str], Awaitable[str]]
"""Extracts the completion of a problem from an answer; it may take seconds."""


async def extract_in_a_thread(problem: Problem, answer: str) -> str:
    """What a chat model's answer has of the problem's completion."""
    return await asyncio.to_thread(canonical_completion, problem, answer, "chat")


@dataclass(frozen=True, slots=True)
class _Submission:
    """A sample that has been checked."""

    problem: Problem
    sample: int
    answer: str
    """The sample as sent."""
    solution: str
    """The whole program."""

    @property
    def solution_sha256(self) -> str:
        """Digest of the program."""
        return hashlib.sha256(self.solution.encode()).hexdigest()


class Given(NamedTuple):
    """The answer of a sample that has been checked."""

    problem: Problem
    where: str
    """The sample, in errors."""
    field: str
    """The answer's field, in errors."""
    text: str
    """As sent."""


class _Graded(NamedTuple):
    """A sample with its verdict."""

    submission: _Submission
    result: evaluator_pb2.TaskResult


def check_ks(ks: Collection[int], field: str) -> None:
    """Raise InvalidArgument unless all requested k of pass@k are valid."""
    require(
        all(1 <= k <= MAX_SAMPLES_PER_TASK for k in ks),
        field,
        f"must each be from 1 to {MAX_SAMPLES_PER_TASK:,}",
    )
    require(len(ks) <= _MAX_KS, field, f"are more than {_MAX_KS}")


class Tally:
    """Counts of one call: which samples were sent, and how many passed, by task.

    `ks` are the requested k of pass@k. With `extract` the program is extracted from each answer, as
    for a chat model.
    """

    def __init__(
        self, benchmark: Benchmark, *, ks: Sequence[int] = (), extract: bool = False
    ) -> None:
        self._benchmark = benchmark
        self._tasks = Tasks(benchmark.name, benchmark.problems)
        self._ks = tuple(ks)
        self.extract = extract
        # One bit for each sample number that was sent: 100,000 samples of a task take 12 KiB.
        self._seen: dict[str, int] = {}
        self._samples: dict[str, int] = {}
        self._passed: dict[str, int] = {}
        self._answers = AnswerCounts()

    def given(self, message: evaluator_pb2.Sample) -> Given:
        """Check a sample.

        Raises:
            InvalidArgument: its task is not in the benchmark, its number is out of range, its
                answer is missing or too long to extract a program.
        """
        require(bool(message.task_id), "sample.task_id", "is required")
        try:
            task_id = self._tasks.require(message.task_id)
        except ValueError as error:
            raise InvalidArgument("sample.task_id", str(error)) from None
        where = f"sample {message.sample} of {task_id}"
        require(
            0 <= message.sample < MAX_SAMPLES_PER_TASK,
            "sample.sample",
            f"{where}: must be from 0 to {MAX_SAMPLES_PER_TASK - 1:,}",
        )
        answer = message.WhichOneof("answer")
        require(
            answer is not None,
            "sample.answer",
            f"{where}: set `completion` or `solution`; an empty answer is a set empty string",
        )
        problem = self._benchmark.problems[task_id]
        given = message.solution if answer == "solution" else message.completion
        require(
            not self.extract or len(given) <= LARGEST_EXTRACTED,
            f"sample.{answer}",
            f"{where}: has more than {LARGEST_EXTRACTED:,} characters, too many to extract a "
            "program: leave out what comes before the answer itself",
        )
        return Given(problem, where, f"sample.{answer}", given)

    def submit(self, message: evaluator_pb2.Sample, extracted: str | None = None) -> _Submission:
        """Check a sample and count it as sent. `extracted` is what was extracted from its answer,
        if that was done already.

        Raises:
            InvalidArgument: as `given`, or its number was sent before, or its program is too long.
        """
        problem, where, field, given = self.given(message)
        if self.extract:
            if extracted is None:
                extracted = canonical_completion(problem, given, "chat")
            solution = program(problem, extracted)
        else:
            solution = given if field == "sample.solution" else program(problem, given)
        require(
            len(solution.encode()) <= LARGEST_PROGRAM_BYTES,
            field,
            f"{where}: the program, prompt included, has more than {LARGEST_PROGRAM_BYTES:,} bytes",
        )
        bit = 1 << message.sample
        seen = self._seen.get(problem.task_id, 0)
        require(not seen & bit, "sample.sample", f"{where} was sent before: it would count twice")
        self._seen[problem.task_id] = seen | bit
        return _Submission(problem, message.sample, given, solution)

    def look_at(self, submission: _Submission) -> None:
        """Count what is wrong with an answer before any test."""
        self._answers.add(submission.problem, submission.answer, submission.solution)

    def count(self, result: evaluator_pb2.TaskResult) -> None:
        """Count a verdict."""
        task = result.task_id
        self._samples[task] = self._samples.get(task, 0) + 1
        self._passed[task] = self._passed.get(task, 0) + (result.verdict == "passed")

    def require_ks(self) -> None:
        """Raise InvalidArgument if a task has fewer samples than a requested k."""
        counts = {task_id: seen.bit_count() for task_id, seen in self._seen.items()}
        require_enough(counts, self._ks)

    def summary(
        self, calibration: CalibrationRecord, *, expected: int = 0
    ) -> evaluator_pb2.ScoreSummary:
        """Scores over all counted verdicts.

        Raises:
            InvalidArgument: there are none; not `expected` many, unless that is 0; or too few of a
                task for pass@k.
        """
        samples = sum(self._samples.values())
        require(
            samples > 0,
            "sample",
            "at least one sample must follow the header; the stream ended after it",
        )
        require(
            expected in (0, samples),
            "header.samples",
            f"said {expected:,}, and {samples:,} samples came: the stream was cut short, or the "
            "number is wrong; send all of them again",
        )
        self.require_ks()
        rates = [self._passed[task] / self._samples[task] for task in self._samples]
        ci95 = pass_rate_interval(rates, samples)
        return evaluator_pb2.ScoreSummary(
            benchmark=self._benchmark.name,
            tasks=len(rates),
            samples=samples,
            passed=sum(self._passed.values()),
            pass_at_1=sum(rates) / len(rates),
            ci95=evaluator_pb2.Interval(low=ci95.low, high=ci95.high),
            calibration=calibration.message(),
            pass_at_k=[
                evaluator_pb2.PassAtK(k=k, value=value)
                for k, value in mean_pass_at_k(
                    [(count, self._passed[task]) for task, count in self._samples.items()],
                    self._ks,
                ).items()
            ],
            answers=self._answers.message(),
            extracted=self.extract,
        )


async def score_samples(
    messages: AsyncIterator[evaluator_pb2.ScoreRequest],
    tally: Tally,
    grade: Callable[[Problem, str], Awaitable[Grade]],
    kept: KeptVerdicts | None = None,
    *,
    at_once: Callable[[], int],
    extract: Extract = extract_in_a_thread,
) -> AsyncGenerator[evaluator_pb2.TaskResult, None]:
    """Yields verdicts as they are found.

    The next message is read only while fewer samples than the current `at_once`, and fewer bytes
    than `MAX_BYTES_AT_ONCE`, are in work. A verdict is in work until the caller has taken it, so a
    caller that reads slowly slows its own stream. With `kept`, kept verdicts are reused, and new
    ones are stored before they are answered. `extract` is used where the tally says so.

    Raises:
        InvalidArgument: as `Tally.submit`, or a second header was sent.
        AlreadyExists: another answer was kept for a sample.
        Aborted: another call continues from the kept verdicts.
        ResourceExhausted: the caller's quota is used up.
        Unavailable: a sample could not be graded, or its verdict not stored.
    """

    work = _Work(messages, tally, grade, kept, at_once, extract)
    try:
        while not work.done:
            for result in await work.advance():
                tally.count(result)
                yield result
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
        self._reading: asyncio.Task[_Submission | None] | None = None
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

    async def advance(self) -> list[evaluator_pb2.TaskResult]:
        """Wait until something happens; return the verdicts that may be answered now."""
        if self._reading is None and not self._ended and self._has_room():
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(lambda _: self._happened.set())
        # Not `asyncio.wait`, whose cost grows with the number of tasks.
        with suppress(TimeoutError):
            async with asyncio.timeout(None if self._kept is None else self._kept.due_in()):
                await self._happened.wait()
        self._happened.clear()
        results = []
        if self._reading is not None and self._reading.done():
            submission = self._reading.result()
            self._reading = None
            if submission is None:
                self._ended = True
            elif (known := self._find(submission)) is not None:
                results.append(known)
            else:
                self._begin(submission)
        done, self._graded = self._graded, []
        for task in done:
            self._grading_bytes -= self._grading.pop(task)
            graded = task.result()
            if self._kept is None:
                results.append(graded.result)
            else:
                self._kept.add(graded.result, graded.submission.solution_sha256)
        if self._kept is not None and (self._kept.due_in() == 0 or self.done):
            results += await self._kept.flush()
        return results

    def _has_room(self) -> bool:
        return len(self._grading) < self._at_once() and self._grading_bytes < MAX_BYTES_AT_ONCE

    def _begin(self, submission: _Submission) -> None:
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
            if (
                self._kept is not None
                and task.done()
                and not task.cancelled()
                and not task.exception()
            ):
                graded = task.result()
                self._kept.add(graded.result, graded.submission.solution_sha256)
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

    async def _read(self) -> _Submission | None:
        try:
            message = await anext(self._messages)
        except StopAsyncIteration:
            return None
        require(
            message.WhichOneof("message") == "sample",
            "sample",
            "only samples may follow the header",
        )
        extracted = None
        if self._tally.extract:
            given = self._tally.given(message.sample)
            extracted = await self._extract(given.problem, given.text)
        submission = self._tally.submit(message.sample, extracted)
        self._tally.look_at(submission)
        return submission

    def _find(self, submission: _Submission) -> evaluator_pb2.TaskResult | None:
        if self._kept is None:
            return None
        return self._kept.find(
            submission.problem.task_id, submission.sample, submission.solution_sha256
        )

    async def _verdict(self, submission: _Submission) -> _Graded:
        found = await self._grade(submission.problem, submission.solution)
        result = evaluator_pb2.TaskResult(
            task_id=submission.problem.task_id,
            sample=submission.sample,
            verdict=found.verdict,
            detail=found.detail,
            cpu_ms=found.cpu_ms,
        )
        return _Graded(submission, result)
