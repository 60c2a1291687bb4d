"""Each rule of the selection, alone and together."""

import json
import random
from dataclasses import replace
from itertools import pairwise

import pytest

from rlvf.sampling.v1 import sampling_pb2
from rlvf_common.problems import Problem
from rlvf_common.prompts import TEMPLATE, program
from rlvf_common.rollouts import Rollout
from rlvf_common.sampling import SamplingParameters
from rlvf_pair_generator.records import dump_pairs
from rlvf_pair_generator.selection import Rules, Selected, select_pairs


def problem(number: int = 0) -> Problem:
    prompt = f'def f{number}(x):\n    """Add things to x."""\n'
    return Problem(f"t/{number:03d}", prompt, f"f{number}", "", "", "unit", "train")


def rollout(sample: int, completion: str, verdict: str, **changes: str) -> Rollout:
    base = Rollout("t/000", sample, completion, "stop", 9, verdict, "", 1.0)
    return replace(base, **changes)  # type: ignore[arg-type]


RIGHT = rollout(0, "    return x + 1\n", "passed")
WRONG = rollout(1, "    return x - 1\n", "failed")


def select(*rollouts: Rollout, rules: Rules | None = None) -> Selected:
    return select_pairs([problem()], rollouts, rules or Rules())


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
    cut_off = {"finish_reason": "length"}
    assert select(RIGHT, replace(WRONG, **cut_off)).pairs == []
    assert sides(select(replace(RIGHT, **cut_off), WRONG)) == [(0, 1)]


def test_answers_that_differ_in_white_space_comments_and_docstrings_are_one() -> None:
    same = rollout(2, "    'text'\n    return x  -  1  # less\n", "failed")
    selected = select(RIGHT, WRONG, same)
    assert sides(selected) == [(0, 1)]
    assert left(selected, "distinct") == (3, 2)


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


def test_both_sides_have_the_same_indentation() -> None:
    prompt = "def f0(x):\n"
    other = replace(problem(), prompt=prompt)
    selected = select_pairs(
        [other], [RIGHT, replace(WRONG, completion="  return x - 1\n")], Rules()
    )
    assert selected.pairs == []
    assert left(selected, "same format") == (1, 0)


def test_sides_of_very_different_length_make_no_pair() -> None:
    long = rollout(1, "    y = x\n" * 10 + "    return y\n", "failed")
    assert select(RIGHT, long).pairs == []
    assert left(select(RIGHT, long), "length ratio") == (1, 0)
    assert sides(select(RIGHT, long, rules=Rules(max_length_ratio=20.0))) == [(0, 1)]


def test_sides_that_are_almost_equal_make_no_pair() -> None:
    body = "".join(f"    y{number} = x * {number} + 7\n" for number in range(12))
    right = rollout(0, body + "    return y1\n", "passed")
    wrong = rollout(1, body + "    return y2\n", "failed")
    selected = select(right, wrong)
    assert selected.pairs == []
    assert left(selected, "different enough") == (1, 0)


def test_a_problem_gives_at_most_k_pairs_and_uses_its_answers_evenly() -> None:
    right = [rollout(n, f"    return x + {n}\n", "passed") for n in range(3)]
    wrong = [rollout(n, f"    return x - {n}\n", "failed") for n in range(3, 6)]
    selected = select(*right, *wrong, rules=Rules(max_pairs_per_problem=3))
    chosen, rejected = zip(*sides(selected), strict=True)
    assert sorted(chosen) == [0, 1, 2]
    assert sorted(rejected) == [3, 4, 5]
    assert left(selected, "per problem") == (9, 3)


def test_wrong_results_are_preferred_to_crashes_and_crashes_to_loops() -> None:
    loop = rollout(1, "    while x: pass\n", "timeout")
    crash = rollout(2, "    return x + y\n", "error")
    wrong = rollout(3, "    return x * 3 + 1\n", "failed")
    selected = select(RIGHT, loop, crash, wrong)
    assert sides(selected) == [(0, 3), (0, 2), (0, 1)]


def test_matched_length_is_preferred_among_equals() -> None:
    near = rollout(2, "    return x - 2\n", "failed")
    far = rollout(1, "    return x - 2000000\n", "failed")
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
    assert selected.steps[-1].after == len(selected.pairs)


def test_records_hold_the_text_that_the_model_wrote_and_where_it_comes_from() -> None:
    selected = select(RIGHT, WRONG)
    data = dump_pairs(
        selected.pairs,
        model=sampling_pb2.Model(base="m"),
        sampling=SamplingParameters(8, 0.8, 1.0, 256, 7),
        samples_sha256="b" * 64,
    )
    record = json.loads(data)
    assert record["prompt"] + record["chosen"] == program(problem(), RIGHT.completion)
    assert record["prompt"] + record["rejected"] == program(problem(), WRONG.completion)
    assert record["chosen"].startswith("\n    return")
    assert (record["chosen_verdict"], record["rejected_verdict"]) == ("passed", "failed")
    assert (record["chosen_sample"], record["rejected_sample"]) == (0, 1)
    assert record["template_sha256"] == TEMPLATE.sha256
    assert record["samples_sha256"] == "b" * 64
    assert record["pass_rate"] == 0.5
    assert record["temperature"] == 0.8
