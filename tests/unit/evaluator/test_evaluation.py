"""What an evaluation records about its answers, and how repetitions differ."""

import json

import pytest

from rlvf_common.problems import Problem
from rlvf_common.rollouts import Rollout
from rlvf_common.tests import StandardStreams, StreamCase
from rlvf_evaluator.answers import answer_shares
from rlvf_evaluator.benchmarks import find_benchmark
from rlvf_evaluator.evaluation import dump_completions, repetition_seed

_PROBLEMS = find_benchmark("humaneval").problems


def _rollout(completion: str, finish_reason: str = "stop", task: int = 0) -> Rollout:
    return Rollout(f"HumanEval/{task}", 0, completion, finish_reason, 5, "failed", "", 0.0)


def test_answers_are_counted_by_what_is_wrong_with_them_in_percent() -> None:
    shares = answer_shares(
        _PROBLEMS,
        [
            _rollout("    return True\n"),
            _rollout(""),
            _rollout("    # to be done\n\n"),
            _rollout("    return (\n", "length"),
            _rollout("\n    del x\n\ndel has_close_elements\n"),
            _rollout("    return False\n", "length"),
            _rollout("    return 1\0\n"),
            _rollout("    return " + "(" * 5000 + "\n"),
        ],
    )
    assert shares.empty == 25.0
    assert shares.truncated == 25.0
    assert shares.unparseable == 37.5
    assert shares.missing_entry_point == 0.0


def test_program_without_the_entry_point_is_counted() -> None:
    problem = _PROBLEMS["HumanEval/0"]
    broken = {problem.task_id: problem.__class__(**{**_fields(problem), "entry_point": "other"})}
    shares = answer_shares(
        broken, [_rollout("    return 1\n"), _rollout("    pass\nother = len\n")]
    )
    assert shares.missing_entry_point == 50.0


def test_chat_answer_has_to_define_the_entry_point_itself() -> None:
    """The prompt's own function is in the program, and answers nothing."""
    name = _PROBLEMS["HumanEval/0"].entry_point
    answers = [_rollout(f"\n\ndef {name}(a, b): ...\n"), _rollout("\n\nx = 1\n"), _rollout("")]
    shares = answer_shares(_PROBLEMS, answers, "chat")
    assert (shares.empty, shares.missing_entry_point) == (
        pytest.approx(100 / 3),
        pytest.approx(200 / 3),
    )
    assert answer_shares(_PROBLEMS, answers).missing_entry_point == 0.0


def test_a_whole_program_misses_no_entry_point() -> None:
    task = Problem(
        "p/0", '"""Print."""\n', "", StandardStreams((StreamCase("", "1\n"),)), "print(1)"
    )
    rollout = Rollout("p/0", 0, "print(2)\n", "stop", 5, "failed", "", 0.0)
    assert answer_shares({"p/0": task}, [rollout]).missing_entry_point == 0.0


def _fields(problem):  # type: ignore[no-untyped-def]
    return {name: getattr(problem, name) for name in problem.__slots__}


def test_completions_are_written_in_human_evals_format() -> None:
    lines = dump_completions([_rollout("    return 'é'\n"), _rollout("", task=1)]).splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["task_id"] for record in records] == ["HumanEval/0", "HumanEval/1"]
    assert [record["completion"] for record in records] == ["    return 'é'\n", ""]


def test_repetitions_draw_with_seeds_of_their_own() -> None:
    """Otherwise a model evaluated twice would show no noise."""
    seeds = {repetition_seed(seed, repetition) for seed in (0, 1, 2) for repetition in (0, 1, 2)}
    assert len(seeds) == 9
    assert repetition_seed(7, 0) == 7
    assert all(0 <= seed < 2**63 for seed in seeds)
