"""LiveCodeBench's records: their tests are unpacked without running what they are packed in."""

import base64
import json
import pickle
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.benchmarks import Content, live_code_bench
from rlvf_common.problems.benchmarks.live_code_bench import read_live_code_bench
from rlvf_common.problems.benchmarks.sources import read_file
from rlvf_common.problems.kinds_of_test import AssertList, StandardStreams, StreamCase
from rlvf_common.problems.problem import dump_problems, parse_problems
from rlvf_common.problems.prompts import program

from ....live_code_bench import TASKS, lines, listed, packed, record

PRIVATE = listed([("4 5\n", "9")], "stdin")


class _Runs:
    """Something that runs a command when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (str(self.path),)


def _pack(pickled: bytes) -> str:
    return base64.b64encode(zlib.compress(pickled)).decode()


def _read(**changes: object) -> Content:
    made = record("x", [("1 2\n", "3\n")], [("4 5\n", "9")])
    return read_live_code_bench([{**made, **changes}])


def test_program_has_its_public_and_private_tests_and_its_date() -> None:
    (problem,) = _read().problems
    assert isinstance(problem.test, StandardStreams)
    assert problem.test.cases == (StreamCase("1 2\n", "3\n"), StreamCase("4 5\n", "9"))
    assert (problem.task_id, problem.entry_point) == ("livecodebench/x", "")
    assert (problem.released, problem.split) == ("2024-08-10", "test")
    assert (problem.call_cpu_seconds, problem.cpu_seconds) == (6.0, 12.0)
    assert "Do what x says." in problem.prompt
    assert problem.canonical_solution == ""


def test_method_has_its_starter_code_and_the_imports_of_the_harness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "setrecursionlimit", lambda _: None)  # Else this process has it.
    problem = read_live_code_bench([TASKS[2].record]).problems[0]
    assert (problem.entry_point, problem.entry_points) == ("Solution", ("scale", "Solution"))
    assert isinstance(problem.test, AssertList)
    assert len(problem.test.assertions) == 3
    assert "class Solution:\n    def scale(self, nums: List[int], by: int)" in problem.prompt
    names: dict[str, Any] = {}
    exec(program(problem, TASKS[2].solution), names)
    assert names["pow"] is pow
    assert names["random"].randint(3, 3) == names["randint"](3, 3)
    names["scale"] = names["Solution"]().scale
    exec(problem.test.setup, names)
    for assertion in problem.test.assertions:
        exec(assertion, names)
    names["scale"] = lambda *_: [2, 4, 6]
    with pytest.raises(AssertionError):
        exec(problem.test.assertions[1], names)


def test_records_survive_as_problem_records() -> None:
    problems = read_live_code_bench(task.record for task in TASKS).problems
    assert tuple(parse_problems(dump_problems(problems), where="x")) == problems


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("size", [3, 300, 200_000])
def test_every_form_of_a_pickled_text_is_read(protocol: int, size: int) -> None:
    tests = listed([("é" * size, "9")], "stdin")
    (problem,) = _read(private_test_cases=packed(tests, protocol)).problems
    assert isinstance(problem.test, StandardStreams)
    assert problem.test.cases[1] == StreamCase("é" * size, "9")


def test_tests_that_are_not_packed_are_read() -> None:
    assert _read(private_test_cases=json.dumps(PRIVATE)).problems == _read().problems


def test_nothing_in_a_pickle_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        hostile = pickle.dumps(_Runs(mark), protocol)
        with pytest.raises(ValueError, match="`private_test_cases` cannot be unpacked: the pickle"):
            _read(private_test_cases=_pack(hostile))
    assert not mark.exists()
    pickle.loads(hostile)
    assert mark.exists()


@pytest.mark.parametrize(
    ("private", "complaint"),
    [
        ("%%%", "cannot be unpacked: "),
        ("AAAA", "cannot be unpacked: Error -3 while decompressing"),
        (packed(PRIVATE)[:40], "cannot be unpacked: the compressed data end too early"),
        (_pack(b""), "cannot be unpacked: pickle exhausted before seeing STOP"),
        (_pack(pickle.dumps(PRIVATE)), "cannot be unpacked: the pickle has more than one text: EM"),
        (_pack(pickle.dumps(b"[]")), "more than one text: SHORT_BINBYTES"),
        (_pack(b"\x80\x04."), "the pickle has 0 texts"),
        (_pack(b"\x8c\x01a\x8c\x01b."), "the pickle has 2 texts"),
        (_pack(b"\x94" * 1_000_000), "cannot be unpacked: the pickle has more than one text"),
        (_pack(b"\x8d" + struct.pack("<Q", 2**62) + b"ab."), "cannot be unpacked: expected"),
        (_pack(b"\x8c\x01\xff."), "cannot be unpacked: 'utf-8' codec"),
        (packed("[" * 100_000), "maximum recursion depth|string indices"),
        (packed([{"input": "1"}]), "no field 'output'"),
        (packed([{"input": 1, "output": "1"}]), "no attribute"),
    ],
)
def test_tests_that_are_no_packed_tests_are_named_with_their_line(
    tmp_path: Path, private: str, complaint: str
) -> None:
    bad = record("bad", [("1 2\n", "3\n")], [], private_test_cases=private)
    file = tmp_path / "test6.jsonl"
    file.write_text(lines() + json.dumps(bad))
    with pytest.raises(FailedPrecondition, match=complaint) as raised:
        read_file(file, read_live_code_bench)
    assert str(raised.value).startswith("test6.jsonl, line 5: not a record of this data set: ")


def test_bomb_is_not_unpacked_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_code_bench, "_LARGEST_UNPACKED_BYTES", 1 << 20)
    bomb = packed(listed([("0" * (1 << 20), "0")], "stdin"))
    assert len(bomb) < 5_000
    (omission,) = _read(private_test_cases=bomb).omissions
    assert omission.reason == "its private tests have more than 1 MiB"


@pytest.mark.parametrize(
    ("private", "method", "reason"),
    [
        ([], "", "it has no private tests, and its prompt has the public ones"),
        ([("1 2", "3")], "f(self, a)", "the arguments or the result of a test are not JSON"),
        ([("1", "three")], "f(self, a)", "the arguments or the result of a test are not JSON"),
        ([("x" * (61 << 20), "")], "", "its tests have more than 60 MiB"),
        ([(f'"{"x" * (15 << 20)}"', "1")], "f(self, a)", "its tests have more than 15 MiB"),
    ],
    ids=["none", "arguments", "result", "large", "large calls"],
)
def test_problem_that_cannot_be_graded_is_left_out_with_its_reason(
    private: list[tuple[str, str]], method: str, reason: str
) -> None:
    content = read_live_code_bench(
        [TASKS[0].record, record("bad", [("1", "1")], private, method=method)]
    )
    assert [one.task_id for one in content.problems] == ["livecodebench/abc001_a"]
    assert [(one.task_id, one.reason) for one in content.omissions] == [
        ("livecodebench/bad", reason)
    ]


def test_name_of_a_function_is_no_code() -> None:
    with pytest.raises(ValueError, match="`func_name` must be the name of a function"):
        _read(metadata=json.dumps({"func_name": "f(1) or g"}), starter_code="class Solution: ...")


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        ("3\n", "3", True),
        ("\n 3 \n\n", "3\n", True),
        ("1 2\n3\n", "1 2 \n 3", True),
        ("1.50 2e0", "1.5 2", True),
        ("1   2", "1 2", True),
        ("a   b", "a b", False),
        ("1 2 3", "1 2\n3", False),
        ("50000000000000001", "50000000000000000", False),
        ("0.30000000000000004", "0.3", False),
        ("yes", "YES", False),
        ("nan", "nan", True),
        ("sNaN 1", "snan 1.0", False),
        ("NaN 1", "NaN 1.0", False),
        ("3\n3", "3", False),
        ("", "3", False),
    ],
)
def test_outputs_are_compared_as_the_harness_does(output: str, expected: str, right: bool) -> None:
    (problem,) = _read().problems
    assert isinstance(problem.test, StandardStreams)
    names: dict[str, Any] = {}
    exec(problem.test.checker, names)
    assert names["check"]("", output, expected) is right
