"""BigCodeBench's records: what is asked, and that the class decides as a check function."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.benchmarks import Content, Records
from rlvf_common.problems.benchmarks.big_code_bench import (
    read_big_code_bench,
    read_big_code_bench_instruct,
)
from rlvf_common.problems.benchmarks.sources import read_file
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem, dump_problems, parse_problems
from rlvf_common.problems.prompts import program, stub_completion, support_source

from ....big_code_bench import LEFT_OUT, TASKS, lines, record

Read = Callable[[Records], Content]
READERS: tuple[Read, ...] = (read_big_code_bench, read_big_code_bench_instruct)

HALF = ("import math\n\ndef task_func(x):", "return math.floor(x / 2)")
METHODS = """
def test_case_1(self):
    self.assertEqual(task_func(5), 2)

def test_case_2(self):
    for x, half in ((0, 0), (9, 4)):
        with self.subTest(x=x):
            self.assertEqual(task_func(x), half)

def test_case_3(self):
    self.assertEqual(task_func(10**6), math.trunc(500_000.5))
"""


def _problem(methods: str = METHODS, read: Read = read_big_code_bench) -> Problem:
    (problem,) = read([record("half", *HALF, methods)]).problems
    return problem


def _check(problem: Problem, function: Callable[[Any], object]) -> None:
    """The check, on a function in this process. Raises as it does."""
    assert isinstance(problem.test, CheckFunction)
    names: dict[str, Any] = {}
    exec(support_source(problem), names)
    exec(problem.test.source, names)
    names["check"](function)


def test_a_function_is_completed_from_its_docstring() -> None:
    problem = _problem()
    assert (problem.task_id, problem.entry_point) == ("BigCodeBench/half", "task_func")
    assert (problem.source, problem.split) == ("bigcodebench", "test")
    assert (problem.environment, problem.cpu_seconds) == ("python-scientific", 30.0)
    assert problem.prompt.startswith('import math\n\ndef task_func(x):\n    """\n    Do what half')
    assert problem.prompt.endswith('"""\n')


def test_a_function_is_written_from_a_text() -> None:
    problem = _problem(read=read_big_code_bench_instruct)
    assert problem.prompt.startswith('"""\nDo what half says.')
    assert problem.prompt.endswith(
        'starting with:\n```\nimport math\n\ndef task_func(x):\n```\n"""\n'
    )
    assert problem.canonical_solution.startswith("import math\n\ndef task_func(x):\n    return")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("newlines", ["", "\n"])
