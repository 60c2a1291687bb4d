"""What each problem gives, and which rule left nothing of it."""

import json

import pytest

from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.answer_selection import answers_of, choose_answers
from rlvf_pair_generator.selecting.pair_selection import select_pairs
from rlvf_pair_generator.selecting.rules import AnswerRules, Rules
from rlvf_pair_generator.selecting.yields import ProblemYield, dump_yields

RIGHT, WRONG = "    return x + 1\n", "    return x - 1\n"
BROKEN = "    return x +\n"
ANY = frozenset({"failed", "error"})


def problem(number: int) -> Problem:
    prompt = f'def f{number}(x):\n    """Add things to x."""\n'
    return Problem(f"t/{number}", prompt, f"f{number}", CheckFunction(""), "", "unit", "train")


def rollouts(number: int, *answers: tuple[str, str]) -> list[Rollout]:
    return [
        Rollout(f"t/{number}", sample, completion, "stop", 9, verdict, "", 1.0)
        for sample, (completion, verdict) in enumerate(answers)
    ]


def pair_yield(*answers: tuple[str, str], rules: Rules) -> ProblemYield:
    [found] = select_pairs([problem(0)], rollouts(0, *answers), rules).yields
    return found


@pytest.mark.parametrize(
    ("answers", "counts", "lost_at"),
    [
        ([(RIGHT, "passed"), (WRONG, "failed")], (2, 1, 1, 1), ""),
        ([(WRONG, "failed")], (1, 0, 0, 1), "both outcomes"),
        ([(RIGHT, "passed")], (1, 1, 1, 0), "both outcomes"),
        ([(BROKEN, "error"), (BROKEN, "error")], (2, 0, 0, 0), "parses"),
        ([(RIGHT, "passed"), (BROKEN, "error")], (2, 1, 1, 0), "both outcomes"),
        ([(RIGHT, "passed"), (WRONG, "timeout")], (2, 1, 1, 0), "both outcomes"),
        ([(RIGHT, "passed"), ("    return 0\n", "failed")], (2, 1, 1, 1), ""),
        ([(RIGHT, "passed"), ("    y = 1\n" * 9 + WRONG, "failed")], (2, 1, 1, 1), "length ratio"),
    ],
)
def test_a_problem_is_lost_at_the_rule_that_left_nothing_of_it(
    answers: list[tuple[str, str]], counts: tuple[int, ...], lost_at: str
) -> None:
    found = pair_yield(*answers, rules=Rules(max_length_imbalance=0.5, rejected=ANY))
    assert (found.samples, found.passed, found.usable_passed, found.usable_failed) == counts
    assert found.lost_at == lost_at
    assert found.records == (0 if lost_at else 1)


def test_a_problem_may_be_lost_beside_others() -> None:
    problems = [problem(number) for number in range(3)]
    samples = [
        rollout
        for number in range(3)
        for rollout in rollouts(
            number, (RIGHT, "passed"), (WRONG, "failed"), *[(RIGHT, "passed")] * number
        )
    ]
    rules = Rules(max_length_imbalance=0.5, keep_best=1)
    found = select_pairs(problems, samples, rules).yields
    # The first has the pass rate nearest to one half.
    assert [(one.records, one.lost_at) for one in found] == [
        (1, ""),
        (0, "keep the best"),
        (0, "keep the best"),
    ]


def test_answers_are_lost_by_their_own_rules() -> None:
    def lost(*answers: tuple[str, str], rules: AnswerRules) -> list[str]:
        found = [answers_of(problem(0), rollouts(0, *answers), rules)]
        return [one.lost_at for one in choose_answers(found, rules).yields]

    both = [(RIGHT, "passed"), (WRONG, "failed")]
    assert lost(*both, rules=AnswerRules()) == [""]
    assert lost((RIGHT, "passed"), rules=AnswerRules()) == ["pass rate"]
    assert lost((WRONG, "failed"), rules=AnswerRules()) == ["passed"]


def test_a_control_that_ignores_verdicts_loses_no_problem_by_them() -> None:
    rules = AnswerRules(verdicts="ignored")
    found = [
        answers_of(problem(0), rollouts(0, (WRONG, "failed")), rules),
        answers_of(problem(1), rollouts(1, (RIGHT, "passed"), (WRONG, "failed")), rules),
        answers_of(problem(2), rollouts(2, (BROKEN, "error")), rules),
    ]
    yields = choose_answers(found, rules).yields
    # One answer is verified, so one is taken, whichever problem it is of.
    assert sorted(one.lost_at for one in yields) == ["", "as many without verdicts", "parses"]


def test_yields_are_stored_a_line_each() -> None:
    line = dump_yields([ProblemYield(8, 2, 1, 3, "t/0", 4, "")])
    assert json.loads(line) == {
        "samples": 8,
        "passed": 2,
        "usable_passed": 1,
        "usable_failed": 3,
        "task_id": "t/0",
        "records": 4,
        "lost_at": "",
    }
