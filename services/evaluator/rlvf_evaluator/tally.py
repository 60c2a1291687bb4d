"""Checks the samples of one call or file, and computes their score."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_api.samples import MAX_INVALID, MAX_SAMPLES_PER_TASK, Tasks, require_enough
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import canonical_completion, program
from rlvf_common.rpc.validation import require
from rlvf_common.statistics.intervals import mean_pass_at_k, pass_rate_interval
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_evaluator.answers import AnswerCounts
from rlvf_evaluator.benchmarks import Benchmark

__all__ = [
    "LARGEST_EXTRACTED",
    "LARGEST_PROGRAM_BYTES",
    "Answer",
    "Submission",
    "Tally",
    "check_ks",
]

LARGEST_PROGRAM_BYTES = 1 << 20
"""The executor's maximum for a program."""

LARGEST_EXTRACTED = 1 << 18
"""Maximum characters of an answer from which a program is extracted; that may take some 20 s."""

_MAX_KS = 100

Answer: TypeAlias = evaluator_pb2.TaskResult | evaluator_pb2.InvalidSample
"""The answer to a sample: its verdict, or why it has none."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A sample that has been checked."""

    problem: Problem
    sample: int
    answer: str
    """The sample as sent."""
    solution: str
    """The whole program."""
    index: int
    """Its place among the samples of the call, from 0."""

    @property
    def solution_sha256(self) -> str:
        """Digest of the program."""
        return hashlib.sha256(self.solution.encode()).hexdigest()


class Given(NamedTuple):
    """The answer of a sample that has been checked."""

    problem: Problem
    where: str
    """The sample's name in errors."""
    field: str
    """The name of the answer's field in errors."""
    text: str
    """The answer as sent."""


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
        self.sent = 0
        """Number of samples that were sent, including invalid ones."""
        self._invalid = 0

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

    def submit(self, message: evaluator_pb2.Sample, extracted: str | None = None) -> Submission:
        """Check a sample and count it as sent. `extracted` is what was extracted from its answer,
        if that was done already.

        Raises:
            InvalidArgument: as in `given`; its number was sent before; its program is too long.
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
        return Submission(problem, message.sample, given, solution, self.sent - 1)

    def look_at(self, submission: Submission) -> None:
        """Count the flaws of an answer that show before any test."""
        self._answers.add(submission.problem, submission.answer, submission.solution)

    def count(self, answer: Answer) -> None:
        """Count a verdict, or an invalid sample.

        Raises:
            InvalidArgument: more than MAX_INVALID are invalid.
        """
        if isinstance(answer, evaluator_pb2.InvalidSample):
            self._invalid += 1
            require(
                self._invalid <= MAX_INVALID,
                answer.field,
                f"{answer.problem}; more than {MAX_INVALID:,} samples are invalid",
            )
            return
        task = answer.task_id
        self._samples[task] = self._samples.get(task, 0) + 1
        self._passed[task] = self._passed.get(task, 0) + (answer.verdict == "passed")

    def require_ks(self) -> None:
        """Raise InvalidArgument if a task has fewer samples than a requested k."""
        counts = {task_id: seen.bit_count() for task_id, seen in self._seen.items()}
        require_enough(counts, self._ks)

    def summary(
        self, calibration: CalibrationRecord, *, expected: int = 0
    ) -> evaluator_pb2.ScoreSummary:
        """Scores over all counted verdicts.

        Raises:
            InvalidArgument: there are none; the number of samples is not `expected` (unless that is
                0); or a task has too few valid samples for pass@k.
        """
        samples = sum(self._samples.values())
        came = samples + self._invalid
        require(
            came > 0,
            "sample",
            "at least one sample must follow the header; the stream ended after it",
        )
        require(
            expected in (0, came),
            "header.samples",
            f"said {expected:,}, but {came:,} samples came: the stream was cut short, or the "
            "number is wrong; send all of them again",
        )
        require(
            samples > 0,
            "sample",
            f"none of the {came:,} samples could be graded; each was answered with what is wrong",
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
            invalid=self._invalid,
        )
