"""An executor that cannot work is never a verdict."""

import tracemalloc
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import InvalidArgument, ResourceExhausted, RlvfError, Unavailable
from rlvf_common.problems.kinds_of_test import (
    AssertList,
    Cases,
    CheckFunction,
    StandardStreams,
    StreamCase,
    Test,
    Tolerance,
)
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.verdicts import VERDICTS
from rlvf_common.rollouts.grading import Grade, Grader, grade_request

from ...doubles import GradingExecutor, channel_to

PROBLEM = Problem("t/1", "import math\n\n\ndef f():\n", "f", CheckFunction("def check(c): ..."), "")
SOON = timedelta(milliseconds=10)


class Executor(GradingExecutor):
    """Raises `failures` in turn, then answers `verdict_sent`."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[RlvfError] = []
        self.verdict_sent = executor_pb2.VERDICT_PASSED
        self.credit_sent: tuple[int, int] | None = None
        self.requests: list[executor_pb2.GradeRequest] = []

    async def verdict(self, request: executor_pb2.GradeRequest) -> executor_pb2.GradeResponse:
        self.requests.append(request)
        if self.failures:
            raise self.failures.pop(0)
        response = executor_pb2.GradeResponse(verdict=self.verdict_sent, detail="why")
        response.usage.cpu_time.FromMilliseconds(12)
        if self.credit_sent is not None:
            response.cases_passed, response.cases_total = self.credit_sent
        return response


Serving: TypeAlias = tuple[Executor, Callable[..., Grader]]
"""An executor, and what makes a grader that asks it."""


@pytest.fixture
async def executor() -> AsyncIterator[Serving]:
    servicer = Executor()
    async with channel_to(servicer) as channel:
        yield servicer, lambda **options: Grader(channel, **options)


async def test_the_executor_gets_the_whole_program_and_the_helpers_of_the_prompt(
    executor: Serving,
) -> None:
    servicer, grader = executor
    grade = await grader().grade(PROBLEM, "def f(): return 1\n")
    (request,) = servicer.requests
    assert grade == Grade("passed", "why", 12.0, servicer.policy)
    assert request.candidate_source == "def f(): return 1\n"
    assert request.check_function.support_source == "import math\n\n\n"
    assert request.entry_point == "f"


async def test_limits_are_those_of_the_problem_and_wall_time_is_far_behind(
    executor: Serving,
) -> None:
    servicer, grader = executor
    await grader().grade(PROBLEM, "")
    await grader().grade(replace(PROBLEM, cpu_seconds=89.0, call_cpu_seconds=4.0), "")
    usual, slow = (request.limits for request in servicer.requests)
    assert (usual.cpu_time.seconds, usual.call_cpu_time.seconds) == (3, 0)
    assert (slow.cpu_time.seconds, slow.call_cpu_time.seconds) == (89, 4)
    assert usual.wall_time.seconds == 60
    assert slow.wall_time.seconds >= 5 * 89


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        (AssertList(("assert f() == 1",), "import math"), "assert_list"),
        (Cases(("(1,)",), ("2",), "unordered", Tolerance(0.5)), "cases"),
        (StandardStreams((StreamCase("é\n", "1\n"),), "lines"), "standard_streams"),
    ],
)
async def test_every_kind_of_test_becomes_its_request(
    executor: Serving, test: Test, kind: str
) -> None:
    servicer, grader = executor
    await grader().grade(replace(PROBLEM, test=test), "def f(): return 1\n")
    (request,) = servicer.requests
    assert request.WhichOneof("test") == kind
    if kind == "assert_list":
        assert list(request.assert_list.assertions) == ["assert f() == 1"]
        assert request.assert_list.setup_source == "import math"
    elif kind == "cases":
        assert list(request.cases.inputs) == ["(1,)"]
        assert list(request.cases.expected) == ["2"]
        assert request.cases.comparison == executor_pb2.COMPARISON_UNORDERED
        assert request.cases.tolerance.absolute == 0.5
        assert not request.cases.reference_source
    else:
        assert request.standard_streams.cases[0].stdin == "é\n".encode()
        assert request.standard_streams.comparison == executor_pb2.STREAM_COMPARISON_LINES


@pytest.mark.parametrize(("asked", "sent"), [(False, None), (True, None), (True, (0, 3))])
async def test_credit_is_asked_where_it_is_wanted_and_told_where_it_is_sent(
    executor: Serving, asked: bool, sent: tuple[int, int] | None
) -> None:
    servicer, grader = executor
    servicer.credit_sent = sent
    grade = await grader().grade(PROBLEM, "", credit=asked)
    assert servicer.requests[0].credit == asked
    assert (grade.cases_passed, grade.cases_total) == (sent or (None, None))


@pytest.mark.parametrize("verdict", VERDICTS)
async def test_every_verdict_has_its_name(executor: Serving, verdict: str) -> None:
    servicer, grader = executor
    servicer.verdict_sent = executor_pb2.Verdict.Value(f"VERDICT_{verdict.upper()}")
    assert (await grader().grade(PROBLEM, "")).verdict == verdict


async def test_what_may_pass_is_tried_again(executor: Serving) -> None:
    servicer, grader = executor
    servicer.failures = [Unavailable("sandbox failed", SOON), ResourceExhausted("full", SOON)]
    assert (await grader().grade(PROBLEM, "")).verdict == "passed"
    assert len(servicer.requests) == 3


async def test_what_does_not_pass_is_raised_and_is_no_verdict(executor: Serving) -> None:
    servicer, grader = executor
    servicer.failures = [Unavailable("sandbox failed", SOON)] * 50
    with pytest.raises(Unavailable, match=r"t/1 could not be graded.*sandbox failed"):
        await grader(patience=timedelta(seconds=0.3)).grade(PROBLEM, "")


async def test_a_wrong_request_is_not_tried_again(executor: Serving) -> None:
    servicer, grader = executor
    servicer.failures = [InvalidArgument("candidate_source", "is too long")]
    with pytest.raises(InvalidArgument, match="candidate_source: is too long"):
        await grader().grade(PROBLEM, "")
    assert len(servicer.requests) == 1


def test_long_prompts_of_callers_are_not_kept() -> None:
    """A caller's problem set may have prompts of megabytes, and each has helpers of its own."""
    helpers = "x = 1\n" * 2_000
    tracemalloc.start()
    for number in range(20):
        prompt = f"y = {number}\n{helpers}def f():\n"
        assert grade_request(replace(PROBLEM, prompt=prompt), "").check_function.support_source
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 200_000
