"""Describes a model's answers regardless of verdicts: lengths, ends, distinct programs."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from statistics import fmean

from rlvf_common.problems.answers.python_source import parse, tree_text
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.rollout import Rollout
from rlvf_common.statistics.distribution import DistributionRecord

__all__ = ["answer_distribution"]


def answer_distribution(
    problems: Mapping[str, Problem], rollouts: Sequence[Rollout]
) -> DistributionRecord:
    """The distribution of the rollouts. There is at least one, and those of a task are consecutive;
    `problems` are by task id."""
    by_task = [
        (problems[task_id], list(of_task))
        for task_id, of_task in groupby(rollouts, key=lambda rollout: rollout.task_id)
    ]
    return DistributionRecord(
        mean_characters=fmean(len(one.answer or one.completion) for one in rollouts),
        mean_tokens=fmean(one.tokens for one in rollouts),
        ended=fmean(not one.truncated for one in rollouts),
        distinct_programs=fmean(_distinct(problem, of_task) for problem, of_task in by_task),
        truncated=dict(Counter(one.task_id for one in rollouts if one.truncated)),
    )


def _distinct(problem: Problem, rollouts: Sequence[Rollout]) -> int:
    """The number of different programs among the answers to one problem."""
    # Most equal programs are equal texts, so each text is parsed once.
    texts = {program(problem, rollout.completion) for rollout in rollouts}
    trees = (parse(text) for text in texts)
    return len(
        {hashlib.sha256(tree_text(tree).encode()).digest() for tree in trees if tree is not None}
    )
