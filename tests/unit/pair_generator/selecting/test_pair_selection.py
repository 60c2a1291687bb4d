"""Each rule of the selection, alone and together."""

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.pair_selection import (
    Selected,
    check_selected,
    easy_first,
    select_pairs,
)
from rlvf_pair_generator.selecting.rules import AuditRules, Rules

ANY = frozenset({"failed", "error", "timeout", "memory"})


def problem(number: int = 0) -> Problem:
    prompt = f'def f{number}(x):\n    """Add things to x."""\n'
    return Problem(f"t/{number:03d}", prompt, f"f{number}", CheckFunction(""), "", "unit", "train")


def rollout(sample: int, completion: str, verdict: str, task_id: str = "t/000") -> Rollout:
    return Rollout(task_id, sample, completion, "stop", 9, verdict, "", 1.0)


RIGHT = rollout(0, "    return x + 1\n", "passed")
WRONG = rollout(1, "    return x - 1\n", "failed")


def select(*rollouts: Rollout, rules: Rules | None = None) -> Selected:
    return select_pairs([problem()], rollouts, rules or Rules(max_length_imbalance=0.5))


def sides(selected: Selected) -> list[tuple[int, int]]:
    return [(pair.chosen.sample, pair.rejected.sample) for pair in selected.pairs]


def left(selected: Selected, name: str) -> tuple[int, int]:
    return next((step.before, step.after) for step in selected.steps if step.name == name)


def test_a_passing_and_a_failing_answer_make_a_pair() -> None:
    selected = select(RIGHT, WRONG)
    assert sides(selected) == [(0, 1)]
    assert selected.pairs[0].pass_rate == 0.5
    assert selected.problems_with_both == 1


@pytest.mark.parametrize(
    "completion", ["    return x -\n", "return x - 1\n", "```\n    return x\n", "    x = '\x00'\n"]
)
def test_a_side_that_does_not_parse_makes_no_pair(completion: str) -> None:
    selected = select(RIGHT, rollout(1, completion, "error"))
    assert selected.pairs == []
    assert left(selected, "parses") == (2, 1)


@pytest.mark.parametrize(
    "completion", ["", '    "only text"\n', "    return 1\ndef f0(x):\n    ''\n"]
)
def test_a_side_without_a_body_of_the_entry_point_makes_no_pair(completion: str) -> None:
    selected = select(RIGHT, rollout(1, completion, "failed"))
    assert selected.pairs == []
    assert left(selected, "entry point") == (2, 1)


def test_an_answer_that_was_cut_off_is_not_rejected_but_may_be_chosen() -> None:
    assert select(RIGHT, replace(WRONG, finish_reason="length")).pairs == []
    assert sides(select(replace(RIGHT, finish_reason="length"), WRONG)) == [(0, 1)]


def test_answers_that_differ_in_white_space_comments_and_docstrings_are_one() -> None:
    same = rollout(2, "    'text'\n    return x  -  1  # less\n", "failed")
    selected = select(RIGHT, WRONG, same)
    assert sides(selected) == [(0, 1)]
    assert left(selected, "distinct") == (3, 2)


def test_answers_that_differ_in_names_of_variables_only_are_one() -> None:
    first = rollout(1, "    total = x * 2\n    return total\n", "failed")
    same = rollout(2, "    s = x * 2\n    return s\n", "failed")
    assert left(select(RIGHT, first, same), "distinct") == (3, 2)


@pytest.mark.parametrize("verdict", sorted(ANY))
def test_the_same_function_with_something_that_fails_behind_it_is_not_its_rejected_side(
    verdict: str,
) -> None:
    """Whichever of the two came first, the one that passes stands for both."""
    behind = "\nx = int(input())\nprint(f0(x))\n"
    reads = rollout(1, f"    return x + 1\n{behind}", verdict)
    rules = Rules(
        rejected=ANY, max_length_imbalance=0.5, max_length_ratio=9.0, min_edit_distance=0.0
    )
    for pair in ((RIGHT, reads), (replace(RIGHT, sample=1), replace(reads, sample=0))):
        selected = select(*pair, rules=rules)
        assert selected.pairs == []
        assert left(selected, "distinct") == (2, 1)
        wrong = rollout(2, f"    return x * 3\n{behind}", "failed")
        assert [each.chosen.verdict for each in select(*pair, wrong, rules=rules).pairs] == [
            "passed"
        ]


