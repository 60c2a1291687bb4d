"""Finds the samples whose form can be trained on, and exchanges verdicts for a control."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.answers import Answer, answer_of
from rlvf_pair_generator.selecting.rules import Step

__all__ = ["Passes", "passes_of", "shuffled", "usable_answers"]


class Passes(NamedTuple):
    """How often the samples of one problem pass."""

    rate: float
    """Share of the measured samples that pass, in [0, 1]."""
    passed: int
    """Samples that pass, of all rounds."""
    samples: int
    """Samples of all rounds."""


def passes_of(ordered: Sequence[Rollout], measured_samples: int) -> Passes:
    """How often the samples of one problem pass. `ordered` are its samples, at least one, by their
    number; the rate is that of the first `measured_samples`, or of all if that is 0."""
    passed = [rollout.verdict == "passed" for rollout in ordered]
    measured = passed[: measured_samples or None]
    return Passes(sum(measured) / len(measured), sum(passed), len(passed))


def usable_answers(
    problem: Problem, rollouts: Sequence[Rollout]
) -> tuple[list[Answer], list[Step]]:
    """The samples of one problem whose form can be trained on, in the given order, and a step for
    each rule."""
    steps = []

    def keep(name: str, before: int, kept: list[Answer]) -> list[Answer]:
        steps.append(Step(name, "samples", before, len(kept)))
        return kept

    compiled = [answer for each in rollouts if (answer := answer_of(problem, each)) is not None]
    left = keep("parses", len(rollouts), compiled)
    left = keep("entry point", len(left), [answer for answer in left if answer.has_body])
    left = keep("not cut off", len(left), [answer for answer in left if _is_whole(answer)])
    # Of equal programs a passing one is kept: the others do not fail because of the function.
    first: dict[str, Answer] = {}
    for answer in sorted(left, key=lambda answer: not answer.passed):
        first.setdefault(answer.tree, answer)
    chosen = set(map(id, first.values()))
    left = keep("distinct", len(left), [answer for answer in left if id(answer) in chosen])
    return left, steps


def _is_whole(answer: Answer) -> bool:
    """Whether the model ended the answer.

    An answer that was cut off may be wrong for that reason alone, and its rejection would teach
    brevity. A completion that passes has the whole function, and what follows is not trained on; in
    a chat all text is.
    """
    rollout = answer.rollout
    return not rollout.truncated or (answer.passed and not rollout.answer)


def shuffled(answers: Sequence[Answer], task_id: str, seed: int) -> list[Answer]:
    """The answers to one problem with their verdicts exchanged at random, by `seed` and the
    problem's id."""
    outcomes = [(answer.verdict, answer.credit) for answer in answers]
    random.Random(repr((seed, task_id, "verdicts"))).shuffle(outcomes)
    return [
        replace(answer, verdict=verdict, credit=credit)
        for answer, (verdict, credit) in zip(answers, outcomes, strict=True)
    ]
