"""Turns verdicts of the evaluator into rewards, a batch at a time; runs in the trainer's process.

Verdicts are those of `Score`, which extracts, grades and charges as for every other caller. Only a
verdict becomes a reward: while the executor or the evaluator is unavailable, calls are retried, and
an answer that still has no verdict raises an error or is masked. No failure becomes a reward of 0.
"""

import asyncio
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from os import PathLike
from types import TracebackType
from typing import Literal, Self, TypeAlias, get_args

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_client.sdk.attempts import Attempts, stoppable
from rlvf_client.sdk.client import Evaluator
from rlvf_client.sdk.diagnosis import Diagnosis
from rlvf_client.sdk.errors import (
    DeadlineExceeded,
    EvaluatorError,
    FailedPrecondition,
    InvalidArgument,
    ResourceExhausted,
    Unavailable,
)
from rlvf_client.sdk.own_problems import Problems

__all__ = ["Batch", "Outcome", "Reward", "RewardUnavailable", "Rewarder", "WhenUnavailable"]

WhenUnavailable: TypeAlias = Literal["raise", "mask"]

PATIENCE = timedelta(minutes=10)
"""How long a call is retried by default: longer than a machine takes to restart."""

_INVALID = "invalid"
_VERDICTS = ("passed", "failed", "error", "timeout", "memory", _INVALID)
# Fields for which the caller is to blame. Otherwise the answer is: for its length, or for what the
# executor refuses in it.
_CALLERS_FIELDS = ("sample.task_id", "sample.sample", "sample.answer")
_NO_TEXT = re.compile(r"[\ud800-\udfff]")
_MOST_ANSWERS = 100_000
_AT_ONCE = 64
"""Maximum number of concurrent `grade_async` calls of one Rewarder."""


class RewardUnavailable(Unavailable):
    """An answer could not be graded, so it has no verdict; this says nothing about the answer."""


@dataclass(frozen=True, slots=True)
class Reward:
    """What an answer is worth, and why."""

    value: float
    verdict: str
    """`passed`, `failed`, `error`, `timeout` or `memory`, as in `Score`; `invalid` of an answer
    that no service grades, such as one of more than a MiB."""
    detail: str = ""
    """Why, for people; empty when passed."""
    credit: float | None = None
    """Share of the test's cases that passed, 0 to 1. None: it was not requested, or is not known
    (`TaskResult.cases_passed`)."""

    def __float__(self) -> float:
        return self.value


Outcome: TypeAlias = Reward | EvaluatorError
"""The outcome of one answer: its reward, or the error why it has none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rewards of a batch."""

    rewards: Sequence[Reward | None]
    """In the order of the answers; None where an answer could not be graded and is masked."""
    seconds: float
    """Wall time from the call to the last verdict."""
    unparseable: float
    """Share of the answers whose program does not parse, 0 to 1, as `AnswerShares` counts them:
    equal answers once. 0 if no answer was graded."""

    @property
    def values(self) -> list[float | None]:
        """The rewards as numbers."""
        return [None if reward is None else reward.value for reward in self.rewards]

    @property
    def metrics(self) -> dict[str, float]:
        """Shares of all answers, 0 to 1: of each verdict, `unavailable`, `unparseable`; and
        `seconds`. The same keys always."""
        counts = Counter("unavailable" if one is None else one.verdict for one in self.rewards)
        total = max(1, len(self.rewards))
        return {
            **{name: counts[name] / total for name in (*_VERDICTS, "unavailable")},
            "unparseable": self.unparseable,
            "seconds": self.seconds,
        }


@dataclass(slots=True)
class _Ungraded:
    """The distinct answers of a batch, by the number under which they are sent, and their outcomes
    so far. Numbers identify them, because the service may use another name of a task than its
    caller."""

    samples: dict[int, evaluator_pb2.Sample]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    unparseable: list[tuple[int, float]] = field(default_factory=list)
    """For each stream: the number of samples, and the unparseable ones in percent."""

    def left(self) -> list[evaluator_pb2.Sample]:
        """Those without an outcome."""
        return [one for number, one in self.samples.items() if number not in self.outcomes]

    @property
    def unparseable_share(self) -> float:
        total = sum(samples for samples, _ in self.unparseable)
        return sum(n * percent for n, percent in self.unparseable) / (100 * total) if total else 0.0