def test_an_answer_whose_function_is_wrong_is_rejected_though_something_fails_behind_it() -> None:
    reads = rollout(1, "    return x - 1\n\ny = int(input())\n", "error")
    rules = Rules(rejected=ANY, max_length_imbalance=0.5, max_length_ratio=9.0)
    assert sides(select(RIGHT, reads, rules=rules)) == [(0, 1)]


@pytest.mark.parametrize(
    ("rejected", "verdicts"),
    [
        (frozenset({"failed"}), {"failed"}),
        (frozenset({"failed", "error"}), {"failed", "error"}),
        (ANY, set(ANY)),
    ],
)
def test_rejected_answers_fail_by_a_wrong_result_unless_other_ways_are_asked_for(
    rejected: frozenset[str], verdicts: set[str]
) -> None:
    wrong = [rollout(n, f"    return x - {n}\n", each) for n, each in enumerate(sorted(ANY), 1)]
    selected = select(RIGHT, *wrong, rules=Rules(rejected=rejected, max_length_imbalance=0.5))
    assert {pair.rejected.verdict for pair in selected.pairs} == verdicts
    assert left(selected, "wrong result") == (5, 1 + len(verdicts))


def test_problems_need_both_outcomes() -> None:
    selected = select(RIGHT, rollout(1, "    return 1 + x\n", "passed"))
    assert selected.pairs == []
    assert left(selected, "both outcomes") == (1, 0)
    assert selected.problems_with_both == 0


@pytest.mark.parametrize(
    ("rules", "pairs"),
    [
        (Rules(min_pass_rate=0.25, max_pass_rate=0.25), 1),
        (Rules(min_pass_rate=0.26), 0),
        (Rules(max_pass_rate=0.24), 0),
    ],
)
def test_pass_rate_counts_every_sample_of_the_problem(rules: Rules, pairs: int) -> None:
    broken = [rollout(number, "    return (\n", "error") for number in (2, 3)]
    selected = select(RIGHT, WRONG, *broken, rules=rules)
    assert len(selected.pairs) == pairs
    assert left(selected, "pass rate") == (1, pairs)


def test_pass_rate_is_that_of_the_first_round_alone() -> None:
    later = [rollout(number, f"    return x - {number}\n", "failed") for number in (2, 3)]
    rules = Rules(min_pass_rate=0.5, measured_samples=2, max_length_imbalance=0.5)
    selected = select(*later, RIGHT, WRONG, rules=rules)
    assert {pair.pass_rate for pair in selected.pairs} == {0.5}
    assert {(pair.passes, pair.samples) for pair in selected.pairs} == {(1, 4)}
    assert select(*later, RIGHT, WRONG, rules=replace(rules, measured_samples=0)).pairs == []


@pytest.mark.parametrize(
    "completion",
    [
        "  return x - 1\n",
        "\n    return x - 1\n",
        "    # less\n    return x - 1\n",
        "    '''Less.'''\n    return x - 1\n",
        "    return x - 1\n    # ```\n",
    ],
    ids=["indentation", "blank line", "comment", "docstring", "fence"],
)
def test_both_sides_have_the_same_format(completion: str) -> None:
    other = replace(problem(), prompt="def f0(x):\n")
    wrong = replace(WRONG, completion=completion)
    selected = select_pairs([other], [RIGHT, wrong], Rules(max_length_ratio=9.0))
    assert selected.pairs == []
    assert left(selected, "same format") == (1, 0)


def test_sides_of_very_different_length_make_no_pair() -> None:
    long = rollout(1, "    y = x\n" * 10 + "    return y\n", "failed")
    assert select(RIGHT, long).pairs == []
    assert left(select(RIGHT, long), "length ratio") == (1, 0)
    wide = Rules(max_length_ratio=20.0, max_edit_distance=1.0, max_length_imbalance=0.5)
    assert sides(select(RIGHT, long, rules=wide)) == [(0, 1)]


