"""What data sets of whole programs have in common."""

import warnings
from collections.abc import Iterable

from rlvf_common.tests import StandardStreams

__all__ = [
    "LARGEST_SUITE_BYTES",
    "NO_SOLUTION",
    "NO_TESTS",
    "TOO_LARGE",
    "first_that_compiles",
    "suite_bytes",
]

LARGEST_SUITE_BYTES = 60 << 20
"""The executor takes 64 MiB of inputs and outputs together."""

NO_TESTS = "it has no tests"
NO_SOLUTION = "it has no solution in Python 3, so that nothing can show its tests to be right"
TOO_LARGE = f"its tests have more than {LARGEST_SUITE_BYTES >> 20} MiB"

_LONGEST_SOLUTION = 100_000


def first_that_compiles(solutions: Iterable[str]) -> str | None:
    """The first program that is Python 3; many in these data sets are Python 2."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for solution in solutions:
            if len(solution) > _LONGEST_SOLUTION:
                continue
            try:
                compile(solution, "solution", "exec", dont_inherit=True)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            return solution
    return None


def suite_bytes(test: StandardStreams) -> int:
    """Size of all inputs and outputs, in bytes."""
    return sum(len(case.stdin.encode()) + len(case.stdout.encode()) for case in test.cases)
