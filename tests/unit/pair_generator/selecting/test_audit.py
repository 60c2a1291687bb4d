"""A trivial classifier must not tell chosen from rejected."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.audit import Reading, Sides, audited, read
from rlvf_pair_generator.selecting.candidates import Pair
from rlvf_pair_generator.selecting.discrimination import Discrimination, discriminate
from rlvf_pair_generator.selecting.pair_selection import check_selected, select_pairs
from rlvf_pair_generator.selecting.rules import AuditRules, Rules

WORDS = ["total", "left", "value", "items", "n", "count", "rest", "key"]


def body(chance: random.Random, lines: int) -> str:
    """A function's body of so many lines, of no meaning."""
    text = "".join(
        f"    {chance.choice(WORDS)} = {chance.choice(WORDS)} {chance.choice('+-*')} "
        f"{chance.randrange(1000)}\n"
        for _ in range(lines - 1)
    )
    return f"\n{text}    return {chance.choice(WORDS)}\n"


def honest(problems: int, of_each: int = 1, seed: int = 0) -> list[Sides]:
    """Pairs whose sides are drawn alike."""
    chance = random.Random(seed)
    pairs = []
    for number in range(problems):
        lines = chance.randint(2, 9)
        for _ in range(of_each):
            chosen, rejected = (body(chance, max(1, lines + chance.randint(-1, 1))) for _ in "ab")
            pairs.append(Sides(f"t/{number}", "def f(n):", chosen, rejected))
    return pairs


def spoilt(
    pairs: list[Sides], every: int, spoil: Callable[[Sides], Sides], *, seed: int = 1
) -> list[Sides]:
    """The pairs with about one in `every` of them spoilt."""
    chance = random.Random(seed)
    return [spoil(pair) if chance.randrange(every) == 0 else pair for pair in pairs]


def fenced(pair: Sides) -> Sides:
    return pair._replace(rejected=f"\n```python{pair.rejected}```\n")


def longer(pair: Sides) -> Sides:
    return pair._replace(rejected=pair.rejected.replace("\n", "\n    n = n\n", 1))


def unparseable(pair: Sides) -> Sides:
    return pair._replace(rejected=pair.rejected.replace("return", "return ("))


RULES = AuditRules()


# The prior experiment: 665 of 2,052 rejected sides, about one in three, did not parse or were in a
# Markdown fence, and no chosen one; rejected sides were longer.
@pytest.mark.parametrize(
    ("spoil", "every", "feature"),
    [
        (fenced, 3, "fence"),
        (unparseable, 3, "parses"),
        (longer, 1, "lines"),
        (lambda pair: longer(fenced(pair)), 3, "fence"),
    ],
    ids=["fence", "syntax error", "longer", "all"],
)
@pytest.mark.parametrize("problems", [60, 171])
def test_the_defects_of_the_prior_experiment_are_caught_and_named(
    spoil: Callable[[Sides], Sides], every: int, feature: str, problems: int
) -> None:
    reading = read(spoilt(honest(problems, of_each=3), every, spoil), seed=0)
    assert reading is not None
    assert reading.fails(RULES)
    assert feature in [each.name for each in reading.features[:4]]
    assert feature.replace("_", " ") in reading.sentence() or feature == "lines"


def test_a_feature_that_is_extreme_on_one_side_either_way_is_seen() -> None:
    random = np.random.default_rng(3)
    middle, spread = random.normal(size=(2, 80, 1))
    extreme = np.where(spread > 0, 4.0, -4.0) + spread
    found = discriminate(middle, extreme, [str(number) for number in range(80)], seed=0)
    assert found is not None
    assert min(found.auc, found.paired_auc) > 0.9


def test_rejected_sides_of_extreme_lengths_are_caught_though_the_mean_says_nothing() -> None:
    pairs = [
        pair._replace(rejected="\n    return n\n" if number % 2 else pair.rejected * 4)
        for number, pair in enumerate(honest(80))
    ]
    reading = read(pairs, seed=0)
    assert reading is not None
    assert reading.fails(RULES)


