"""Records of published data sets, written here in their schemas, as problems."""

import ast
import json
from typing import Any

import pytest

from rlvf_common.problems.benchmarks import Omission, docstring
from rlvf_common.problems.benchmarks.apps import read_apps
from rlvf_common.problems.benchmarks.code_contests import read_code_contests
from rlvf_common.problems.benchmarks.evalplus import read_humaneval_plus, read_mbpp_plus
from rlvf_common.problems.benchmarks.mbpp import read_mbpp, read_mbpp_sanitized, split_of
from rlvf_common.problems.kinds_of_test import (
    AssertList,
    Cases,
    StandardStreams,
    StreamCase,
    Tolerance,
)
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import grade_request


def mbpp(number: int = 11, **changes: object) -> dict[str, Any]:
    record = {
        "task_id": number,
        "text": "Write a function to double a number.",
        "code": "def double(n):\r\n    return 2 * n",
        "test_setup_code": "",
        "test_list": ["assert double(2) == 4", "assert double(3) == 6 "],
        "challenge_test_list": ["assert double(0) == 0"],
    }
    return {**record, **changes}


def plus(number: str, **changes: object) -> dict[str, Any]:
    record = {
        "task_id": number,
        "prompt": '"""\nDouble.\n"""\n',
        "entry_point": "double",
        "canonical_solution": "def double(n):\n    return 2 * n\n",
        "base_input": [[1]],
        "plus_input": [[2.5], [10**30]],
        "atol": 0,
    }
    return {**record, **changes}


def apps(number: int = 7, **changes: object) -> dict[str, Any]:
    record = {
        "problem_id": number,
        "question": "Double the number.\n-----Input-----\nn",
        "solutions": json.dumps(["print 2 * input()", "print(2 * int(input()))"]),
        "input_output": json.dumps({"inputs": ["1\n", ["2", ""]], "outputs": ["2\n", ["4"]]}),
        "difficulty": "introductory",
        "url": "https://example.org",
        "starter_code": "",
    }
    return {**record, **changes}


def contest(name: str = "1_A. Double", **changes: object) -> dict[str, Any]:
    record = {
        "name": name,
        "description": "Double the number.",
        "public_tests": {"input": ["1\n"], "output": ["2\n"]},
        "private_tests": {"input": ["2\n"], "output": ["4\n"]},
        "generated_tests": {"input": ["3\n"], "output": ["6\n"]},
        "solutions": {
            "language": [2, 1, 3],
            "solution": ["int main() {}", "print 1", "print(2 * int(input()))"],
        },
        "time_limit": {"seconds": 1, "nanos": 500_000_000},
        "input_file": "",
        "output_file": "",
    }
    return {**record, **changes}


def test_mbpp_shows_the_text_and_one_assertion_and_is_tested_by_all() -> None:
    (problem,) = read_mbpp([mbpp()]).problems
    assert problem.prompt == (
        '"""\nWrite a function to double a number.\nassert double(2) == 4\n"""\n'
    )
    assert problem.entry_point == "double"
    assert problem.test == AssertList(("assert double(2) == 4", "assert double(3) == 6"))
    assert (problem.task_id, problem.split, problem.cpu_seconds) == ("Mbpp/11", "test", 3.0)
    compile(program(problem, problem.canonical_solution), "program", "exec")


def test_splits_of_mbpp_are_told_by_the_ids() -> None:
    records = [mbpp(number) for number in (1, 10, 11, 510, 511, 600, 601, 974)]
    assert [one.task_id for one in read_mbpp(records).problems] == ["Mbpp/11", "Mbpp/510"]
    train = read_mbpp(records, split="train").problems
    assert [one.task_id for one in train] == ["Mbpp/601", "Mbpp/974"]
    assert len(read_mbpp(records, split=None).problems) == 8
    assert [split_of(number) for number in (10, 600)] == ["prompt", "validation"]


def test_a_task_that_is_none_of_mbpps_is_refused() -> None:
    with pytest.raises(ValueError, match="MBPP has no task 2000"):
        read_mbpp([mbpp(2000)])


def test_challenge_tests_of_mbpp_count_only_when_asked_for() -> None:
    (problem,) = read_mbpp([mbpp()], challenge=True).problems
    assert isinstance(problem.test, AssertList)
    assert problem.test.assertions[-1] == "assert double(0) == 0"


def test_slow_references_of_mbpp_have_more_time() -> None:
    (problem,) = read_mbpp([mbpp(123)]).problems
    assert problem.cpu_seconds == 11


