"""Every kind of test, calibrated on a real executor."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from rlvf_api.errors import FailedPrecondition
from rlvf_common import starter
from rlvf_common.problems.benchmarks import Content
from rlvf_common.problems.benchmarks.apps import read_apps
from rlvf_common.problems.benchmarks.code_contests import read_code_contests
from rlvf_common.problems.benchmarks.mbpp import read_mbpp_sanitized
from rlvf_common.problems.benchmarks.sources import read_file
from rlvf_common.problems.problem import parse_problems
from rlvf_common.problems.prompts import program, stub_completion
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_evaluator.benchmarks import Benchmark
from rlvf_evaluator.calibration.calibrate import Calibrator, run_calibration
from rlvf_evaluator.listing import describe

from ...conftest import StackThread

_REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
async def grader(stack: StackThread) -> AsyncIterator[Grader]:
    """A client of the session's executor."""
    async with open_channel(stack.address("executor")) as channel:
        yield Grader(channel)


def _benchmark(content: Content) -> Benchmark:
    return Benchmark("own", "Own", "Apache-2.0", "test", lambda: content)


def _documented() -> Content:
    """The examples of the documentation, one of each kind."""
    text = (_REPOSITORY / "services" / "evaluator" / "BENCHMARKS.md").read_text()
    example = text.split("```json\n")[1].split("```")[0]
    return Content(tuple(parse_problems(example.encode(), where="BENCHMARKS.md")))


def _apps() -> Content:
    programs: list[dict[str, Any]] = [
        {
            "inputs": [f"{number}\n", "5\n"],
            "outputs": [f"{factor * number / 3}\n", f"{factor * 5 / 3}\n"],
        }
        for number, factor in ((1, 1), (2, 2), (4, 5))
    ]
    solutions = [f"print({factor} * int(input()) / 3.0)" for factor in (1, 2, 5)]
    starters = ["", "", ""]
    for name, code in (
        ("f", "def f(a, b):\n"),
        ("g", "class Solution:\n    def g(self, a, b):\n"),
    ):
        programs.append(
            {"fn_name": name, "inputs": [[1, [2]], [3, []]], "outputs": [[[1, 2]], [3]]}
        )
        starters.append(code)
        solutions.append(f"{code}{8 * ' '}return (a, *b)\n")
    return read_apps(
        {
            "problem_id": number,
            "question": "Compute.",
            "solutions": json.dumps(["print 1", solution]),
            "input_output": json.dumps(tests),
            "starter_code": code,
        }
        for number, (tests, solution, code) in enumerate(
            zip(programs, solutions, starters, strict=True)
        )
    )


def _contests() -> Content:
    nothing: dict[str, list[str]] = {"input": [], "output": []}
    return read_code_contests(
        {
            "name": f"{number}_A",
            "description": "Compute.",
            "public_tests": {"input": ["7\n"], "output": [f"{7 * number}\n"]},
            "private_tests": {
                "input": ["1\n", "2\n"],
                "output": [f"{number}\n", f"{2 * number}\n"],
            },
            "generated_tests": nothing,
            "solutions": {"language": [3], "solution": [f"print(int(input()) * {number})"]},
            "time_limit": {"seconds": 1, "nanos": 0},
        }
        for number in (2, 3, 5)
    )


def _starter() -> Content:
    """Functions, classes and whole programs that pairs are made of; the held-out ones are a
    benchmark."""
    return Content(tuple(starter.load("train")))


@pytest.mark.parametrize(
    "read", [_documented, _apps, _contests, pytest.param(_starter, marks=pytest.mark.slow)]
)
async def test_every_kind_of_problem_is_sound_on_our_executor(
    grader: Grader, read: Callable[[], Content]
) -> None:
    content = read()
    record = await run_calibration(_benchmark(content), grader.grade, policy_sha256="p" * 64)
    assert record.detail == ""
    assert record.sound
    assert record.tasks == record.reference_passed == len(content.problems) >= 3
    assert (record.empty_passed, record.stub_passed, record.forged_passed) == (0, 0, 0)


async def test_reference_that_is_wrong_is_refused_and_nothing_is_kept(
    grader: Grader, store: ArtifactStore
) -> None:
    content = read_code_contests(
        [
            {
                "name": "wrong",
                "description": "Double.",
                "public_tests": {"input": ["7\n"], "output": ["14\n"]},
                "private_tests": {"input": [], "output": []},
                "generated_tests": {"input": [], "output": []},
                "solutions": {"language": [3], "solution": ["print(int(input()) * 3)"]},
            }
        ]
    )
    benchmark = _benchmark(content)
    calibrator = Calibrator(grader, grader, store)
    labels = {"benchmark": benchmark.name}
    before = REGISTRY.get_sample_value("rlvf_calibrations_refused_total", labels) or 0.0
    with pytest.raises(FailedPrecondition, match=r"1 of 1 reference solutions did not pass"):
        await calibrator.require_sound(benchmark)
    assert REGISTRY.get_sample_value("rlvf_calibrations_refused_total", labels) == before + 1
    assert store.list_documents(f"calibrations/{benchmark.sha256}/") == []


async def test_what_is_listed_of_a_file_is_what_it_holds(
    store: ArtifactStore, test_data: Path
) -> None:
    content = read_file(test_data / "sanitized-mbpp.json", read_mbpp_sanitized)
    message = describe(_benchmark(content), store)
    assert (message.tasks, message.origin) == (257, "file: sanitized-mbpp.json")
    assert message.cpu_limit.seconds == 11
    assert message.problems.sha256 == _benchmark(content).sha256
    kept = list(parse_problems(store.get_bytes(message.problems), where="stored"))
    assert tuple(kept) == content.problems


async def test_slice_of_mbpp_is_graded_over_the_wire(grader: Grader, test_data: Path) -> None:
    content = read_file(test_data / "sanitized-mbpp.json", read_mbpp_sanitized)
    for problem in content.problems[:3]:
        right = program(problem, problem.canonical_solution)
        assert (await grader.grade(problem, right)).verdict == "passed"
        assert (
            await grader.grade(problem, program(problem, stub_completion(problem)))
        ).verdict == ("failed")
