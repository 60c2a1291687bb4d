"""Counts answers that are wrong before any test: empty, unparseable, truncated, no entry point."""

from collections.abc import Mapping, Sequence

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle
from rlvf_common.rollouts.answer_form import AnswerForm, answer_form, given_form
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
    """The shares of the rollouts in percent. There is at least one; `problems` are by task id."""
    forms = [
        answer_form(
            problems[rollout.task_id], rollout.completion, style, truncated=rollout.truncated
        )
        for rollout in rollouts
    ]
    percent = 100 / len(rollouts)
    return AnswerShares(
        empty=sum(form.empty for form in forms) * percent,
        unparseable=sum(not form.parses for form in forms) * percent,
        truncated=sum(form.truncated for form in forms) * percent,
        missing_entry_point=sum(_misses(form) for form in forms) * percent,
    )


class AnswerCounts:
    """Counts given answers one at a time; whether they were truncated is unknown."""

    def __init__(self) -> None:
        self._looked_at = self._empty = self._unparseable = self._missing = 0

    def add(self, problem: Problem, answer: str, solution: str) -> None:
        """Count an answer as given, and the whole program made of it."""
        if len(solution) > LARGEST_LOOKED_AT:
            return
        form = given_form(problem, answer, solution)
        self._looked_at += 1
        self._empty += form.empty
        self._unparseable += not form.parses
        self._missing += _misses(form)

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


def _misses(form: AnswerForm) -> bool:
    """Whether a program that compiles lacks the entry point."""
    return form.parses and not form.has_entry_point