@pytest.mark.parametrize("problems", [40, 150])
def test_pairs_drawn_alike_pass(problems: int) -> None:
    reading = read(honest(problems, of_each=2), seed=0)
    assert reading is not None
    assert not reading.fails(RULES)
    assert reading.discrimination.low <= 0.55
    assert (reading.pairs, reading.problems) == (2 * problems, problems)


def test_a_feature_of_the_problem_is_no_feature_of_a_side() -> None:
    """Features that both sides of a pair share say nothing, however they differ between pairs."""
    values = np.random.default_rng(3).normal(size=(60, 4))
    found = discriminate(values, values, [str(number) for number in range(60)], seed=0)
    assert found is not None
    assert (found.auc, found.paired_auc) == (0.5, 0.5)


def test_a_difference_within_pairs_is_seen_under_a_larger_one_between_problems() -> None:
    random = np.random.default_rng(3)
    shared = 10 * random.normal(size=(80, 1))
    found = discriminate(shared + 0.2, shared, [str(number) for number in range(80)], seed=0)
    assert found is not None
    assert found.auc < 0.6
    assert found.paired_auc == 1.0


def test_answers_of_one_problem_are_not_in_two_folds() -> None:
    """What marks a problem's answers cannot be learnt from its other pairs."""
    random = np.random.default_rng(5)
    problems = np.repeat(np.arange(20), 10)
    marks = np.eye(20)[problems] * random.choice([-1.0, 1.0], size=20)[problems, None]
    found = discriminate(marks, 0 * marks, [str(number) for number in problems], seed=0)
    assert found is not None
    assert found.largest < 0.8


@pytest.mark.parametrize("problems", [12, 60])
def test_at_most_about_one_honest_set_in_twenty_is_refused(problems: int) -> None:
    """An AUC above 0.6 alone would refuse 1 in 3 of the smallest sets."""
    runs = 100
    refused = 0
    for seed in range(runs):
        random = np.random.default_rng(seed)
        chosen, rejected = random.normal(size=(2, problems, 8))
        found = discriminate(
            chosen, rejected, [str(number) for number in range(problems)], seed=seed
        )
        assert found is not None
        refused += found.largest > 0.6 and found.p_value <= 0.05
    # 10 or more of 100 have a chance of 3 in 100 at a rate of 0.05; the seeds are fixed.
    assert refused < 10


def test_too_few_problems_tell_nothing() -> None:
    assert read(honest(9, of_each=5), seed=0) is None
    assert read([], seed=0) is None
    assert read(honest(10), seed=0) is not None


def pair_of(sides: Sides) -> Pair:
    problem = Problem(
        sides.problem, sides.prompt + "\n", "f", CheckFunction(""), "", "unit", "train"
    )
    chosen, rejected = (
        Rollout(sides.problem, number, text.removeprefix("\n"), "stop", 9, verdict, "", 1.0)
        for number, (text, verdict) in enumerate(
            [(sides.chosen, "passed"), (sides.rejected, "failed")]
        )
    )
    return Pair(problem, chosen, rejected, "failed", 0.5, 1, 2, 0.5, 1.0, 1.0)


SKEWED = [pair_of(each) for each in spoilt(honest(100, of_each=2), 3, fenced)]


def test_a_set_with_a_shortcut_is_rebalanced_until_it_passes() -> None:
    audit = audited(SKEWED, AuditRules(on_shortcut="rebalance"), seed=0, needed=40)
    assert audit.passed
    assert audit.before is not None
    assert audit.after is not None
    assert audit.before.fails(RULES)
    assert audit.after.discrimination.largest <= RULES.max_auc
    assert 40 <= len(audit.pairs) == audit.after.pairs < audit.before.pairs == len(SKEWED)
    assert [pair for pair in SKEWED if pair in audit.pairs] == audit.pairs
    fences = ["```" in pair.rejected.completion for pair in audit.pairs]
    before = ["```" in pair.rejected.completion for pair in SKEWED]
    assert np.mean(fences) < 0.7 * np.mean(before)