def test_sides_that_are_almost_equal_make_no_pair() -> None:
    body = "".join(f"    y{number} = x * {number} + 7\n" for number in range(12))
    right = rollout(0, body + "    return y1\n", "passed")
    wrong = rollout(1, body + "    return y2\n", "failed")
    selected = select(right, wrong)
    assert selected.pairs == []
    assert left(selected, "edit distance") == (1, 0)
    rules = Rules(min_edit_distance=0.0, max_length_imbalance=0.5)
    assert sides(select(right, wrong, rules=rules)) == [(0, 1)]


def test_sides_that_have_nothing_in_common_make_no_pair() -> None:
    wrong = rollout(1, "    pass; ...\n", "failed")
    selected = select(RIGHT, wrong)
    assert selected.pairs == []
    assert left(selected, "edit distance") == (1, 0)
    rules = Rules(max_edit_distance=1.0, max_length_imbalance=0.5)
    assert sides(select(RIGHT, wrong, rules=rules)) == [(0, 1)]


def test_a_problem_gives_at_most_k_pairs_and_uses_its_answers_evenly() -> None:
    right = [rollout(n, f"    return x + {n}\n", "passed") for n in range(3)]
    wrong = [rollout(n, f"    return x - {n}\n", "failed") for n in range(3, 6)]
    rules = Rules(max_pairs_per_problem=3, max_length_imbalance=0.5)
    selected = select(*right, *wrong, rules=rules)
    chosen, rejected = zip(*sides(selected), strict=True)
    assert sorted(chosen) == [0, 1, 2]
    assert sorted(rejected) == [3, 4, 5]
    assert left(selected, "per problem") == (9, 3)


def test_wrong_results_are_preferred_to_crashes_and_crashes_to_loops() -> None:
    loop = rollout(1, "    while x: pass\n", "timeout")
    crash = rollout(2, "    return x + y\n", "error")
    wrong = rollout(3, "    return x * 3 + 1\n", "failed")
    rules = Rules(rejected=ANY, max_edit_distance=1.0, max_length_imbalance=0.5)
    assert sides(select(RIGHT, loop, crash, wrong, rules=rules)) == [(0, 3), (0, 2), (0, 1)]


def test_matched_length_is_preferred_among_equals() -> None:
    near = rollout(2, "    return x - 2\n", "failed")
    far = rollout(1, "    return x - 2000\n", "failed")
    assert sides(select(RIGHT, far, near)) == [(0, 2), (0, 1)]


def many() -> tuple[list[Problem], list[Rollout]]:
    problems = [problem(number) for number in range(12)]
    rollouts = [
        rollout(
            sample,
            f"    return x {'+' if sample % 2 else '-'} {sample}\n",
            "passed" if sample % 2 else "failed",
            task_id=each.task_id,
        )
        for each in problems
        for sample in range(6)
    ]
    return problems, rollouts


