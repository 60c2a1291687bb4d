"""LiveCodeBench in the form of its files, calibrated and graded on a real executor."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_evaluator.benchmarks import BENCHMARKS, find_named_benchmark, use_sources
from rlvf_evaluator.calibration.calibrate import run_calibration

from ...conftest import StackThread
from ...live_code_bench import EXPECTED_IN_VIEW, TASKS, lines


@pytest.fixture
async def grader(stack: StackThread) -> AsyncIterator[Grader]:
    """A client of the session's executor."""
    async with open_channel(stack.address("executor")) as channel:
        yield Grader(channel)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of benchmarks with LiveCodeBench's file."""
    (tmp_path / "livecodebench.jsonl").write_text(lines())
    use_sources(tmp_path)
    yield tmp_path
    use_sources()


@pytest.mark.usefixtures("folder")
async def test_without_references_empty_answers_stubs_and_forgeries_fail(grader: Grader) -> None:
    benchmark = find_named_benchmark("livecodebench")
    record = await run_calibration(benchmark, grader.grade, policy_sha256="p" * 64)
    assert record.detail == ""
    assert record.sound
    assert record.counts_are_sound
    assert record.tasks == record.without_reference == len(TASKS)
    assert record.reference_passed == 0
    assert (record.empty_passed, record.stub_passed, record.forged_passed) == (0, 0, 0)


@pytest.mark.usefixtures("folder")
async def test_right_answers_pass_and_wrong_ones_fail(grader: Grader) -> None:
    problems = BENCHMARKS["livecodebench"].problems.values()
    for task, problem in zip(TASKS, problems, strict=True):
        right = await grader.grade(problem, program(problem, task.solution))
        assert (right.verdict, right.detail) == ("passed", "")
        for wrong in (*task.wrong, EXPECTED_IN_VIEW, "import os\nos._exit(0)\n"):
            found = await grader.grade(problem, program(problem, wrong))
            assert found.verdict in ("failed", "error"), (problem.task_id, wrong)


def _prepare(folder: Path, stack: StackThread, solutions: object) -> str:
    given = folder / "solutions.json"
    given.write_text(json.dumps(solutions))
    command = [sys.executable, "-m", "rlvf_evaluator.prepare", "livecodebench"]
    command += ["--file", str(folder / "livecodebench.jsonl"), "--solutions", str(given)]
    command += ["--out", str(folder / "proven.jsonl"), "--executor", stack.address("executor")]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout or done.stderr


async def test_what_fails_its_own_reference_is_listed_and_the_rest_is_calibrated_with_it(
    folder: Path, stack: StackThread, grader: Grader
) -> None:
    first, second, third, _ = TASKS
    said = _prepare(
        folder,
        stack,
        [
            {"question_id": "abc001_a", "code_list": [*first.wrong, first.solution]},
            {"question_id": "abc002_b", "code_list": list(second.wrong)},
            {"task_id": "livecodebench/3001", "code_list": [third.solution]},
        ],
    )
    assert "2 problems; 2 left out" in said
    use_sources(folder)
    benchmark = find_named_benchmark("proven")
    assert [one.task_id for one in benchmark.omissions] == [
        "livecodebench/abc002_b",
        "livecodebench/3002",
    ]
    reasons = [one.reason for one in benchmark.omissions]
    assert reasons[0].startswith("none of 2 solutions that should be correct passes its tests")
    assert reasons[1] == "there is no solution of it to verify its tests with"
    record = await run_calibration(benchmark, grader.grade, policy_sha256="p" * 64)
    assert (record.detail, record.sound) == ("", True)
    assert (record.tasks, record.reference_passed, record.without_reference) == (2, 2, 0)
    assert [one.released for one in benchmark.problems.values()] == ["2024-08-10", "2025-01-04"]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: {"code_list": record["code_list"]},
        lambda record: {**record, "code_list": "print(1)"},
        lambda record: {**record, "code_list": [1]},
    ],
)
def test_file_without_solutions_is_told(
    folder: Path, stack: StackThread, change: Callable[[dict[str, object]], object]
) -> None:
    said = _prepare(folder, stack, [change({"question_id": "x", "code_list": ["print(1)"]})])
    assert said.startswith("prepare: solutions.json, record 1: expected `question_id`")