def test_sanitized_mbpp_has_its_imports_as_set_up() -> None:
    record = {**mbpp(), "prompt": "Double it.", "test_imports": ["import math", "import re"]}
    (problem,) = read_mbpp_sanitized([record]).problems
    assert isinstance(problem.test, AssertList)
    assert problem.test.setup == "import math\nimport re"
    assert "Double it." in problem.prompt


def test_record_whose_assertions_call_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no function of the reference is called"):
        read_mbpp([mbpp(test_list=["assert True"])])


@pytest.mark.parametrize("text", ['a """ b', r"\x and \N{", "\\", 'ends in "', "\\u12"])
def test_any_text_becomes_one_docstring(text: str) -> None:
    tree = ast.parse(docstring(text))
    assert len(tree.body) == 1
    assert isinstance(tree.body[0], ast.Expr)


def test_plus_records_keep_every_input_and_their_tolerance() -> None:
    exact, near = read_humaneval_plus(
        [plus("HumanEval/0"), plus("HumanEval/2", atol=1e-4)]
    ).problems
    assert exact.test == Cases(
        ("(1,)", "(2.5,)", f"({10**30},)"),
        float_tolerance=Tolerance(1e-6, 1e-7),
        flat_floats_only=True,
    )
    assert isinstance(near.test, Cases)
    assert (near.test.tolerance, near.test.float_tolerance) == (Tolerance(1e-4, 1e-7), None)


def test_expected_values_of_plus_records_come_from_their_reference() -> None:
    (problem,) = read_humaneval_plus([plus("HumanEval/0")]).problems
    request = grade_request(problem, "def double(n): ...")
    assert request.cases.reference_source == problem.prompt + problem.canonical_solution
    assert list(request.cases.expected) == []


def test_inputs_of_mbpp_plus_get_their_types_back() -> None:
    record = plus("Mbpp/2", base_input=[[[1, 2], [3]]], plus_input=[])
    (problem,) = read_mbpp_plus([record]).problems
    assert isinstance(problem.test, Cases)
    assert problem.test.inputs == ("((1, 2), (3,))",)


def test_inputs_that_are_left_out_are_said() -> None:
    record = plus("Mbpp/255", base_input=[[["a"], 5]], plus_input=[[["a"], 76], [["b"], 69]])
    content = read_mbpp_plus([record])
    (problem,) = content.problems
    assert isinstance(problem.test, Cases)
    assert len(problem.test.inputs) == 2
    (omission,) = content.omissions
    assert omission.task_id == "Mbpp/255"
    assert omission.reason.startswith("1 of 3 inputs are left out: ")


def test_tasks_with_more_than_one_right_answer_have_an_oracle_or_a_looser_comparison() -> None:
    (root,) = read_humaneval_plus(
        [plus("HumanEval/32", entry_point="find_zero", atol=1e-6)]
    ).problems
    (same,) = read_mbpp_plus(
        [plus("Mbpp/2", entry_point="similar_elements", base_input=[], plus_input=[[[1], [2]]])]
    ).problems
    assert isinstance(root.test, Cases)
    assert isinstance(same.test, Cases)
    assert "1e-06" in root.test.oracle
    assert same.test.comparison == "set_equal"


def test_program_of_apps_reads_and_writes_and_has_the_first_solution_in_python_3() -> None:
    (problem,) = read_apps([apps()]).problems
    assert problem.canonical_solution == "print(2 * int(input()))"
    assert isinstance(problem.test, StandardStreams)
    assert problem.test.cases == (StreamCase("1\n", "2\n"), StreamCase("2\n", "4"))
    assert (problem.task_id, problem.entry_point) == ("apps/7", "")
    assert (problem.cpu_seconds, problem.call_cpu_seconds) == (8.0, 4.0)
    assert "Double the number." in problem.prompt
    compile(program(problem, problem.canonical_solution), "program", "exec")


