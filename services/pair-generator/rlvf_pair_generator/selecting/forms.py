"""Finds the samples whose form can be trained on, with the verdicts that a selection goes by."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.answers import Answer, answer_of
from rlvf_pair_generator.selecting.rules import Step, Verdicts

__all__ = ["Passes", "passes_of", "usable_answers"]


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
    problem: Problem, rollouts: Sequence[Rollout], verdicts: Verdicts, seed: int
) -> tuple[list[Answer], list[Step]]:
    """The samples of one problem whose form can be trained on, one of each program, in the given
    order, and a step for each rule. With "shuffled" their verdicts are exchanged at random, by
    `seed` and the problem's id.

    An answer that was cut off may fail for that reason alone, and its rejection would teach
    brevity. A completion that passes has the whole function, and what follows is not trained on; in
    a chat all text is. Of equal programs a passing one stays: the others do not fail because of the
    function.

    A control may differ from the verified answers by verification alone, so true verdicts do not
    decide which answers it has. With "ignored" every cut completion stays that compiles, since the
    verified answers are those of them that pass: only a verdict tells whether the function was
    whole. With "shuffled" the exchanged verdict decides. Equal programs have one verdict, and the
    first of them stays.
    """
    steps = []

    def keep(name: str, before: int, kept: list[Answer]) -> list[Answer]:
        steps.append(Step(name, "samples", before, len(kept)))
        return kept

    compiled = [answer for each in rollouts if (answer := answer_of(problem, each)) is not None]
    left = keep("parses", len(rollouts), compiled)
    left = keep("entry point", len(left), [answer for answer in left if answer.has_body])

    before = len(left)
    left = [answer for answer in left if not (answer.rollout.truncated and answer.rollout.answer)]
    if verdicts != "true":
        left = _judged_by_program(left)
    if verdicts == "shuffled":
        left = _shuffled(left, problem.task_id, seed)
    if verdicts != "ignored":
        left = [answer for answer in left if answer.passed or not answer.rollout.truncated]
    left = keep("not cut off", before, left)

    first: dict[str, Answer] = {}
    for answer in sorted(left, key=lambda answer: not answer.passed):
        first.setdefault(answer.tree, answer)
    chosen = set(map(id, first.values()))
    left = keep("distinct", len(left), [answer for answer in left if id(answer) in chosen])
    return left, steps


def _judged_by_program(answers: Sequence[Answer]) -> list[Answer]:
    """The answers with one verdict for equal programs: that of the one that stays with true
    verdicts."""
    best: dict[str, Answer] = {}
    for answer in sorted(answers, key=lambda one: (not one.passed, one.rollout.truncated)):
        best.setdefault(answer.tree, answer)
    return [_judged_as(answer, best[answer.tree]) for answer in answers]


def _shuffled(answers: Sequence[Answer], task_id: str, seed: int) -> list[Answer]:
    """The answers with their verdicts exchanged at random among the programs."""
    programs = list({answer.tree: answer for answer in answers}.values())
    others = programs.copy()
    random.Random(repr((seed, task_id, "verdicts"))).shuffle(others)
    given = {one.tree: other for one, other in zip(programs, others, strict=True)}
    return [_judged_as(answer, given[answer.tree]) for answer in answers]


def _judged_as(answer: Answer, other: Answer) -> Answer:
    return replace(answer, verdict=other.verdict, credit=other.credit)
