"""BigCodeBench in the form of its files: proven, calibrated and graded on a real executor."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rlvf_common.problems.benchmarks import Content, Records
from rlvf_common.problems.benchmarks.big_code_bench import (
    read_big_code_bench,
    read_big_code_bench_instruct,
)
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_evaluator.benchmarks import find_named_benchmark, use_sources
from rlvf_evaluator.calibration.calibrate import run_calibration
from tests.processes.executor import ExecutorProcess

from ...big_code_bench import LEFT_OUT, TASKS, body, lines, record

Read = Callable[[Records], Content]


@pytest.fixture(scope="module")
def executor() -> Iterator[ExecutorProcess]:
    """An executor with the packages."""
    with ExecutorProcess() as process:
        yield process


@pytest.fixture
async def grader(executor: ExecutorProcess) -> AsyncIterator[Grader]:
    """A client of it."""
    async with open_channel(executor.address) as channel:
        yield Grader(channel)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of benchmarks with BigCodeBench's file."""
    (tmp_path / "BigCodeBench.jsonl").write_text(lines())
    yield tmp_path
    use_sources()


def _prepare(folder: Path, executor: str) -> str:
    command = [sys.executable, "-m", "rlvf_evaluator.prepare", "bigcodebench"]
    command += ["--file", str(folder / "BigCodeBench.jsonl")]
    command += ["--out", str(folder / "bigcodebench.jsonl"), "--executor", executor]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout or done.stderr


async def test_what_fails_its_own_reference_is_listed_and_the_rest_is_calibrated(
    folder: Path, executor: ExecutorProcess, grader: Grader
) -> None:
    said = _prepare(folder, executor.address)
    assert f"{len(TASKS)} problems; {len(LEFT_OUT)} left out" in said
    use_sources(folder)
    benchmark = find_named_benchmark("bigcodebench")
    assert list(benchmark.problems) == [task.record["task_id"] for task in TASKS]
    reasons = {one.task_id: one.reason for one in benchmark.omissions}
    for task in LEFT_OUT:
        assert task.reason in reasons[task.record["task_id"]]
    calibration = await run_calibration(benchmark, grader.grade, policy_sha256="p" * 64)
    assert (calibration.detail, calibration.sound) == ("", True)
    assert (calibration.reference_passed, calibration.without_reference) == (len(TASKS), 0)
    passed = calibration.empty_passed, calibration.stub_passed, calibration.forged_passed
    assert passed == (0, 0, 0)


@pytest.mark.parametrize("read", [read_big_code_bench, read_big_code_bench_instruct])
async def test_right_answers_pass_and_wrong_ones_fail(grader: Grader, read: Read) -> None:
    instruct = read is read_big_code_bench_instruct
    # Exceptions of the prompt are the test's own only where the prompt is code.
    tasks = [one for one in TASKS if not (instruct and "TooShort" in one.record["code_prompt"])]
    for task in tasks:
        (problem,) = read([task.record]).problems
        right = await grader.grade(problem, program(problem, problem.canonical_solution))
        assert (right.verdict, right.detail) == ("passed", "")
        begun = task.record["code_prompt"] if instruct else ""
        for wrong in task.wrong:
            found = await grader.grade(problem, program(problem, begun + body(wrong)))
            assert found.verdict in ("failed", "error"), (problem.task_id, wrong)


_DOUBLE = record(
    "double",
    "import unittest\n\ndef task_func(x):",
    "return 2 * x",
    """
    def test_case_1(self):
        self.assertEqual(task_func(2), 4)

    def test_case_2(self):
        try:
            self.assertEqual(task_func(3), 6)
        except Exception:
            self.fail("no answer")
    """,
)
_AT_SECOND = "if x == 2:\n    return 4\n"
_HUGE = "held = [bytes(range(256)) * 2**20 for _ in range(64)]"


@pytest.mark.parametrize(
    ("wrong", "verdict", "detail"),
    [
        ("import os\nos._exit(0)", "error", "exit"),
        (f"{_AT_SECOND}import os\nos._exit(0)", "error", "exit"),
        ("while True:\n    pass", "timeout", ""),
        (f"{_AT_SECOND}while True:\n    pass", "timeout", ""),
        (_HUGE, "memory", ""),
        (f"{_AT_SECOND}{_HUGE}", "memory", ""),
        ("raise SystemExit(0)", "error", "the program ended itself with SystemExit"),
        (f"{_AT_SECOND}raise KeyboardInterrupt", "error", "ended itself with KeyboardInterrupt"),
        ("raise unittest.SkipTest('today')", "error", "the program raised SkipTest"),
        ("raise unittest.case._ShouldStop", "error", "the program raised _ShouldStop"),
        ("assert False, 'never'", "error", "the program raised AssertionError: test_case_1: never"),
        (f"{_AT_SECOND}return 5", "failed", "test_case_2: no answer"),
        ("return unittest.mock.ANY", "error", "plain data"),
    ],
)
async def test_end_of_the_program_is_told_as_what_it_is(
    grader: Grader, wrong: str, verdict: str, detail: str
) -> None:
    (problem,) = read_big_code_bench([_DOUBLE]).problems
    limited = replace(problem, cpu_seconds=1.0)
    source = "import unittest.mock\n" + program(problem, body(wrong))
    found = await grader.grade(limited, source)
    assert (found.verdict, detail in found.detail) == (verdict, True), found.detail


_FORGED = """
import sys, unittest

class TestCases(unittest.TestCase):
    def test_case_1(self):
        pass

def check(candidate):
    pass

unittest.TestLoader.loadTestsFromTestCase = lambda *_: unittest.TestSuite()
unittest.TestSuite.run = lambda self, result: result
unittest.TestResult.addFailure = unittest.TestResult.addError = lambda *_: None
unittest.TestCase.assertEqual = lambda *_: None
sys.modules["unittest"] = sys.modules["unittest.case"] = sys.modules[__name__] = None

def task_func(x):
    return ANSWER
"""


@pytest.mark.parametrize(
    ("answer", "verdict"), [("0", "failed"), ("None", "failed"), ("2 * x", "passed")]
)
async def test_program_cannot_replace_what_judges_it(
    grader: Grader, answer: str, verdict: str
) -> None:
    (problem,) = read_big_code_bench([_DOUBLE]).problems
    found = await grader.grade(problem, _FORGED.replace("ANSWER", answer))
    assert found.verdict == verdict


def test_executor_without_the_environment_is_told_and_nothing_is_written(folder: Path) -> None:
    with ExecutorProcess(executor_slots="1", executor_environments=str(folder)) as without:
        said = _prepare(folder, without.address)
    assert said.startswith(
        "prepare: the executor does not offer the environment `python-scientific`"
    )
    assert [path.name for path in folder.iterdir()] == ["BigCodeBench.jsonl"]
