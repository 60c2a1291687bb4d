"""Chooses answers for supervised training from graded samples: verified ones, or a control."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.answers import Answer
from rlvf_pair_generator.selecting.candidates import chance
from rlvf_pair_generator.selecting.forms import passes_of, usable_answers
from rlvf_pair_generator.selecting.rules import AnswerRules, Step, added_up
from rlvf_pair_generator.selecting.yields import Counts, ProblemYield, counts_of, yields_of

__all__ = ["ProblemAnswers", "SelectedAnswer", "SelectedAnswers", "answers_of", "choose_answers"]

_BY_VERDICT = ("passed", "pass rate", "per problem")
"""Steps of `answers_of` that have no effect if verdicts are ignored."""


@dataclass(frozen=True, slots=True)
class SelectedAnswer:
    """An answer to train on."""

    problem: Problem
    rollout: Rollout
    pass_rate: float
    """Share of the problem's measured samples that pass, in [0, 1]."""
    passes: int
    """Samples of the problem that pass, of all rounds."""
    samples: int
    """Samples of the problem, of all rounds."""


@dataclass(frozen=True, slots=True)
class ProblemAnswers:
    """The answers that one problem gives, each list in random order."""

    task_id: str
    verified: list[SelectedAnswer]
    """At most `max_answers_per_problem` of those that pass by the verdicts of the rules."""
    usable: list[SelectedAnswer]
    """At most `max_answers_per_problem` of all, whatever their verdicts."""
    steps: list[Step]
    counts: Counts


@dataclass(frozen=True, slots=True)
class SelectedAnswers:
    """The chosen answers, in an order in which every prefix is spread over the problems, and what
    each step left."""

    answers: list[SelectedAnswer]
    steps: list[Step]
    yields: list[ProblemYield]
    """How many records each problem gave."""


def answers_of(problem: Problem, rollouts: Sequence[Rollout], rules: AnswerRules) -> ProblemAnswers:
    """The answers of one problem that may be chosen. `rollouts` are all of its samples, at least
    one, in any order."""
    ordered = sorted(rollouts, key=lambda rollout: rollout.sample)
    pass_rate, passed, total = passes_of(ordered, rules.measured_samples)

    answers, steps = usable_answers(problem, ordered, rules.verdicts, rules.seed)
    answers.sort(key=lambda answer: chance(rules.seed, problem.task_id, answer.rollout.sample))

    def selected(kept: Sequence[Answer]) -> list[SelectedAnswer]:
        return [
            SelectedAnswer(problem, answer.rollout, pass_rate, passed, total)
            for answer in kept[: rules.max_answers_per_problem]
        ]

    right = [answer for answer in answers if answer.passed]
    steps.append(Step("passed", "samples", len(answers), len(right)))
    within = right if pass_rate <= rules.max_pass_rate else []
    steps.append(Step("pass rate", "samples", len(right), len(within)))
    verified = selected(within)
    steps.append(Step("per problem", "samples", len(within), len(verified)))
    counts = counts_of(total, passed, answers)
    return ProblemAnswers(problem.task_id, verified, selected(answers), steps, counts)


def choose_answers(found: Sequence[ProblemAnswers], rules: AnswerRules) -> SelectedAnswers:
    """Choose from the answers of at least one problem: first one of each problem, then a second of
    each, and so on; problems in an order by the seed. The result does not depend on the order of
    `found`."""
    steps = added_up([each.steps for each in found])
    mixed = sorted(found, key=lambda each: chance(rules.seed, each.task_id))
    answers = _spread(each.verified for each in mixed)
    last: str = "keep"
    ignored: tuple[str, ...] = ()
    if rules.keep:
        steps.append(Step("keep", "samples", len(answers), min(len(answers), rules.keep)))
        answers = answers[: rules.keep]
    if rules.verdicts == "ignored":
        anyhow = _spread(each.usable for each in mixed)
        last, ignored = "as many without verdicts", _BY_VERDICT
        steps.append(Step(last, "samples", len(anyhow), len(answers)))
        answers = anyhow[: len(answers)]
    tasks = [answer.problem.task_id for answer in answers]
    return SelectedAnswers(answers, steps, yields_of(found, {last: tasks}, tasks, ignored=ignored))


def _spread(by_problem: Iterable[Sequence[SelectedAnswer]]) -> list[SelectedAnswer]:
    """The first of each, then the second of each, and so on."""
    rounds = zip_longest(*by_problem)
    return [answer for answer in chain.from_iterable(rounds) if answer is not None]
