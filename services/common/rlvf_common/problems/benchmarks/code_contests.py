"""Converts CodeContests (Li et al. 2022, arXiv:2203.07814) to `Problem`s.

Schema of the hub's `deepmind/code_contests`: `name`, `description`, `public_tests`,
`private_tests` and `generated_tests` (`input` and `output`, each a list), `solutions` (`language`
and `solution`, each a list), `time_limit` (`seconds`, `nanos`, or none), `input_file`,
`output_file`. The numbers of the languages are those of its `contest_problem.proto`.
"""

from typing import Any

from rlvf_common.problems.benchmarks import Content, Record, Records, docstring
from rlvf_common.problems.benchmarks.programs import (
    LARGEST_SUITE_BYTES,
    NO_SOLUTION,
    NO_TESTS,
    TOO_LARGE,
    Found,
    collect,
    python_3,
    suite_bytes,
)
from rlvf_common.problems.kinds_of_test import StandardStreams, StreamCase, Tolerance
from rlvf_common.problems.problem import Problem

__all__ = ["read_code_contests"]

_PYTHON3 = 3
# The data set's own comparison (github.com/google-deepmind/code_contests,
# `execution/tester_sandboxer.cc`, `OutputsMatch`): tokens ignoring case, numbers within this. Ours
# compares integers as text: `01` is not `1`.
_TOLERANCE = Tolerance(absolute=1e-5)
_TIMES_LIMIT = 4.0
"""Factor for Python, because the limits are made for compiled languages."""
_CPU_SECONDS_WITHOUT_LIMIT = 10.0
_MAX_CPU_SECONDS = 120.0


def read_code_contests(records: Records, *, split: str = "test") -> Content:
    """CodeContests' records, without problems that lack tests or a solution in Python 3, or that
    use files instead of the standard streams."""
    named = ((f"code_contests/{one['name']}", one) for one in records)
    return collect((task_id, _find(one, task_id, split)) for task_id, one in named)


def _find(record: Record, task_id: str, split: str) -> Found | str:
    """The problem and further solutions, or why it is omitted."""
    if record.get("input_file") or record.get("output_file"):
        return "it reads or writes files"
    cases = tuple(
        StreamCase(given, expected)
        for part in ("public_tests", "private_tests", "generated_tests")
        for given, expected in _pairs(record[part], "input", "output")
    )
    if not cases:
        return NO_TESTS
    test = StandardStreams(cases, float_tolerance=_TOLERANCE, ignore_case=True)
    if suite_bytes(test) > LARGEST_SUITE_BYTES:
        return TOO_LARGE
    written = _pairs(record["solutions"], "language", "solution")
    solutions = python_3(one for language, one in written if language == _PYTHON3)
    if not solutions:
        return NO_SOLUTION
    call_cpu_seconds = _call_cpu_seconds(record.get("time_limit"))
    problem = Problem(
        task_id=task_id,
        prompt=docstring(
            f"{record['description'].strip()}\n\n"
            "Read from standard input and write to standard output."
        ),
        entry_point="",
        test=test,
        canonical_solution=solutions[0],
        source="codecontests",
        split=split,
        cpu_seconds=max(call_cpu_seconds, min(call_cpu_seconds * len(cases), _MAX_CPU_SECONDS)),
        call_cpu_seconds=call_cpu_seconds,
    )
    return problem, solutions[1:]


def _pairs(columns: Record, first: str, second: str) -> list[tuple[Any, Any]]:
    return list(zip(columns[first], columns[second], strict=True))


def _call_cpu_seconds(limit: Record | None) -> float:
    seconds = (limit or {}).get("seconds", 0) + (limit or {}).get("nanos", 0) / 1e9
    return _TIMES_LIMIT * seconds if seconds > 0 else _CPU_SECONDS_WITHOUT_LIMIT