def test_reference_is_a_whole_program(read: Read, newlines: str) -> None:
    made = record("half", *HALF, METHODS)
    for field in ("complete_prompt", "code_prompt", "canonical_solution"):
        made[field] = made[field].rstrip("\n") + newlines
    (problem,) = read([made]).problems
    assert problem.canonical_solution.endswith("(x / 2)\n")
    names: dict[str, Any] = {}
    exec(program(problem, problem.canonical_solution), names)
    _check(problem, names["task_func"])
    exec(program(problem, stub_completion(problem)), names)
    with pytest.raises(AssertionError, match="test_case_1: None != 2"):
        _check(problem, names["task_func"])


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (lambda x: 2, r"^test_case_2 \(x=0\): 2 != 0$"),
        (lambda x: x // 2 if x < 10 else 0, "^test_case_3: 0 != 500000$"),
    ],
)
def test_first_fault_is_told_with_its_method(
    read: Read, wrong: Callable[[Any], object], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        _check(_problem(read=read), wrong)


def test_exception_of_the_program_is_raised_itself() -> None:
    error = LookupError("no half")

    def raises(x: int) -> int:
        raise error

    with pytest.raises(LookupError, match="test_case_1: no half") as raised:
        _check(_problem(), raises)
    assert raised.value is error


def test_nothing_is_run_after_the_first_fault() -> None:
    asked: list[int] = []

    def always_two(x: int) -> int:
        asked.append(x)
        return 2

    with pytest.raises(AssertionError):
        _check(_problem(), always_two)
    # Neither the next subtest nor the next test.
    assert asked == [5, 0]


@pytest.mark.parametrize(
    ("methods", "complaint"),
    [
        ("half = 2", "TestCases has no test methods"),
        ("def case_1(self):\n    task_func(1)", "TestCases has no test methods"),
        ("def test_case_1(self):\n    self.skipTest('today')", "test_case_1: it was skipped"),
        ("@unittest.skip('today')\ndef test_case_1(self):\n    pass", "it was skipped"),
        (
            "@classmethod\ndef setUpClass(cls):\n    raise unittest.SkipTest('today')\n"
            "def test_case_1(self):\n    pass",
            "it was skipped",
        ),
        (
            "def test_case_1(self):\n    with self.subTest(x=1):\n        self.skipTest('today')",
            "it was skipped",
        ),
        (
            "@unittest.expectedFailure\ndef test_case_1(self):\n    self.assertEqual(1, 2)",
            "test_case_1: its failure is expected",
        ),
        (
            "@unittest.expectedFailure\ndef test_case_1(self):\n    pass",
            "test_case_1: its failure is expected",
        ),
        (
            "@classmethod\ndef setUpClass(cls):\n    assert False, 'no'\n"
            "def test_case_1(self):\n    pass",
            r"setUpClass \(.*\): no",
        ),
        (
            "@classmethod\ndef tearDownClass(cls):\n    assert False, 'no'\n"
            "def test_case_1(self):\n    pass",
            r"tearDownClass \(.*\): no",
        ),
        (
            "def tearDown(self):\n    assert False, 'later'\n"
            "def test_case_1(self):\n    assert False, 'first'",
            "test_case_1: first",
        ),
        (
            "def run(self, result=None):\n    pass\ndef test_case_1(self):\n    pass",
            "0 of 1 tests were run",
        ),
        (
            "def tearDown(self):\n    assert False, 'no'\ndef test_case_1(self):\n    pass",
            "test_case_1: no",
        ),
    ],
)
def test_what_does_not_simply_pass_fails(methods: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        _check(_problem(methods), lambda x: x // 2)


def test_skipped_class_fails() -> None:
    made = record("half", *HALF, METHODS)
    made["test"] = made["test"].replace(
        "class TestCases", "@unittest.skip('today')\nclass TestCases"
    )
    (problem,) = read_big_code_bench([made]).problems
    with pytest.raises(AssertionError, match="it was skipped"):
        _check(problem, lambda x: x // 2)


def test_name_of_the_function_is_the_candidate_whatever_the_test_binds_it_to() -> None:
    made = record("half", *HALF, METHODS)
    made["test"] += "\n\ndef task_func(x):\n    return math.floor(x / 2)\n"
    (problem,) = read_big_code_bench([made]).problems
    with pytest.raises(AssertionError, match="3 != 2"):
        _check(problem, lambda x: 3)


@pytest.mark.parametrize("read", READERS)
def test_records_survive_as_problem_records(read: Read) -> None:
    problems = read([task.record for task in (*TASKS, *LEFT_OUT)]).problems
    assert tuple(parse_problems(dump_problems(problems), where="x")) == problems


@pytest.mark.parametrize("read", READERS)
def test_record_of_another_data_set_is_told_with_its_line(tmp_path: Path, read: Read) -> None:
    file = tmp_path / "BigCodeBench.jsonl"
    broken = {name: value for name, value in TASKS[0].record.items() if name != "test"}
    file.write_text(lines(TASKS) + json.dumps(broken))
    with pytest.raises(FailedPrecondition) as raised:
        read_file(file, read)
    place = f"BigCodeBench.jsonl, line {len(TASKS) + 1}"
    assert str(raised.value) == f"{place}: not a record of this data set: no field 'test'"
