"""Forgeries (answers that solve nothing and try to pass), and their distribution over tasks.

Each attacks graders in one way. A grader that passes one computes verdicts where the candidate can
reach them. There are forgeries of functions, for tests that call one, and of whole programs, for
tests on the standard streams.
"""

import hashlib
from collections.abc import Iterator, Sequence

from rlvf_common.problems.kinds_of_test import StandardStreams
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import support_source
from rlvf_evaluator.calibration.function_forgeries import FORGERIES
from rlvf_evaluator.calibration.program_forgeries import PROGRAM_FORGERIES

__all__ = ["FORGERIES", "FORGERIES_SHA256", "PROGRAM_FORGERIES", "deal", "forged_solution"]

FORGERIES_SHA256 = hashlib.sha256(repr((FORGERIES, PROGRAM_FORGERIES)).encode()).hexdigest()
"""The digest of all forgeries."""

_MIN_PER_TASK = 2
_MIN_TASKS_PER_FORGERY = 3


def forged_solution(problem: Problem, forgery: str) -> str:
    """The program of a forgery for a problem: the prompt's code before the entry point, and the
    attack."""
    if _runs_programs(problem):
        return PROGRAM_FORGERIES[forgery]
    name = next(iter(problem.entry_points), "")
    return f"{support_source(problem)}\n{FORGERIES[forgery].replace('ENTRY', name)}"


def deal(problems: Sequence[Problem]) -> Iterator[tuple[Problem, str]]:
    """Pairs of problem and forgery: each problem gets at least two forgeries, and each forgery at
    least three problems of its kind.

    With fewer than three problems each gets all. Forgeries are dealt in turns, so that each gets
    problems of all kinds; the whole cross product would cost many times more and show little more.
    """
    for forgeries, programs in ((FORGERIES, False), (PROGRAM_FORGERIES, True)):
        of_kind = [problem for problem in problems if _runs_programs(problem) is programs]
        yield from _dealt(of_kind, list(forgeries))


def _dealt(problems: Sequence[Problem], names: Sequence[str]) -> Iterator[tuple[Problem, str]]:
    shares = -(-_MIN_TASKS_PER_FORGERY * len(names) // max(1, len(problems)))
    each = min(len(names), max(_MIN_PER_TASK, shares))
    for index, problem in enumerate(problems):
        for turn in range(each):
            yield problem, names[(index * each + turn) % len(names)]


def _runs_programs(problem: Problem) -> bool:
    return isinstance(problem.test, StandardStreams)