def test_a_shortcut_in_every_pair_is_not_hidden_by_leaving_out_pairs() -> None:
    pairs = [pair_of(fenced(each)) for each in honest(40)]
    audit = audited(pairs, AuditRules(on_shortcut="rebalance"), seed=0, needed=1)
    assert not audit.passed
    assert audit.after is not None
    assert "fence" in audit.after.sentence()


def test_rebalancing_stops_where_too_few_pairs_would_be_left() -> None:
    audit = audited(SKEWED, AuditRules(on_shortcut="rebalance"), seed=0, needed=195)
    assert not audit.passed
    assert len(audit.pairs) >= 195


def test_a_set_with_a_shortcut_is_refused_and_says_why_where_that_is_asked_for() -> None:
    audit = audited(SKEWED, AuditRules(on_shortcut="refuse"), seed=0, needed=1)
    assert not audit.passed
    assert audit.pairs == SKEWED


def test_a_set_with_a_shortcut_is_only_recorded_where_that_is_asked_for() -> None:
    audit = audited(SKEWED, AuditRules(on_shortcut="record"), seed=0, needed=1)
    assert audit.passed
    assert audit.pairs == SKEWED
    assert audit.after is not None
    assert audit.after.fails(RULES)


def test_a_limit_that_is_not_reached_lets_the_set_pass() -> None:
    audit = audited(SKEWED, AuditRules(max_auc=0.95, on_shortcut="refuse"), seed=0, needed=1)
    assert audit.passed


def skewed_rollouts() -> tuple[list[Problem], list[Rollout]]:
    """Chosen answers name a variable first, rejected ones do not: a shortcut that every rule lets
    pass."""
    problems = [
        Problem(f"t/{n:03d}", f"def f{n}(x):\n", f"f{n}", CheckFunction(""), "", "unit", "train")
        for n in range(30)
    ]
    rollouts = []
    for number, problem in enumerate(problems):
        right = f"    y = x + {number}\n    return y\n"
        wrong = f"    return x - {number} - 1000\n"
        for sample, (text, verdict) in enumerate([(right, "passed"), (wrong, "failed")]):
            rollouts.append(Rollout(problem.task_id, sample, text, "stop", 9, verdict, "", 1.0))
    return problems, rollouts


def test_selection_refuses_a_set_whose_shortcut_cannot_be_mended_and_names_it() -> None:
    rules = Rules(max_length_imbalance=0.5, audit=AuditRules(on_shortcut="refuse"))
    selected = select_pairs(*skewed_rollouts(), rules)
    assert selected.steps[-1].name == "shortcut audit"
    with pytest.raises(FailedPrecondition, match=r"AUC 1\.00 .*; most telling: .*lines"):
        check_selected(selected, selected.steps, needed=1)


def test_the_audit_depends_on_its_seed_and_not_on_the_order_of_problems() -> None:
    pairs = honest(40)
    first, again = read(pairs, seed=4), read(pairs, seed=4)
    assert first == again


def test_the_interval_covers_the_auc_and_shrinks_with_more_problems() -> None:
    widths = []
    for problems in (20, 320):
        random = np.random.default_rng(9)
        chosen, rejected = (
            random.normal(size=(2, problems, 1)) + np.array([0.5, 0.0])[:, None, None]
        )
        found = discriminate(chosen, rejected, [str(number) for number in range(problems)], seed=0)
        assert found is not None
        assert found.low <= found.largest <= found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 2


@pytest.mark.parametrize(
    ("auc", "paired_auc", "p_value", "fails"),
    [
        (0.65, 0.5, 0.01, True),
        (0.5, 0.65, 0.01, True),
        (0.65, 0.65, 0.2, False),
        (0.59, 0.6, 0.01, False),
    ],
)
def test_a_set_fails_by_either_auc_unless_chance_explains_it(
    auc: float, paired_auc: float, p_value: float, fails: bool
) -> None:
    found = Discrimination(auc, paired_auc, 0.4, 0.8, p_value, np.zeros(1))
    assert Reading(found, [], 30, 30).fails(RULES) is fails
