"""Counts answers that are wrong before any test: empty, unparseable, truncated, no entry point."""

import ast
from collections.abc import Mapping, Sequence

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_common.problems.answers.python_names import defines
from rlvf_common.problems.answers.python_source import hoist_future_imports, parse
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle, program
from rlvf_common.rollouts.rollout import Rollout
from rlvf_common.statistics.results import AnswerShares

__all__ = ["AnswerCounts", "answer_shares", "shares_message"]

LARGEST_LOOKED_AT = 16 << 10
"""Maximum characters of a given program that is parsed here, which blocks other calls for about
10 ms. Larger ones are only graded."""


def answer_shares(
    problems: Mapping[str, Problem],
    rollouts: Sequence[Rollout],
    style: PromptStyle = "completion",
) -> AnswerShares:
    """Shares of the rollouts, at least one, in percent; `problems` by task id.

    In a chat the answer itself must define the entry point, without the prompt.
    """
    empty = unparseable = truncated = missing = 0
    for rollout in rollouts:
        problem = problems[rollout.task_id]
        tree = parse(program(problem, rollout.completion))
        own = parse(hoist_future_imports(rollout.completion.lstrip())) if style == "chat" else tree
        empty += _is_empty(rollout.completion)
        unparseable += tree is None
        truncated += rollout.truncated
        missing += tree is not None and not (own and _defines(own, problem))
    percent = 100 / len(rollouts)
    return AnswerShares(
        empty=empty * percent,
        unparseable=unparseable * percent,
        truncated=truncated * percent,
        missing_entry_point=missing * percent,
    )


class AnswerCounts:
    """The same for given answers, one at a time; whether they were truncated is unknown."""

    def __init__(self) -> None:
        self._looked_at = self._empty = self._unparseable = self._missing = 0

    def add(self, problem: Problem, answer: str, solution: str) -> None:
        """Count an answer as given, and the whole program made of it."""
        if len(solution) > LARGEST_LOOKED_AT:
            return
        tree = parse(solution)
        self._looked_at += 1
        self._empty += _is_empty(answer)
        self._unparseable += tree is None
        self._missing += tree is not None and not _defines(tree, problem)

    def message(self) -> evaluator_pb2.AnswerShares | None:
        """The shares as a message; None if no answer was counted."""
        if not self._looked_at:
            return None
        percent = 100 / self._looked_at
        return evaluator_pb2.AnswerShares(
            empty_percent=self._empty * percent,
            unparseable_percent=self._unparseable * percent,
            missing_entry_point_percent=self._missing * percent,
        )


def shares_message(shares: AnswerShares) -> evaluator_pb2.AnswerShares:
    """The shares as a message."""
    return evaluator_pb2.AnswerShares(
        empty_percent=shares.empty,
        unparseable_percent=shares.unparseable,
        truncated_percent=shares.truncated,
        missing_entry_point_percent=shares.missing_entry_point,
    )


def _defines(tree: ast.Module, problem: Problem) -> bool:
    """Whether a program defines one of the problem's entry points. A whole program has none."""
    names = problem.entry_points
    return not names or any(defines(tree, name) for name in names)


def _is_empty(completion: str) -> bool:
    """Whether there are only white space and comments."""
    return all(line.lstrip()[:1] in ("", "#") for line in completion.splitlines())
