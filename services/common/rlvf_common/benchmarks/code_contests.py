"""CodeContests (Li et al. 2022, arXiv:2203.07814) as `Problem`s.

Schema of the hub's `deepmind/code_contests`: `name`, `description`, `public_tests`,
`private_tests` and `generated_tests` (`input` and `output`, each a list), `solutions` (`language`
and `solution`, each a list), `time_limit` (`seconds`, `nanos`, or none), `input_file`,
`output_file`. The numbers of the languages are those of its `contest_problem.proto`.
"""

from typing import Any

from rlvf_common.benchmarks import Content, Omission, Record, Records, docstring
from rlvf_common.benchmarks.programs import (
    LARGEST_SUITE_BYTES,
    NO_SOLUTION,
    NO_TESTS,
    TOO_LARGE,
    first_that_compiles,
    suite_bytes,
)
from rlvf_common.problems import Problem
from rlvf_common.tests import StandardStreams, StreamCase, Tolerance

__all__ = ["read_code_contests"]

_PYTHON3 = 3
_TOLERANCE = Tolerance(absolute=1e-5)
"""Most problems that have numbers with a point ask for 1e-4 to 1e-6."""
_TIMES_LIMIT = 4.0
"""The limits are made for compiled languages; Python gets so much more."""
_CPU_SECONDS_WITHOUT_LIMIT = 10.0
_MOST_CPU_SECONDS = 120.0


def read_code_contests(records: Records, *, split: str = "test") -> Content:
    """CodeContests' records; a problem that has no tests, no solution in Python 3, or reads and
    writes files instead of the standard streams, is left out."""
    problems, omissions = [], []
    for record in records:
        task_id = f"code_contests/{record['name']}"
        found = _problem(record, task_id, split)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            omissions.append(Omission(task_id, found))
    return Content(tuple(problems), tuple(omissions))


def _problem(record: Record, task_id: str, split: str) -> Problem | str:
    """The problem, or why there is none."""
    if record.get("input_file") or record.get("output_file"):
        return "it reads or writes files"
    cases = tuple(
        StreamCase(given, expected)
        for part in ("public_tests", "private_tests", "generated_tests")
        for given, expected in _pairs(record[part], "input", "output")
    )
    if not cases:
        return NO_TESTS
    test = StandardStreams(cases, float_tolerance=_TOLERANCE)
    if suite_bytes(test) > LARGEST_SUITE_BYTES:
        return TOO_LARGE
    solutions = _pairs(record["solutions"], "language", "solution")
    solution = first_that_compiles(one for language, one in solutions if language == _PYTHON3)
    if solution is None:
        return NO_SOLUTION
    call_cpu_seconds = _call_cpu_seconds(record.get("time_limit"))
    return Problem(
        task_id=task_id,
        prompt=docstring(
            f"{record['description'].strip()}\n\n"
            "Read from standard input and write to standard output."
        ),
        entry_point="",
        test=test,
        canonical_solution=solution,
        source="codecontests",
        split=split,
        cpu_seconds=max(call_cpu_seconds, min(call_cpu_seconds * len(cases), _MOST_CPU_SECONDS)),
        call_cpu_seconds=call_cpu_seconds,
    )


def _pairs(columns: Record, first: str, second: str) -> list[tuple[Any, Any]]:
    return list(zip(columns[first], columns[second], strict=True))


def _call_cpu_seconds(limit: Record | None) -> float:
    seconds = (limit or {}).get("seconds", 0) + (limit or {}).get("nanos", 0) / 1e9
    return _TIMES_LIMIT * seconds if seconds > 0 else _CPU_SECONDS_WITHOUT_LIMIT
