"""The client of the executors: has programs graded by the tests of their problems."""

import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Self, TypeVar

import grpc

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import FailedPrecondition, InvalidArgument, Unavailable
from rlvf_common.problems.kinds_of_test import CheckFunction, Sources
from rlvf_common.problems.problem import CPU_SECONDS, Problem
from rlvf_common.problems.prompts import program, support_source
from rlvf_common.problems.verdicts import VERDICTS
from rlvf_common.rollouts.grading_dispatch import Dispatch
from rlvf_common.rpc.channels import MAX_MESSAGE_BYTES
from rlvf_common.rpc.context import caller
from rlvf_common.rpc.retry import PASSING, retried

__all__ = ["MOST_AT_ONCE", "Grade", "Grader", "grade_request", "limits_within"]

MOST_AT_ONCE = 4_096
"""Most gradings that are worth having in work: enough for twenty executors at their maximum."""

_NAMES = {executor_pb2.Verdict.Value(f"VERDICT_{name.upper()}"): name for name in VERDICTS}
ResponseT = TypeVar("ResponseT")

WALL_LIMIT = timedelta(seconds=60)
"""Minimum wall time limit, for programs that sleep."""
_WALL_TIMES_CPU = 6

# Time in the executor's queue, in addition to the wall limits of program and reference solution.
_QUEUE_SECONDS = 240.0

# A message has room for other requests beside the largest one.
_MOST_REQUEST_BYTES = MAX_MESSAGE_BYTES - (8 << 20)


@dataclass(frozen=True, slots=True)
class Grade:
    """The executor's verdict on one program, with its reason and cost."""

    verdict: str
    """One of `verdicts.VERDICTS`."""
    detail: str
    """The reason, for people; empty when passed."""
    cpu_ms: float
    """CPU time of the program, in milliseconds."""
    policy_sha256: str = ""
    """Digest of the policy of the executor that graded."""
    cases_passed: int | None = None
    """Number of the test's cases that it passed: all if the verdict is `passed`, else fewer. None
    if credit was not requested or is not known (`GradeResponse.cases_passed`)."""
    cases_total: int | None = None
    """Number of the test's cases; None if `cases_passed` is."""


def limits_within(
    defaults: executor_pb2.Limits, cpu_seconds: float = CPU_SECONDS
) -> executor_pb2.Limits:
    """The limits of a graded program: the executor's defaults, with our CPU and wall time."""
    limits = executor_pb2.Limits()
    limits.CopyFrom(defaults)
    cpu_time = timedelta(seconds=cpu_seconds)
    limits.cpu_time.FromTimedelta(cpu_time)
    limits.wall_time.FromTimedelta(max(WALL_LIMIT, _WALL_TIMES_CPU * cpu_time))
    return limits


def grade_request(
    problem: Problem, solution: str, *, credit: bool = False
) -> executor_pb2.GradeRequest:
    """The request that grades `solution`, a whole program, by the problem's test.

    With `credit` the passed cases of the test are counted too.
    """
    request = executor_pb2.GradeRequest(
        candidate_source=solution,
        entry_point=problem.entry_point,
        limits=_limits(problem.cpu_seconds, problem.call_cpu_seconds),
        credit=credit,
        environment=problem.environment,
    )
    if problem.output_bytes:
        request.limits.output_bytes = problem.output_bytes
    problem.test.add_to(
        request,
        Sources(
            support=lambda: _support(problem.prompt, problem.entry_point),
            reference=lambda: program(problem, problem.canonical_solution),
        ),
    )
    return request


# Cached because many answers to one problem are graded, and these take longer than the rest of a
# request. Callers bring problems, so what is kept has a size.
_MAX_CACHED_CHARACTERS = 10_000


@lru_cache(maxsize=1024)
def _limits(cpu_seconds: float, call_cpu_seconds: float) -> executor_pb2.Limits:
    limits = limits_within(executor_pb2.Limits(), cpu_seconds)
    if call_cpu_seconds:
        limits.call_cpu_time.FromTimedelta(timedelta(seconds=call_cpu_seconds))
    return limits


def _support(prompt: str, entry_point: str) -> str:
    is_short = len(prompt) + len(entry_point) <= _MAX_CACHED_CHARACTERS
    return (_cached_support_source if is_short else _support_source)(prompt, entry_point)


def _support_source(prompt: str, entry_point: str) -> str:
    return support_source(Problem("", prompt, entry_point, CheckFunction(""), ""))


_cached_support_source = lru_cache(maxsize=1024)(_support_source)


