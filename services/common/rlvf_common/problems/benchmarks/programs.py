"""Helpers that the converters of data sets of whole programs share."""

import warnings
from collections.abc import Iterable
from typing import TypeAlias

from rlvf_common.problems.benchmarks import Content, Omission
from rlvf_common.problems.kinds_of_test import StandardStreams
from rlvf_common.problems.problem import Problem

__all__ = [
    "LARGEST_SUITE_BYTES",
    "NO_SOLUTION",
    "NO_TESTS",
    "TOO_LARGE",
    "Found",
    "collect",
    "python_3",
    "suite_bytes",
]

LARGEST_SUITE_BYTES = 60 << 20
"""The executor accepts 64 MiB of inputs and outputs together."""

NO_TESTS = "it has no tests"
NO_SOLUTION = "it has no solution in Python 3, so its tests cannot be verified"
TOO_LARGE = f"its tests have more than {LARGEST_SUITE_BYTES >> 20} MiB"

_LONGEST_SOLUTION = 100_000
_MAX_SOLUTIONS = 8

Found: TypeAlias = tuple[Problem, list[str]]
"""A problem, and further solutions."""


def python_3(solutions: Iterable[str]) -> list[str]:
    """The first few programs that are Python 3; many in these data sets are Python 2."""
    found: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for solution in solutions:
            if len(solution) > _LONGEST_SOLUTION:
                continue
            try:
                compile(solution, "solution", "exec", dont_inherit=True)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            found.append(solution)
            if len(found) == _MAX_SOLUTIONS:
                break
    return found


def collect(found: Iterable[tuple[str, "Found | str"]]) -> Content:
    """Collects what was found for each task id: a problem and further solutions, or why it is
    omitted."""
    problems: list[Problem] = []
    omissions: list[Omission] = []
    alternatives: dict[str, tuple[str, ...]] = {}
    for task_id, one in found:
        if isinstance(one, str):
            omissions.append(Omission(task_id, one))
            continue
        problem, others = one
        problems.append(problem)
        if others:
            alternatives[task_id] = tuple(others)
    return Content(tuple(problems), tuple(omissions), alternatives=alternatives)


def suite_bytes(test: StandardStreams) -> int:
    """Size of all inputs and outputs, in bytes."""
    return sum(len(case.stdin.encode()) + len(case.stdout.encode()) for case in test.cases)