@pytest.mark.parametrize(
    ("starter", "solution", "entry_point"),
    [
        ("def double(n):\n", "def double(n): return 2 * n", "double"),
        (
            "class Solution:\n    def double(self, n):\n",
            "class Solution:\n    def double(self, n): return 2 * n",
            "Solution",
        ),
    ],
)
def test_function_of_apps_is_called_as_its_starter_code_says(
    starter: str, solution: str, entry_point: str
) -> None:
    tests = {"fn_name": "double", "inputs": [[1], [[1, 2]]], "outputs": [[2], [1, 2, 1, 2]]}
    record = apps(
        input_output=json.dumps(tests), solutions=json.dumps([solution]), starter_code=starter
    )
    (problem,) = read_apps([record]).problems
    assert problem.entry_point == entry_point
    assert starter.strip() in problem.prompt
    assert isinstance(problem.test, AssertList)
    names: dict[str, object] = {}
    assert (problem.test.function, problem.test.method_of) == ("double", "Solution")
    is_method = entry_point == "Solution"  # Then the executor finds the function in the class.
    found = "\ndouble = Solution().double\n" if is_method else ""
    exec(problem.test.setup + program(problem, problem.canonical_solution) + found, names)
    for assertion in problem.test.assertions:
        exec(assertion, names)
    exec(problem.canonical_solution.replace("2 * n", "None") + found, names)
    for assertion in problem.test.assertions:
        with pytest.raises(AssertionError):
            exec(assertion, names)


def test_answers_to_apps_find_the_imports_that_its_harness_gives() -> None:
    tests = {"fn_name": "f", "inputs": [[[3, 1]], [{"1": 5}]], "outputs": [[1], [{"2": 5}]]}
    solution = (
        "class Solution:\n"
        "    def f(self, x: List[int]):\n"
        "        if isinstance(x, dict):\n"
        "            return {key + 1: value for key, value in x.items()}\n"
        "        return heappop(sorted(x))\n"
    )
    record = apps(
        input_output=json.dumps(tests),
        solutions=json.dumps([solution]),
        starter_code="class Solution:\n    def f(self, x: List[int]):\n",
    )
    (problem,) = read_apps([record]).problems
    assert isinstance(problem.test, AssertList)
    names: dict[str, object] = {}
    exec(program(problem, problem.canonical_solution) + problem.test.setup, names)
    exec("f = Solution().f", names)
    for assertion in problem.test.assertions:
        exec(assertion, names)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"input_output": ""}, "no tests"),
        ({"input_output": '{"inputs": [], "outputs": []}'}, "no tests"),
        ({"solutions": ""}, "no solution in Python 3"),
        ({"solutions": '["print 1"]'}, "no solution in Python 3"),
    ],
)
def test_problem_of_apps_that_cannot_be_graded_is_left_out_with_its_reason(
    change: dict[str, object], reason: str
) -> None:
    content = read_apps([apps(1), apps(2, **change)])
    assert [one.task_id for one in content.problems] == ["apps/1"]
    (omission,) = content.omissions
    assert omission.task_id == "apps/2"
    assert reason in omission.reason


def test_contest_has_all_tests_and_its_solution_in_python_3() -> None:
    (problem,) = read_code_contests([contest()]).problems
    assert problem.canonical_solution == "print(2 * int(input()))"
    assert isinstance(problem.test, StandardStreams)
    assert [case.stdin for case in problem.test.cases] == ["1\n", "2\n", "3\n"]
    assert problem.test.float_tolerance == Tolerance(1e-5)
    assert (problem.call_cpu_seconds, problem.cpu_seconds) == (6.0, 18.0)


def test_further_solutions_are_kept_for_the_case_that_the_first_is_wrong() -> None:
    solutions = {"language": [3, 2, 3], "solution": ["print(1)", "int main() {}", "print(2)"]}
    content = read_code_contests([contest(solutions=solutions)])
    assert content.problems[0].canonical_solution == "print(1)"
    assert content.alternatives == {content.problems[0].task_id: ("print(2)",)}


def test_contest_without_a_time_limit_has_ours() -> None:
    (problem,) = read_code_contests([contest(time_limit=None)]).problems
    assert problem.call_cpu_seconds == 10.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"solutions": {"language": [2], "solution": ["int main() {}"]}},
            "no solution in Python 3",
        ),
        ({"input_file": "in.txt"}, "files"),
        (
            {
                part: {"input": [], "output": []}
                for part in ("public_tests", "private_tests", "generated_tests")
            },
            "no tests",
        ),
        (
            {"private_tests": {"input": ["x" * (61 << 20)], "output": [""]}},
            "more than 60 MiB",
        ),
    ],
)
def test_contest_that_cannot_be_graded_is_left_out_with_its_reason(
    change: dict[str, object], reason: str
) -> None:
    content = read_code_contests([contest("a"), contest("b", **change)])
    assert [one.task_id for one in content.problems] == ["code_contests/a"]
    (omission,) = content.omissions
    assert isinstance(omission, Omission)
    assert reason in omission.reason