class Rewarder:
    """Grades answers for a trainer, with an evaluator service, as a context manager or without.

    `problems` is the name of a benchmark, or own problems: records, or the Path of a JSON Lines
    file, which are stored and calibrated at the first call. An answer is worth `passed` if its
    program passes all tests, else `failed`; with `credit` what lies between, by the share of the
    test's cases that it passes. With `extract` the program is extracted from an answer, as of a
    chat model; otherwise an answer is what follows the task's prompt.

    An answer that cannot be graded is tried again until `patience` after the last verdict, and
    `timeout` after the call at the latest. `unavailable` says what it is then: "raise", or "mask" a
    reward of None. What only its caller can correct is always raised: an unknown task, a missing
    token, a quota that is used up for longer than `patience`.

    `token` is by default the variable `RLVF_AUTH_TOKEN`, so that no configuration that a trainer
    logs has it. `address` and `ca` as of `Evaluator`. It connects when it is first used, and can be
    pickled. All methods may be called from several threads.

    Raises:
        InvalidArgument: `unavailable` is neither of the two.
    """

    def __init__(
        self,
        address: str,
        problems: str | Problems,
        *,
        token: str | None = None,
        ca: bytes | str | PathLike[str] | None = None,
        extract: bool = True,
        credit: bool = False,
        passed: float = 1.0,
        failed: float = 0.0,
        unavailable: WhenUnavailable = "raise",
        patience: timedelta = PATIENCE,
        timeout: timedelta | None = None,
    ) -> None:
        if unavailable not in get_args(WhenUnavailable):
            raise InvalidArgument("unavailable", f'must be "raise" or "mask", not {unavailable!r}')
        self._address = address
        self._problems = problems if isinstance(problems, str | PathLike) else list(problems)
        self._token = token
        self._ca = ca
        self._extract = extract
        self._credit = credit
        self._passed = passed
        self._failed = failed
        self.unavailable: WhenUnavailable = unavailable
        """What happens to an answer that could not be graded."""
        self._patience = patience
        self._timeout = timeout
        self._disconnect()

    def _disconnect(self) -> None:
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._evaluator: Evaluator | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._benchmark = self._problems if isinstance(self._problems, str) else ""

    def __getstate__(self) -> dict[str, object]:
        made = ("_lock", "_storing", "_evaluator", "_threads", "_benchmark")
        return {name: value for name, value in vars(self).items() if name not in made}

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(state)
        self._disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. The next call opens another."""
        evaluator, threads = self._evaluator, self._threads
        self._disconnect()
        if evaluator is not None:
            evaluator.close()
        if threads is not None:
            threads.shutdown(wait=False)

    def grade(self, task_ids: Iterable[object], answers: Sequence[str]) -> Batch:
        """The rewards of answers, each to the task at the same place. Equal ones are graded once.

        Raises:
            InvalidArgument: there are not as many tasks as answers; a task is not one of the
                problems.
            RewardUnavailable: an answer could not be graded, and `unavailable` is "raise".
            EvaluatorError: an error that only the caller can correct, see `rlvf_client.sdk.errors`.
            OSError: the file of problems cannot be read.
        """
        outcomes, batch = self.outcomes(task_ids, answers)
        errors = [one for one in outcomes if isinstance(one, EvaluatorError)]
        for error in errors:
            if self.unavailable == "raise" or not isinstance(error, RewardUnavailable):
                raise error
        return batch

    async def grade_async(self, task_ids: Iterable[object], answers: Sequence[str]) -> Batch:
        """As `grade`, awaited; cancelling it ends its call at the service too."""
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="rlvf-rewards")
            threads = self._threads
        stop, context = stoppable()
        work = partial(context.run, self.grade, task_ids, answers)
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except asyncio.CancelledError:
            stop.stop()
            raise

    def outcomes(
        self, task_ids: Iterable[object], answers: Sequence[str]
    ) -> tuple[list[Outcome], Batch]:
        """As `grade`, but an error of one answer is returned in its place instead of being
        raised."""
        began = time.monotonic()
        tasks = [str(task_id) for task_id in task_ids]
        if len(tasks) != len(answers):
            raise InvalidArgument(
                "task_ids", f"must be as many as the answers: {len(tasks):,} for {len(answers):,}"
            )
        keys = [
            (task, _NO_TEXT.sub("\ufffd", answer))
            for task, answer in zip(tasks, answers, strict=True)
        ]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        if len(numbers) > _MOST_ANSWERS:
            raise InvalidArgument(
                "answers", f"are more than {_MOST_ANSWERS:,}; grade them in several batches"
            )
        ungraded = _Ungraded(
            {
                number: evaluator_pb2.Sample(task_id=task, sample=number, completion=answer)
                for (task, answer), number in numbers.items()
            }
        )
        self._grade(ungraded)
        outcomes = [ungraded.outcomes[numbers[key]] for key in keys]
        rewards = [one if isinstance(one, Reward) else None for one in outcomes]
        return outcomes, Batch(rewards, time.monotonic() - began, ungraded.unparseable_share)

    def _grade(self, ungraded: _Ungraded) -> None:
        """Give every answer an outcome."""
        if not ungraded.samples:
            return
        evaluator = self._connected()
        diagnosis = Diagnosis(self._address, self._ca is not None)
        attempts = Attempts(self._patience, self._timeout, diagnosis)
        # Stored problems expire by their age; a long training outlives them.
        may_have_expired = self._benchmark != "" and not isinstance(self._problems, str)
        while left := ungraded.left():
            try:
                benchmark = self._stored(evaluator, attempts)
                for response in evaluator.stream(
                    benchmark,
                    left,
                    extract=self._extract,
                    credit=self._credit,
                    expected=len(left),
                    timeout=attempts.left(),
                ):
                    if self._note(ungraded, response, len(left)):
                        attempts.progress()
            except EvaluatorError as error:
                if not ungraded.left():
                    return  # Where no answer is valid, the service ends the stream with an error.
                if isinstance(error, FailedPrecondition) and may_have_expired:
                    may_have_expired = False
                    self._benchmark = ""
                    continue
                self._wait_or_give_up(ungraded, attempts, error)
            else:
                if ungraded.left():
                    ended = Unavailable("the stream ended without all verdicts")
                    self._wait_or_give_up(ungraded, attempts, ended)

    def _wait_or_give_up(
        self, ungraded: _Ungraded, attempts: Attempts, error: EvaluatorError
    ) -> None:
        """Sleep before the next attempt, or give the answers that are left the error that ends the
        attempts; raise an error that another attempt cannot avoid."""
        if not isinstance(error, Unavailable | ResourceExhausted | DeadlineExceeded):
            raise error
        try:
            if isinstance(error, DeadlineExceeded):
                raise error
            attempts.pause_or_raise(error)
        except (Unavailable, DeadlineExceeded) as last:
            left = ungraded.left()
            unavailable = RewardUnavailable(
                f"{len(left):,} of {len(ungraded.samples):,} answers could not be graded, so they "
                f"have no reward: {last.message}"
            )
            unavailable.__cause__ = last
            for one in left:
                ungraded.outcomes[one.sample] = unavailable

    def _note(self, ungraded: _Ungraded, response: evaluator_pb2.ScoreResponse, sent: int) -> bool:
        """Note a response of the service; return whether it is the outcome of an answer."""
        if response.HasField("summary"):
            shares = response.summary.answers
            ungraded.unparseable.append((sent, shares.unparseable_percent))
            return False
        if response.HasField("invalid"):
            invalid = response.invalid
            ungraded.outcomes[invalid.sample] = (
                InvalidArgument(invalid.field, invalid.problem)
                if invalid.field in _CALLERS_FIELDS
                # The model's fault, like an answer that does not parse.
                else Reward(self._failed, _INVALID, invalid.problem, 0.0 if self._credit else None)
            )
        else:
            ungraded.outcomes[response.result.sample] = self._reward(response.result)
        return True

    def _reward(self, result: evaluator_pb2.TaskResult) -> Reward:
        credit = None
        if self._credit and result.HasField("cases_passed"):
            credit = result.cases_passed / result.cases_total
        share = 1.0 if result.verdict == "passed" else credit or 0.0
        value = self._failed + share * (self._passed - self._failed)
        return Reward(value, result.verdict, result.detail, credit)

    def _connected(self) -> Evaluator:
        with self._lock:
            if self._evaluator is None:
                token = (
                    os.environ.get("RLVF_AUTH_TOKEN", "") if self._token is None else self._token
                )
                self._evaluator = Evaluator(
                    self._address, token=token, ca=self._ca, patience=self._patience
                )
            return self._evaluator

    def _stored(self, evaluator: Evaluator, attempts: Attempts) -> str:
        """The benchmark's name, after own problems are stored once."""
        with self._storing:
            if not self._benchmark:
                assert not isinstance(self._problems, str)
                self._benchmark = evaluator.store_problems(self._problems, timeout=attempts.left())
            return self._benchmark