class Grader:
    """Client of all executors behind a channel.

    Programs are sent in streams, one to each executor, as many as it can use; waiting callers get
    equal shares. Failures that are no verdict (a sandbox that failed, an executor that is away or
    full) are retried for `patience` and then raised. Verdicts depend on the executor's policy: `of`
    gives a grader whose verdicts all have one policy.
    """

    def __init__(
        self, channel: grpc.aio.Channel, *, patience: timedelta = timedelta(minutes=3)
    ) -> None:
        self._executor = executor_pb2_grpc.ExecutorServiceStub(channel)
        self._dispatch = Dispatch(channel)
        self._patience = patience
        self._policy_sha256 = ""

    def of(self, policy_sha256: str) -> Self:
        """A grader like this one that only uses executors with that policy."""
        pinned = copy.copy(self)
        pinned._policy_sha256 = policy_sha256
        return pinned

    @property
    def capacity(self) -> int:
        """How many gradings are worth having in work now. It changes with the executors."""
        return self._dispatch.capacity(self._policy_sha256)

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        """Grade `solution`, a whole program, by the problem's test.

        With `credit` the passed cases of the test are counted too, if that is possible. That
        changes no verdict, and takes a second run of a program that does not pass.

        Raises:
            InvalidArgument: the executor refuses the request, for example a program above 1 MiB.
            FailedPrecondition: the executor does not offer the problem's environment.
            Unavailable: it could not be graded within the grader's patience.
        """
        async with self._dispatch.slots(self._policy_sha256).slot(caller.get()):
            return await self._grade(problem, solution, credit)

    async def _grade(self, problem: Problem, solution: str, credit: bool) -> Grade:
        """As `grade`, in a slot."""
        # Made only in a slot, so that not more requests are in memory than may be in work.
        request = grade_request(problem, solution, credit=credit)
        if (size := request.ByteSize()) > _MOST_REQUEST_BYTES:
            raise InvalidArgument(
                "test",
                f"task {problem.task_id}: program and test have {size:,} bytes, more than the "
                f"{_MOST_REQUEST_BYTES:,} that can be sent",
            )
        wall_time = request.limits.wall_time
        seconds = _QUEUE_SECONDS + 2 * (wall_time.seconds + wall_time.nanos / 1e9)
        response = await self._retried(
            lambda: self._answer(request, size, seconds),
            f"task {problem.task_id} could not be graded",
        )
        # An executor of a later version may send an unknown verdict.
        if response.verdict not in _NAMES:
            raise FailedPrecondition(f"the executor sent the unknown verdict {response.verdict}")
        cpu_time = response.usage.cpu_time
        has_credit = response.HasField("cases_passed")
        return Grade(
            verdict=_NAMES[response.verdict],
            detail=response.detail,
            cpu_ms=cpu_time.seconds * 1e3 + cpu_time.nanos / 1e6,
            policy_sha256=response.policy_sha256,
            cases_passed=response.cases_passed if has_credit else None,
            cases_total=response.cases_total if has_credit else None,
        )

    async def _answer(
        self, request: executor_pb2.GradeRequest, size: int, seconds: float
    ) -> executor_pb2.GradeResponse:
        response = await self._dispatch.grade(
            request, size, policy_sha256=self._policy_sha256, seconds=seconds
        )
        if self._policy_sha256 not in ("", response.policy_sha256):
            raise Unavailable(
                f"a verdict of the policy {response.policy_sha256[:16]} came, but one of "
                f"{self._policy_sha256[:16]} was asked for"
            )
        return response

    async def capabilities(self) -> executor_pb2.GetCapabilitiesResponse:
        """The executor's capabilities: policy, tier, limits, environments.

        Raises:
            Unavailable: it did not answer within the grader's patience.
        """
        return await self._retried(self._capabilities, "the executor did not answer")

    async def _capabilities(self) -> executor_pb2.GetCapabilitiesResponse:
        request = executor_pb2.GetCapabilitiesRequest()
        met: dict[str, str] = {}
        while True:
            found = await self._executor.GetCapabilities(request, timeout=30.0)
            if self._policy_sha256 in ("", found.policy_sha256):
                return found
            # Calls go to the replicas in turn: when a policy is seen twice, all were asked.
            if found.policy_sha256 in met:
                raise self._dispatch.nobody(self._policy_sha256, met)
            met[found.policy_sha256] = executor_pb2.Tier.Name(found.tier)

    async def _retried(self, call: Callable[[], Awaitable[ResponseT]], failure: str) -> ResponseT:
        """The answer of `call`, which is repeated while its failures may pass by themselves."""
        try:
            return await retried(call, patience=self._patience)
        except PASSING as error:
            raise Unavailable(
                f"{failure} for {self._patience.total_seconds():.0f} s: {error}; check that the "
                "executor runs and RLVF_EXECUTOR_ADDRESS"
            ) from None
