"""Problem records."""

import json

import pytest

from rlvf_common.problems.kinds_of_test import (
    AssertList,
    Cases,
    CheckFunction,
    StandardStreams,
    StreamCase,
    Tolerance,
)
from rlvf_common.problems.problem import CPU_SECONDS, Problem, dump_problems, parse_problems

CHECK = Problem(
    "t/1", "def f():\n", "f", CheckFunction("def check(c): ..."), "    return 1\n", "mine", "train"
)
EVERY_KIND = [
    CHECK,
    Problem("t/2", "", "f", AssertList(("assert f(1)",), "import math"), "f = abs\n"),
    Problem("t/3", "", "Node", AssertList(("assert Node(1).value == 1",)), "class Node: ...\n"),
    Problem(
        "t/4",
        "",
        "f",
        Cases(("(1, (2,))",), ("3",), "unordered", Tolerance(1e-6, 0.5), Tolerance(0.1), "def c"),
        "f = max\n",
        cpu_seconds=21.5,
        call_cpu_seconds=4.0,
    ),
    Problem("t/5", "", "f", Cases(("(1,)",)), "f = abs\n"),
    Problem(
        "t/6",
        "",
        "",
        StandardStreams((StreamCase("1\n", "é\n"),), "exact", None, any_exit_status=True),
        "print('é')\n",
    ),
    Problem(
        "t/7",
        "",
        "",
        StandardStreams((StreamCase("1\n", ""),), ignore_case=True, checker="def check"),
        "print(1)\n",
        output_bytes=1 << 20,
    ),
    Problem("t/8", "", "f", AssertList(("assert f(1)",), method_of="Solution"), "f = abs\n"),
    Problem(
        "t/9",
        "",
        "f",
        Cases(("(1,)",), float_tolerance=Tolerance(0.1), flat_floats_only=True),
        "f = abs\n",
    ),
    Problem("t/10", "", "f", Cases(("(1,)",)), "f = abs\n", environment="python-scientific"),
]


def test_what_is_dumped_is_parsed() -> None:
    assert list(parse_problems(dump_problems(EVERY_KIND), where="x")) == EVERY_KIND


def test_a_record_of_human_eval_is_a_problem_as_it_is() -> None:
    record = {
        "task_id": "HumanEval/0",
        "prompt": "def f():\n",
        "entry_point": "f",
        "canonical_solution": "    return 1\n",
        "test": "def check(c): ...",
    }
    (problem,) = parse_problems(json.dumps(record).encode(), where="x")
    assert problem.test == CheckFunction("def check(c): ...")
    assert (problem.source, problem.split, problem.cpu_seconds) == ("", "", CPU_SECONDS)


def test_a_check_function_stays_a_plain_string() -> None:
    assert json.loads(dump_problems([CHECK]))["test"] == "def check(c): ..."


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "not JSON"),
        (b"[]", "expected an object"),
        (b"{}", "`task_id` is missing"),
        (b'{"task_id": 1}', "`task_id`: input should be a valid string"),
    ],
)
def test_a_bad_line_is_placed(line: bytes, complaint: str) -> None:
    data = dump_problems([CHECK]) + line
    with pytest.raises(ValueError, match=f"mine.jsonl, line 2: {complaint}"):
        list(parse_problems(data, where="mine.jsonl"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"test": 3}, "`test`"),
        ({"test": {"source": "x"}}, "`test` must be a string, or an object whose `kind` is one of"),
        ({"test": {"kind": "guess"}}, "whose `kind` is one of check_function, assert_list"),
        ({"test": {"kind": "cases"}}, "`test.inputs` is missing"),
        ({"test": {"kind": "cases", "inputs": ["(1,)", 2]}}, r"`test.inputs\[1\]`: input should"),
        (
            {"test": {"kind": "cases", "inputs": ["(1,)"], "expcted": ["2"]}},
            "`test.expcted` is not a field of this kind of test",
        ),
        (
            {"test": {"kind": "cases", "inputs": ["(1,)"], "expected": ["2", "3"]}},
            "`test.expected` has 2 values for 1 inputs",
        ),
        (
            {"test": {"kind": "cases", "inputs": ["(1,)"], "tolerance": {"absolute": -1}}},
            "`test.tolerance.absolute`: input should be greater",
        ),
        (
            {"test": {"kind": "standard_streams", "cases": [{"stdin": ""}]}, "entry_point": ""},
            r"`test.cases\[0\].stdout` is missing",
        ),
        (
            {"test": {"kind": "standard_streams", "cases": [{"stdin": "", "stdout": ""}]}},
            "`entry_point` must be empty",
        ),
        ({"test": {"kind": "assert_list", "assertions": []}}, "`test.assertions`"),
        ({"entry_point": "not a name"}, "`entry_point` must be the name of a function"),
        ({"entry_point": "lambda"}, "`entry_point` must be the name of a function"),
        (
            {"test": {"kind": "assert_list", "assertions": ["assert f()"]}, "entry_point": ""},
            "`entry_point` must be the name of a function",
        ),
        ({"cpu_seconds": 0}, "`cpu_seconds`"),
        ({"cpu_seconds": 301}, "`cpu_seconds`: input should be less than or equal to 300"),
        ({"cpu_seconds": float("nan")}, "`cpu_seconds`"),
        ({"call_cpu_seconds": 9}, "`call_cpu_seconds` must be at most `cpu_seconds`"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, object], complaint: str) -> None:
    record = {**json.loads(dump_problems([CHECK])), **change}
    with pytest.raises(ValueError, match=f"mine.jsonl, line 1: .*{complaint}"):
        list(parse_problems(json.dumps(record).encode(), where="mine.jsonl"))


def test_unknown_fields_are_ignored() -> None:
    record = {**json.loads(dump_problems([CHECK])), "extra": 1}
    assert list(parse_problems(json.dumps(record).encode(), where="x")) == [CHECK]
