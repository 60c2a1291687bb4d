# ruff: noqa: E501 -- programs in one string each read better than wrapped.
"""How many cases a program passes, over gRPC: for each kind of test, by each judge, and at no price
to the verdict."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_common.problems.benchmarks import read_humaneval
from rlvf_common.problems.benchmarks.mbpp import read_mbpp
from rlvf_common.problems.benchmarks.sources import read_file
from rlvf_common.problems.kinds_of_test import (
    AssertList,
    Cases,
    CheckFunction,
    StandardStreams,
    StreamCase,
    Test,
)
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.concurrency import for_each
from tests.processes.executor import ExecutorProcess, limits

from .conftest import Stub
from .mutants import mutants

Request = executor_pb2.GradeRequest
Credit = tuple[str, int | None, int | None]
NUMBERS = (1, 2, 3, 4)
ASSERTIONS = [f"assert f({n}) == {2 * n}" for n in NUMBERS]
CHECK = "def check(candidate):\n" + "".join(
    f"    {one.replace('f(', 'candidate(')}\n" for one in ASSERTIONS
)
# Makes a test one that needs a process of its own, without changing what it means.
OPEN = "\nimport sys\n"
FUNCTIONS = {
    "check": Request(check_function=executor_pb2.CheckFunction(source=CHECK)),
    "check in a judge": Request(check_function=executor_pb2.CheckFunction(source=CHECK + OPEN)),
    "asserts": Request(assert_list=executor_pb2.AssertList(assertions=ASSERTIONS)),
    "asserts in a judge": Request(assert_list=executor_pb2.AssertList(assertions=ASSERTIONS, setup_source=OPEN)),
    "cases": Request(cases=executor_pb2.Cases(inputs=[f"({n},)" for n in NUMBERS], expected=[str(2 * n) for n in NUMBERS])),
    "cases by a reference": Request(cases=executor_pb2.Cases(inputs=[f"({n},)" for n in NUMBERS], reference_source="def f(x): return 2 * x")),
}  # fmt: skip
STREAMS = Request(
    standard_streams=executor_pb2.StandardStreams(
        cases=[
            executor_pb2.StreamCase(stdin=b"%d" % n, expected_stdout=b"%d" % (2 * n))
            for n in NUMBERS
        ]
    )
)
KINDS = {**FUNCTIONS, "streams": STREAMS}
# So little memory that it is full long before the CPU time is over, on a slow machine too.
BUDGETS = limits(cpu_seconds=0.3, wall_seconds=20, memory_bytes=48 << 20)


def asking(body: str, test: Request, *, credit: bool = True) -> Request:
    """A grading of a function of `x` with that body, or of a program that prints what it returns."""
    source = f"import os, sys\ndef f(x):\n    {body}\n"
    request = Request(candidate_source=source, credit=credit, limits=BUDGETS)
    request.MergeFrom(test)
    if request.HasField("standard_streams"):
        request.candidate_source += "print(f(int(input())))\n"
    else:
        request.entry_point = "f"
    return request


def told(response: executor_pb2.GradeResponse) -> Credit:
    """The verdict, and the credit where there is one."""
    verdict = executor_pb2.Verdict.Name(response.verdict).removeprefix("VERDICT_").lower()
    if not response.HasField("cases_passed"):
        return verdict, None, None
    return verdict, response.cases_passed, response.cases_total


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("body", "verdict", "passed"),
    [
        ("return 2 * x", "passed", 4),
        ("return 2 * x if x != 1 else 0", "failed", 3),
        ("return 2 * x if x % 2 else None", "failed", 2),
        ("return 6", "failed", 1),
        ("return 0", "failed", 0),
        ("return {1: 2, 3: 6, 4: 8}[x]", "error", 3),
        ("return {3: 6}[x]", "error", 1),
        # The time is that of all cases together.
        ("while x == 3: pass\n    return 2 * x", "timeout", 2),
        ("while x == 1: pass\n    return 2 * x", "timeout", 0),
        ("while x == 3: pass\n    return 2 * x if x > 1 else 0", "failed", 1),
    ],
)
async def test_cases_are_counted_for_every_kind_of_test(
    stub: Stub, kind: str, body: str, verdict: str, passed: int
) -> None:
    response = await stub.Grade(asking(body, KINDS[kind]), timeout=60)
    assert told(response) == (verdict, passed, 4)
    without = await stub.Grade(asking(body, KINDS[kind], credit=False), timeout=60)
    assert told(without) == (verdict, None, None)
    # With streams a limit is what the cases before have left of it.
    details = {re.sub(r"[\d.]+ s of", "s of", one.detail) for one in (without, response)}
    assert len(details) == 1


DIES = {
    "os._exit(1)": "error",
    "import ctypes; ctypes.string_at(0)": "error",
    "bytearray(1 << 30)": "memory",
}


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("then", DIES)
async def test_a_candidate_that_dies_keeps_the_cases_before(
    stub: Stub, kind: str, then: str
) -> None:
    body = f"if x == 3: {then}\n    return 2 * x"
    response = await stub.Grade(asking(body, FUNCTIONS[kind]), timeout=60)
    assert told(response) == (DIES[then], 2, 4)
    body = f"if x == 3: {then}\n    return 2 * x if x > 1 else 0"
    response = await stub.Grade(asking(body, FUNCTIONS[kind]), timeout=60)
    assert told(response) == ("failed", 1, 4)


@pytest.mark.parametrize("then", DIES)
async def test_a_program_that_dies_in_one_case_can_pass_the_next(stub: Stub, then: str) -> None:
    body = f"if x == 3: {then}\n    return 2 * x"
    response = await stub.Grade(asking(body, STREAMS), timeout=60)
    assert told(response) == (DIES[then], 3, 4)


async def test_a_checker_s_cases_are_counted(stub: Stub) -> None:
    request = asking("return 2 * x if x > 2 else x", STREAMS)
    request.standard_streams.checker_source = (
        "def check(stdin, stdout, expected): return int(stdout) == int(expected)"
    )
    assert told(await stub.Grade(request, timeout=60)) == ("failed", 2, 4)


@pytest.mark.parametrize("kind", KINDS)
async def test_more_cases_have_no_more_time(stub: Stub, kind: str) -> None:
    times = 30
    body = "import time\n    end = time.process_time() + 0.05\n    while time.process_time() < end: pass\n    return 0"
    request = asking(body, KINDS[kind])
    match request.WhichOneof("test"):
        case "check_function":
            lines = "".join(f"    assert candidate({n}) == {2 * n}\n" for n in range(1, times))
            request.check_function.source = f"def check(candidate):\n{lines}"
        case "assert_list":
            extra = [f"assert f({n}) == {2 * n}" for n in range(5, times)]
            request.assert_list.assertions.extend(extra)
        case "cases":
            request.cases.inputs.extend(f"({n},)" for n in range(5, times))
            if request.cases.expected:
                request.cases.expected.extend(str(2 * n) for n in range(5, times))
        case _:
            request.standard_streams.cases.extend([request.standard_streams.cases[0]] * times)
    response = await stub.Grade(request, timeout=60)
    verdict, passed, _ = told(response)
    assert (verdict, passed) == ("failed", 0)
    # All cases would take 1.5 s; there is 0.3 s.
    assert response.usage.cpu_time.ToMilliseconds() < 900


async def test_the_use_of_both_runs_is_told(stub: Stub) -> None:
    body = "import time\n    end = time.process_time() + 0.05\n    while time.process_time() < end: pass\n    return 0"
    once = await stub.Grade(asking(body, FUNCTIONS["check"], credit=False), timeout=60)
    twice = await stub.Grade(asking(body, FUNCTIONS["check"]), timeout=60)
    assert once.usage.cpu_time.ToMilliseconds() >= 50
    assert twice.usage.cpu_time.ToMilliseconds() >= 200


@pytest.mark.parametrize("ending", ["", OPEN])
async def test_a_call_has_its_budget_while_it_is_counted(stub: Stub, ending: str) -> None:
    body = "while x == 3: pass\n    return 2 * x if x > 1 else 0"
    request = asking(body, FUNCTIONS["check"])
    request.check_function.source += ending
    request.limits.CopyFrom(limits(cpu_seconds=60))
    request.limits.call_cpu_time.FromMilliseconds(300)
    assert told(await stub.Grade(request, timeout=60)) == ("failed", 1, 4)
    request.candidate_source = request.candidate_source.replace("x > 1", "x")
    assert told(await stub.Grade(request, timeout=60)) == ("timeout", 2, 4)


async def test_a_test_that_ends_its_process_with_an_answer_tells_no_credit(stub: Stub) -> None:
    request = asking("return 2", FUNCTIONS["check"])
    request.check_function.source = "import os\ndef check(c):\n    assert c(1) == 2\n    if c(2) != 4: os._exit(1)\n    assert c(3) == 6\n"
    assert told(await stub.Grade(request, timeout=60)) == ("failed", None, None)


GRADED: list[tuple[Test, str, tuple[str, int, int]]] = [
    (CheckFunction(CHECK), "f", ("failed", 3, 4)),
    (AssertList(tuple(ASSERTIONS)), "f", ("failed", 3, 4)),
    (Cases(tuple(f"({n},)" for n in NUMBERS), tuple(str(2 * n) for n in NUMBERS)), "f", ("failed", 3, 4)),
    (StandardStreams(tuple(StreamCase(str(n), str(2 * n)) for n in NUMBERS)), "", ("failed", 3, 4)),
]  # fmt: skip


async def test_a_grader_s_callers_get_it(executor: ExecutorProcess) -> None:
    source = "def f(x): return 2 * x if x != 2 else 5\n"
    async with open_channel(executor.address) as channel:
        grader = Grader(channel)
        for test, entry_point, expected in GRADED:
            problem = Problem("t/1", "", entry_point, test, "")
            text = source if entry_point else f"{source}print(f(int(input())))\n"
            found = await grader.grade(problem, text, credit=True)
            assert (found.verdict, found.cases_passed, found.cases_total) == expected
            found = await grader.grade(problem, text)
            assert (found.verdict, found.cases_passed, found.cases_total) == ("failed", None, None)


async def graded(
    grader: Grader, work: Sequence[tuple[Problem, str]], *, credit: bool
) -> list[Grade]:
    """The grades of programs, in order."""
    return await for_each(work, lambda one: grader.grade(*one, credit=credit), at_once=16)


@pytest.mark.parametrize("name", ["HumanEval", "MBPP"])
async def test_credit_changes_no_verdict(
    executor: ExecutorProcess, test_data: Path, name: str
) -> None:
    if name == "HumanEval":
        problems = read_file(test_data / "HumanEval.jsonl.gz", read_humaneval).problems[::4]
    else:
        content = read_file(
            test_data / "mbpp.jsonl", lambda records: read_mbpp(records, split=None)
        )
        problems = content.problems[::20]
    references = [program(one, one.canonical_solution) for one in problems]
    work = [
        (replace(problem, cpu_seconds=2.0), source)
        for problem, reference in zip(problems, references, strict=True)
        for source in (reference, *mutants(reference, 3))
    ]
    async with open_channel(executor.address) as channel:
        grader = Grader(channel)
        without, counted = await asyncio.gather(
            graded(grader, work, credit=False), graded(grader, work, credit=True)
        )
    assert [(one.verdict, one.detail) for one in counted] == [
        (one.verdict, one.detail) for one in without
    ]
    partly = 0
    for one in counted:
        assert one.cases_passed is not None
        assert one.cases_total is not None
        assert (one.cases_passed == one.cases_total) == (one.verdict == "passed")
        partly += 0 < one.cases_passed < one.cases_total
    assert partly > len(work) // 10
