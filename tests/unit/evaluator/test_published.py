"""Published scores beside measured ones."""

from dataclasses import replace

import pytest

from rlvf_common.statistics.results import (
    CalibrationRecord,
    EvaluationResult,
    ModelRecord,
    SamplingRecord,
    TaskResult,
)
from rlvf_evaluator.evaluation import summarize
from rlvf_evaluator.published import published_message, published_score, with_published_score

_GREEDY = SamplingRecord(1, 0.0, 1.0, 512, 0)


@pytest.mark.parametrize(
    ("model", "benchmark", "percent"),
    [
        ("bigcode/starcoder2-3b", "humaneval", 31.7),
        ("BigCode/StarCoder2-15B", "humanevalplus", 37.8),
        ("starcoder2-7b", "mbppplus", 45.6),
        ("Qwen/Qwen2.5-Coder-0.5B-Instruct", "humaneval", 61.6),
    ],
)
def test_a_known_model_has_its_published_score_and_source(
    model: str, benchmark: str, percent: float
) -> None:
    found = published_score(ModelRecord(model), benchmark, _GREEDY)
    assert found is not None
    assert found.pass_at_1 == pytest.approx(percent / 100)
    assert "EvalPlus" in found.source or "arXiv" in found.source


@pytest.mark.parametrize(
    ("model", "benchmark", "sampling"),
    [
        (ModelRecord("bigcode/starcoder2-3b", "a" * 64), "humaneval", _GREEDY),
        (ModelRecord("bigcode/starcoder2-3b"), "humaneval", replace(_GREEDY, temperature=0.2)),
        (ModelRecord("bigcode/starcoder2-3b"), "starter", _GREEDY),
        (ModelRecord("somebody/starcoder2-3b-tuned"), "humaneval", _GREEDY),
        (ModelRecord("somebody/starcoder2-3b"), "humaneval", _GREEDY),
    ],
)
def test_an_adapter_a_temperature_and_another_model_have_none(
    model: ModelRecord, benchmark: str, sampling: SamplingRecord
) -> None:
    assert published_score(model, benchmark, sampling) is None


def _result(passed: int) -> EvaluationResult:
    return EvaluationResult(
        "humaneval",
        tuple(
            TaskResult(f"HumanEval/{task}", 0, "passed" if task < passed else "failed")
            for task in range(164)
        ),
        model=ModelRecord("bigcode/starcoder2-3b"),
        sampling=_GREEDY,
    )


def test_the_prior_experiments_score_is_flagged_and_a_true_one_is_not() -> None:
    """147 of 164 were reported for StarCoder2-3B, whose published score is 31.7%; so was a true
    score of 3."""
    for passed, outside in ((147, True), (3, True), (52, False), (49, False)):
        message = published_message(with_published_score(_result(passed)))
        assert message is not None
        assert (message.pass_at_1, message.outside_interval) == (0.317, outside)


def test_the_summary_of_an_evaluation_carries_it() -> None:
    calibration = CalibrationRecord(164, 164, 0, 0, 0, True, "", "a" * 64, "b" * 64)
    summary = summarize(with_published_score(_result(147)), calibration)
    assert summary.published.outside_interval
    other = replace(_result(147), model=ModelRecord("mine"))
    assert not summarize(with_published_score(other), calibration).HasField("published")
