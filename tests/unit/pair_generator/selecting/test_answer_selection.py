"""Which answers supervised training gets, and which its controls."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest

from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.answer_selection import (
    SelectedAnswers,
    answers_of,
    choose_answers,
)
from rlvf_pair_generator.selecting.rules import AnswerRules, Verdicts


def problem(number: int) -> Problem:
    prompt = f'def f{number}(x):\n    """Add {number}."""\n'
    return Problem(f"t/{number}", prompt, f"f{number}", CheckFunction(""), "", "unit", "train")


def samples(number: int, verdicts: str) -> list[Rollout]:
    """One distinct answer for each letter: `p` passes, `f` fails, `c` passes and was cut off, `s`
    cannot be parsed."""
    found = []
    for sample, letter in enumerate(verdicts):
        broken = "(" if letter == "s" else ""
        completion = f"    return x + {sample}{broken}\n"
        verdict = {"p": "passed", "c": "passed"}.get(letter, "failed")
        finish = "length" if letter == "c" else "stop"
        found.append(Rollout(f"t/{number}", sample, completion, finish, 9, verdict, "", 1.0))
    return found


def select(given: Sequence[str], rules: AnswerRules) -> SelectedAnswers:
    return choose_answers(
        [
            answers_of(problem(number), samples(number, verdicts), rules)
            for number, verdicts in enumerate(given)
        ],
        rules,
    )


def taken(selected: SelectedAnswers) -> list[str]:
    return [answer.problem.task_id for answer in selected.answers]


def samples_of(selected: SelectedAnswers) -> list[tuple[str, int]]:
    return [(answer.problem.task_id, answer.rollout.sample) for answer in selected.answers]


def test_only_answers_that_pass_are_taken_at_most_so_many_of_a_problem() -> None:
    selected = select(["pppff", "pffff", "fffff"], AnswerRules(max_answers_per_problem=2))
    assert Counter(taken(selected)) == {"t/0": 2, "t/1": 1}
    assert {answer.rollout.verdict for answer in selected.answers} == {"passed"}
    steps = {step.name: (step.before, step.after) for step in selected.steps}
    assert steps["passed"] == (15, 4)
    assert steps["per problem"] == (4, 3)


def test_what_the_model_nearly_always_solves_is_left_out() -> None:
    given = ["pppppppppp", "pppppppppf"]
    assert set(taken(select(given, AnswerRules()))) == {"t/1"}
    assert set(taken(select(given, AnswerRules(max_pass_rate=1.0)))) == {"t/0", "t/1"}


def test_the_pass_rate_is_that_of_the_first_round() -> None:
    rules = AnswerRules(max_pass_rate=0.5, measured_samples=2)
    assert taken(select(["pfpppp"], rules)) == ["t/0"] * 4
    assert taken(select(["ppffff"], rules)) == []


def test_the_same_function_is_taken_once() -> None:
    right = samples(0, "p")[0]
    again = replace(right, sample=1, completion="    return x + 0  # again\n")
    rules = AnswerRules(max_pass_rate=1.0)
    found = choose_answers([answers_of(problem(0), [right, again], rules)], rules)
    assert len(found.answers) == 1


def test_a_chat_that_was_cut_off_is_not_taken_and_a_completion_is() -> None:
    (whole,) = samples(0, "c")
    chat = replace(whole, answer="```python\ndef f0(x):\n    return x + 0\n```\nIt adds")
    rules = AnswerRules(max_pass_rate=1.0)
    for rollout, amount in ((whole, 1), (chat, 0)):
        found = choose_answers([answers_of(problem(0), [rollout], rules)], rules)
        assert len(found.answers) == amount


def test_answers_are_spread_over_the_problems_and_the_first_so_many_kept() -> None:
    given = ["ppppf"] * 5
    every = taken(select(given, AnswerRules()))
    assert all(set(every[first : first + 5]) == set(every[:5]) for first in (0, 5, 10, 15))
    assert taken(select(given, AnswerRules(keep=7))) == every[:7]


def test_the_choice_depends_on_the_seed_and_on_nothing_else() -> None:
    given = ["ppppppff"] * 6
    first = select(given, AnswerRules(max_answers_per_problem=2, seed=1))
    assert select(given, AnswerRules(max_answers_per_problem=2, seed=1)) == first
    other = select(given, AnswerRules(max_answers_per_problem=2, seed=2))
    assert other.answers != first.answers
    rules = AnswerRules(max_answers_per_problem=2, seed=1)
    found = [answers_of(problem(n), samples(n, v)[::-1], rules) for n, v in enumerate(given)]
    assert choose_answers(found[::-1], rules) == first


GIVEN = ["ppfffffsc", "pfffffffs", "fffffffff", "ffffffffs", "ppppppppp"] * 12


def mixed(rules: AnswerRules) -> SelectedAnswers:
    return select(GIVEN, rules)


def test_the_unverified_control_is_as_large_and_does_not_look_at_verdicts() -> None:
    verified = mixed(AnswerRules())
    control = mixed(AnswerRules(verdicts="ignored"))
    assert len(control.answers) == len(verified.answers) > 0
    # Every verdict the other way round: the same answers.
    swapped = str.maketrans("pf", "fp")
    other = select([one.translate(swapped) for one in GIVEN], AnswerRules(verdicts="ignored"))
    common = min(len(other.answers), len(control.answers))
    assert samples_of(control)[:common] == samples_of(other)[:common]
    passes = sum(answer.rollout.verdict == "passed" for answer in control.answers)
    assert 0 < passes < len(control.answers)


def judged(rollouts: Sequence[Rollout], passing: Sequence[bool]) -> list[Rollout]:
    """The samples with other verdicts."""
    return [
        replace(rollout, verdict="passed" if passes else "failed")
        for rollout, passes in zip(rollouts, passing, strict=True)
    ]


CUT = [replace(each, finish_reason="length") for each in samples(0, "pfpf")]
"""Four programs, all of answers that were cut off."""

SAME = [replace(each, completion=f"    return x  # {each.sample}\n") for each in samples(1, "fpff")]
"""One program, written in four ways."""


def test_the_unverified_control_stays_whichever_answers_pass() -> None:
    """Also of answers that were cut off, and of equal programs."""
    rules = AnswerRules(verdicts="ignored", max_pass_rate=1.0)
    for number, given in ((0, CUT), (1, SAME), (0, CUT[:2] + samples(0, "pfpf")[2:])):
        usable = answers_of(problem(number), given, rules).usable
        assert len(usable) == (1 if given is SAME else 4)
        for passing in product([True, False], repeat=len(given)):
            again = answers_of(problem(number), judged(given, passing), rules).usable
            assert [one.rollout.sample for one in again] == [one.rollout.sample for one in usable]


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_the_unverified_control_stays_if_all_verdicts_are_the_other_way_round(keep: int) -> None:
    rules = AnswerRules(verdicts="ignored", max_pass_rate=1.0, keep=keep)
    flipped = [[each.verdict != "passed" for each in given] for given in (CUT, SAME)]
    first, second = (
        choose_answers([answers_of(problem(n), each, rules) for n, each in enumerate(given)], rules)
        for given in ((CUT, SAME), (judged(CUT, flipped[0]), judged(SAME, flipped[1])))
    )
    assert samples_of(first) == samples_of(second)
    assert len(first.answers) == keep


@pytest.mark.parametrize("verdicts", ["ignored", "shuffled"])
def test_a_control_has_as_many_answers_of_cut_and_of_equal_programs(verdicts: Verdicts) -> None:
    for passing in product([True, False], repeat=4):
        for number, given in ((0, CUT), (1, SAME)):
            counts = set()
            for one in ("true", verdicts):
                rules = AnswerRules(verdicts=one, max_pass_rate=1.0)
                found = [answers_of(problem(number), judged(given, passing), rules)]
                counts.add(len(choose_answers(found, rules).answers))
            assert len(counts) == 1


def test_with_shuffled_verdicts_no_answer_is_taken_more_often_than_another() -> None:
    """One of four programs passes; two of them were cut off, one of those passes."""
    given = [*CUT[:2], *samples(0, "ffff")[2:]]
    counts: Counter[int] = Counter()
    for seed in range(400):
        rules = AnswerRules(verdicts="shuffled", seed=seed)
        counts.update(
            answer.rollout.sample for answer in answers_of(problem(0), given, rules).verified
        )
    assert sum(counts.values()) == 400
    assert all(70 <= counts[sample] <= 130 for sample in range(4))


def test_the_unverified_control_has_the_form_of_the_verified_answers() -> None:
    control = mixed(AnswerRules(verdicts="ignored", max_answers_per_problem=9))
    assert not any("(" in answer.rollout.completion for answer in control.answers)


def test_shuffled_verdicts_take_as_many_of_each_problem_and_say_what_is_true() -> None:
    verified = mixed(AnswerRules())
    control = mixed(AnswerRules(verdicts="shuffled"))
    assert Counter(taken(control)) == Counter(taken(verified))
    verdicts = Counter(answer.rollout.verdict for answer in control.answers)
    assert verdicts["failed"] > verdicts["passed"] > 0


@pytest.mark.parametrize("verdicts", ["true", "ignored", "shuffled"])
def test_no_answer_is_taken_twice(verdicts: Verdicts) -> None:
    keys = samples_of(mixed(AnswerRules(verdicts=verdicts)))
    assert len(set(keys)) == len(keys)