def test_every_prefix_is_spread_over_the_problems() -> None:
    selected = select_pairs(*many(), Rules(max_pairs_per_problem=3))
    tasks = [pair.problem.task_id for pair in selected.pairs]
    assert len(tasks) == 36
    for size in (12, 24, 36):
        assert {tasks[:size].count(task) for task in set(tasks)} == {size // 12}
    assert tasks[:12] != sorted(tasks[:12])


def test_selection_depends_on_the_seed_and_not_on_the_order_of_its_input() -> None:
    problems, rollouts = many()
    first = select_pairs(problems, rollouts, Rules(seed=1))
    shuffle = random.Random(3)
    shuffle.shuffle(problems)
    shuffle.shuffle(rollouts)
    assert select_pairs(problems, rollouts, Rules(seed=1)) == first
    assert select_pairs(problems, rollouts, Rules(seed=2)).pairs != first.pairs


def test_counts_of_the_steps_follow_from_one_another() -> None:
    selected = select_pairs(*many(), Rules(max_pairs_per_problem=2))
    names = [step.name for step in selected.steps]
    assert len(names) == len(set(names))
    for unit in ("samples", "problems", "pairs"):
        chain = [step for step in selected.steps if step.unit == unit]
        assert all(a.after == b.before for a, b in pairwise(chain))
    assert [step.name for step in selected.steps if step.unit == "pairs"] == [
        "same format",
        "length ratio",
        "edit distance",
        "per problem",
        "keep the best",
        "balanced length",
        "shortcut audit",
    ]
    assert selected.steps[-1].after == len(selected.pairs)


def lopsided(longer: int, shorter: int) -> tuple[list[Problem], list[Rollout]]:
    """One pair a problem: so many of which the chosen side is longer, and shorter."""
    problems = [problem(number) for number in range(longer + shorter)]
    texts = ("    return x - 10 - 1\n", "    return x - 1\n")
    rollouts = []
    for number, each in enumerate(problems):
        right, wrong = texts if number < longer else texts[::-1]
        rollouts += [
            rollout(0, right, "passed", task_id=each.task_id),
            rollout(1, wrong.replace("-", "+"), "failed", task_id=each.task_id),
        ]
    return problems, rollouts


@pytest.mark.parametrize(
    ("imbalance", "longer", "shorter"),
    [(0.0, 11, 10), (0.05, 12, 10), (0.1, 15, 10), (0.5, 30, 10)],
)
def test_chosen_sides_are_the_longer_ones_about_as_often_as_rejected_ones(
    imbalance: float, longer: int, shorter: int
) -> None:
    rules = Rules(max_length_imbalance=imbalance, audit=AuditRules(on_shortcut="record"))
    selected = select_pairs(*lopsided(30, 10), rules)
    counts = Counter(pair.longer for pair in selected.pairs)
    assert (counts[1], counts[-1]) == (longer, shorter)
    assert left(selected, "balanced length") == (40, longer + shorter)
    mirrored = select_pairs(*lopsided(10, 30), rules)
    assert Counter(-pair.longer for pair in mirrored.pairs) == counts


def test_every_prefix_is_about_balanced_in_length_where_problems_offer_both_kinds() -> None:
    problems = [problem(number) for number in range(20)]
    rollouts = [
        rollout(sample, text, verdict, task_id=each.task_id)
        for each in problems
        for sample, (text, verdict) in enumerate(
            [
                ("    return x + 1\n", "passed"),
                ("    return x + 10 - 9\n", "passed"),
                ("    return x * 1 * 2\n", "failed"),
            ]
        )
    ]
    rules = Rules(max_pairs_per_problem=2, audit=AuditRules(on_shortcut="record"))
    selected = select_pairs(problems, rollouts, rules)
    signs = [pair.longer for pair in selected.pairs]
    assert {1, -1} <= set(signs)
    assert all(abs(sum(signs[:size])) <= 1 for size in range(len(signs)))


@pytest.mark.parametrize("imbalance", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("seed", [0, 1])
def test_every_prefix_is_as_balanced_in_length_as_all_where_problems_offer_one_kind(
    imbalance: float, seed: int
) -> None:
    rules = Rules(max_length_imbalance=imbalance, seed=seed, audit=AuditRules(on_shortcut="record"))
    for numbers in ((60, 40), (40, 60)):
        signs = [pair.longer for pair in select_pairs(*lopsided(*numbers), rules).pairs]
        assert set(signs) == {1, -1}
        for size in range(1, len(signs) + 1):
            assert abs(sum(signs[:size])) <= max(1, 2 * imbalance * size)


def test_pairs_that_the_audit_leaves_are_in_order_of_balance() -> None:
    problems, rollouts = lopsided(80, 40)
    # A third of the rejected sides have a line more.
    rollouts = [
        replace(each, completion=each.completion.replace("return x", "y = x\n    return y"))
        if each.verdict == "failed" and number % 6 == 1
        else each
        for number, each in enumerate(rollouts)
    ]
    selected = select_pairs(problems, rollouts, Rules())
    before, after = left(selected, "shortcut audit")
    assert before > after
    signs = [pair.longer for pair in selected.pairs]
    balanced = [
        size for size in range(1, after + 1) if abs(sum(signs[:size])) <= max(1, 0.1 * size)
    ]
    # What has no counterpart left comes last.
    assert balanced == list(range(1, len(balanced) + 1))
    assert len(set(signs[len(balanced) :])) <= 1


def test_the_best_pairs_are_kept_and_what_is_best_is_measured() -> None:
    problems = [problem(number) for number in range(3)]
    rollouts = []
    for each, passing in zip(problems, (1, 4, 7), strict=True):
        rollouts += [
            rollout(
                sample,
                f"    return x {'+' if sample < passing else '-'} {sample}\n",
                "passed" if sample < passing else "failed",
                task_id=each.task_id,
            )
            for sample in range(8)
        ]
    half_solved = "t/001"
    rules = Rules(max_pairs_per_problem=1, keep_best=1)
    selected = select_pairs(problems, rollouts, rules)
    assert [pair.problem.task_id for pair in selected.pairs] == [half_solved]
    assert selected.pairs[0].quality == 1.0
    assert left(selected, "keep the best") == (3, 1)
    share = select_pairs(problems, rollouts, Rules(max_pairs_per_problem=1, keep_share=1 / 3))
    assert share.pairs == selected.pairs


def test_a_pair_of_unlike_lengths_is_worth_less_by_their_ratio() -> None:
    longer = rollout(1, "    return x - 100\n", "failed")
    selected = select(RIGHT, longer)
    assert selected.pairs[0].length_ratio == pytest.approx(12 / 14)
    assert selected.pairs[0].quality == pytest.approx(12 / 14)


def test_a_slow_chosen_answer_is_worth_less_and_noise_of_time_decides_nothing() -> None:
    slow = replace(rollout(2, "    return x + 2\n", "passed"), cpu_ms=1000.0)
    noisy = replace(slow, cpu_ms=90.0)
    assert select(RIGHT, slow, WRONG).pairs[0].chosen == RIGHT
    pairs = select(slow, WRONG, replace(RIGHT, cpu_ms=10.0)).pairs
    assert {pair.chosen.sample: pair.quality for pair in pairs}[2] == pytest.approx(8 / 9 / 10)
    assert len({pair.quality for pair in select(RIGHT, noisy, WRONG).pairs}) == 1


def timed(*answers: tuple[int, str, float]) -> dict[tuple[int, int], float]:
    """The quality of each pair, less the part of pass rate and lengths; answers have the cases
    that they pass, of ten, a verdict, and milliseconds."""
    rollouts = [
        replace(
            rollout(number, f"    return x + {number}\n", verdict),
            cpu_ms=milliseconds,
            cases_passed=passed,
            cases_total=10,
        )
        for number, (passed, verdict, milliseconds) in enumerate(answers)
    ]
    rate = sum(verdict == "passed" for _, verdict, _ in answers) / len(answers)
    rules = Rules(max_length_imbalance=0.5, max_pairs_per_problem=9, min_gap=0.3)
    pairs = select(*rollouts, rules=rules).pairs
    assert all(0.0 <= pair.quality <= 1.0 for pair in pairs)
    found = {(pair.chosen.sample, pair.rejected.sample): pair.quality for pair in pairs}
    return {sides: value / (4 * rate * (1 - rate)) for sides, value in found.items()}


def test_a_chosen_answer_that_fails_gains_nothing_by_failing_fast() -> None:
    slow, slower, fails = (10, "passed", 1000.0), (10, "passed", 4000.0), (0, "failed", 9.0)
    found = timed(slow, slower, (5, "failed", 1.0), fails)
    assert found == pytest.approx(
        {(0, 3): 1.0, (1, 3): 0.25, (2, 3): 0.25, (0, 2): 1.0, (1, 2): 0.25}
    )
    found = timed(slow, (5, "failed", 2000.0), fails)
    assert found[1, 2] == pytest.approx(0.5)


def test_if_no_side_passes_speed_does_not_count() -> None:
    answers = [replace(credited(0, 8), cpu_ms=5000.0), replace(credited(1, 0), cpu_ms=9.0)]
    # One that passes but cannot be a side: the problem's pass rate is not 0.
    broken = rollout(2, "    return (\n", "passed")
    (pair,) = select(*answers, broken, rules=gap(0.3)).pairs
    assert pair.quality == pytest.approx(4 / 3 * 2 / 3)


def test_a_limit_above_all_pairs_of_a_problem_is_none() -> None:
    every = select_pairs(*many(), Rules(max_pairs_per_problem=1_000))
    assert select_pairs(*many(), Rules(max_pairs_per_problem=2**31 - 1)) == every


def test_the_curriculum_has_the_same_pairs_with_often_solved_problems_first() -> None:
    problems, rollouts = many()
    rollouts = [
        replace(each, verdict="passed") if each.task_id <= "t/005" and each.sample == 0 else each
        for each in rollouts
    ]
    pairs = select_pairs(problems, rollouts, Rules(max_pairs_per_problem=2)).pairs
    ordered = easy_first(pairs)
    rates = [pair.pass_rate for pair in ordered]
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == 2
    assert sorted(map(repr, ordered)) == sorted(map(repr, pairs))
    tasks = [pair.problem.task_id for pair in ordered]
    assert tasks == [task for task in dict.fromkeys(tasks) for _ in range(tasks.count(task))]


def test_too_few_pairs_are_refused_with_the_counts() -> None:
    selected = select(RIGHT, WRONG)
    check_selected(selected, selected.steps, needed=1)
    with pytest.raises(FailedPrecondition, match=r"left 1 pairs, 2 are needed \(parses: 2 to 2"):
        check_selected(selected, selected.steps, needed=2)


COMPLETIONS = st.sampled_from(
    [
        "    return x + 1\n",
        "    return x - 1\n",
        "    y = x * 2\n    return y\n",
        "    z = x * 2\n    return z\n",
        "    return [n for n in range(x)]\n",
        "    # count\n    return x * 3\n",
        "    return (\n",
        "    return x + 10 + 1\n",
        "",
    ]
)
SAMPLES = st.lists(
    st.tuples(COMPLETIONS, st.sampled_from(["passed", "failed", "error"])), min_size=1, max_size=6
)
RULES = st.builds(
    Rules,
    max_pairs_per_problem=st.integers(1, 3),
    seed=st.integers(0, 5),
    keep_share=st.sampled_from([0.5, 1.0]),
    max_length_imbalance=st.sampled_from([0.0, 0.1, 0.5]),
    rejected=st.sampled_from([frozenset({"failed"}), ANY]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SAMPLES, min_size=1, max_size=14), RULES, st.randoms(use_true_random=False))
def test_selection_holds_its_rules_whatever_the_samples(
    samples: list[list[tuple[str, str]]], rules: Rules, shuffle: random.Random
) -> None:
    problems = [problem(number) for number in range(len(samples))]
    rollouts = [
        rollout(number, completion, verdict, task_id=each.task_id)
        for each, of_problem in zip(problems, samples, strict=True)
        for number, (completion, verdict) in enumerate(of_problem)
    ]
    selected = select_pairs(problems, rollouts, rules)
    for pair in selected.pairs:
        assert pair.chosen.verdict == "passed"
        assert pair.rejected.verdict in rules.rejected
        assert pair.chosen.task_id == pair.rejected.task_id == pair.problem.task_id
    tasks = Counter(pair.problem.task_id for pair in selected.pairs)
    assert all(amount <= rules.max_pairs_per_problem for amount in tasks.values())
    keys = [
        (pair.problem.task_id, pair.chosen.sample, pair.rejected.sample) for pair in selected.pairs
    ]
    assert len(set(keys)) == len(keys)
    for before, after in pairwise(step for step in selected.steps if step.unit == "pairs"):
        assert before.after == after.before >= after.after
    again = select_pairs(
        shuffle.sample(problems, len(problems)), shuffle.sample(rollouts, len(rollouts)), rules
    )
    assert again.pairs == selected.pairs
    assert again.steps == selected.steps


@settings(max_examples=25, deadline=None)
@given(st.lists(SAMPLES, min_size=1, max_size=8), st.integers(1, 3), st.integers(0, 3))
def test_allowing_more_pairs_a_problem_keeps_the_first_ones(
    samples: list[list[tuple[str, str]]], most: int, seed: int
) -> None:
    problems = [problem(number) for number in range(len(samples))]
    rollouts = [
        rollout(number, completion, verdict, task_id=each.task_id)
        for each, of_problem in zip(problems, samples, strict=True)
        for number, (completion, verdict) in enumerate(of_problem)
    ]
    fewer, more = (
        select_pairs(
            problems,
            rollouts,
            Rules(max_pairs_per_problem=k, seed=seed, max_length_imbalance=0.5),
        ).pairs
        for k in (most, most + 1)
    )
    assert more[: len(fewer)] == fewer


def credited(sample: int, passed: int | None, verdict: str = "failed") -> Rollout:
    """An answer of which that many of ten cases pass; None: nobody knows."""
    answer = rollout(sample, f"    return x + {sample}\n", verdict)
    total = None if passed is None else 10
    return replace(answer, cases_passed=passed, cases_total=total)


def gap(amount: float) -> Rules:
    return Rules(max_length_imbalance=0.5, max_pairs_per_problem=9, min_gap=amount)


def test_with_a_gap_an_answer_that_fails_may_be_chosen_over_a_worse_one() -> None:
    answers = (credited(0, 8), credited(1, 3), credited(2, 0))
    assert select(*answers, rules=gap(0.0)).pairs == []
    assert set(sides(select(*answers, rules=gap(0.3)))) == {(0, 1), (0, 2), (1, 2)}
    assert set(sides(select(*answers, rules=gap(0.5)))) == {(0, 1), (0, 2)}
    assert set(sides(select(*answers, rules=gap(0.8)))) == {(0, 2)}
    assert select(*answers, rules=gap(0.9)).pairs == []


def test_a_problem_without_a_gap_is_lost_at_the_gap_and_not_at_its_outcomes() -> None:
    selected = select(credited(0, 8), credited(1, 3), rules=gap(0.6))
    assert [one.lost_at for one in selected.yields] == ["credit gap"]
    assert left(selected, "credit gap") == (1, 0)


def test_a_gap_is_asked_of_answers_that_pass_too() -> None:
    answers = (credited(0, 10, "passed"), credited(1, 9), credited(2, 1))
    assert set(sides(select(*answers, rules=gap(0.5)))) == {(0, 2), (1, 2)}


def test_an_answer_whose_credit_nobody_knows_is_on_no_side_where_there_is_a_gap() -> None:
    answers = (credited(0, 10, "passed"), credited(1, None), credited(2, 0))
    assert set(sides(select(*answers, rules=gap(0.5)))) == {(0, 2)}


def test_verdicts_are_shuffled_within_a_problem_and_the_records_stay_true() -> None:
    problems = [problem(number) for number in range(40)]
    answers = [
        rollout(sample, f"    return x + {sample}\n", verdict, each.task_id)
        for each in problems
        for sample, verdict in enumerate(["passed", "failed", "failed", "failed"])
    ]
    rules = Rules(max_length_imbalance=0.5, max_pairs_per_problem=1)
    true = select_pairs(problems, answers, rules)
    control = select_pairs(problems, answers, replace(rules, verdicts="shuffled"))
    assert len(control.pairs) == len(true.pairs) == len(problems)
    assert {pair.chosen.verdict for pair in true.pairs} == {"passed"}
    chosen = Counter(pair.chosen.verdict for pair in control.pairs)
    assert chosen["failed"] > chosen["passed"] > 0
    again = select_pairs(problems, answers, replace(rules, verdicts="shuffled"))
    assert again == control


def test_shuffled_verdicts_are_of_all_answers_of_usable_form() -> None:
    """A cut answer may be a chosen side though it truly fails, and no cut one is rejected though
    it truly passes."""
    problems = [problem(number) for number in range(40)]
    answers = [
        replace(
            rollout(sample, f"    return x + {sample}\n", verdict, each.task_id),
            finish_reason=finish,
        )
        for each in problems
        for sample, (verdict, finish) in enumerate(
            [("passed", "length"), ("failed", "length"), ("failed", "stop"), ("failed", "stop")]
        )
    ]
    rules = Rules(max_length_imbalance=0.5, max_pairs_per_problem=1, verdicts="shuffled")
    pairs = select_pairs(problems, answers, rules).pairs
    assert len(pairs) == len(problems)
    chosen = Counter((pair.chosen.verdict, pair.chosen.truncated) for pair in pairs)
    assert set(chosen) == {("passed", True), ("failed", True), ("failed", False)}
    assert not any(pair.rejected.truncated for pair in pairs)


@pytest.mark.parametrize("passing", [0, 1])
def test_shuffled_verdicts_keep_the_first_of_equal_programs(passing: int) -> None:
    same = [
        rollout(
            sample, f"    return x + 1  # {sample}\n", "passed" if sample == passing else "failed"
        )
        for sample in range(2)
    ]
    other = rollout(2, "    return x - 1  # 2\n", "failed")
    rules = Rules(max_length_imbalance=0.5, verdicts="shuffled")
    assert {frozenset(each) for each in sides(select(*same, other, rules=rules))} == {
        frozenset({0, 2})
    }
