"""The result file."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from rlvf_common.statistics.distribution import DistributionRecord
from rlvf_common.statistics.results import (
    AnswerShares,
    EvaluationResult,
    ExecutorRecord,
    ModelRecord,
    PublishedRecord,
    ReportedRecord,
    SamplingRecord,
    TaskResult,
    TemplateRecord,
    dump_result,
    parse_result,
    read_result,
)

from .invented import calibration_of, result_of


def _full_result() -> EvaluationResult:
    return EvaluationResult(
        benchmark="humaneval",
        results=(
            TaskResult("HumanEval/0", 0, "passed", cpu_ms=1.25),
            TaskResult("HumanEval/1", 0, "error", "NameError: name 'x' is not defined", 0.5),
        ),
        calibration=calibration_of("a" * 64),
        model=ModelRecord("SmolLM2", "c" * 64),
        sampling=SamplingRecord(1, 0.0, 1.0, 512, 7, 1),
        prompt_template=TemplateRecord("completion-v1", "d" * 64, "as it is"),
        stop=("\ndef ",),
        limits={"cpu_seconds": 10.0},
        executor=ExecutorRecord("TIER_NAMESPACES", "3.11.7", "b" * 64),
        completions="e" * 64,
        answers=AnswerShares(50.0, 0.0, 25.0, 0.0),
        distribution=DistributionRecord(61.5, 20.0, 0.5, 1.0, {"HumanEval/1": 1}),
        versions={"python": "3.11.7"},
        published=PublishedRecord(0.317, "a paper"),
        reported=ReportedRecord("base", 2, 2, ("HumanEval/1",), ()),
    )


def test_result_file_is_read_as_it_was_written() -> None:
    result = _full_result()
    data = dump_result(result)
    assert parse_result(data, where="R.json") == result
    assert dump_result(parse_result(data, where="R.json")) == data


def test_a_result_of_an_older_evaluator_has_no_distribution() -> None:
    document = json.loads(dump_result(_full_result()))
    assert document["distribution"]["truncated"] == {"HumanEval/1": 1}
    del document["distribution"]
    assert parse_result(json.dumps(document).encode(), where="R.json") == replace(
        _full_result(), distribution=None
    )
    document["distribution"] = {"mean_tokens": 3.0}
    with pytest.raises(ValueError, match=r"R\.json: distribution\.\w+: field required"):
        parse_result(json.dumps(document).encode(), where="R.json")


def test_truncation_that_is_not_known_is_null_and_not_zero() -> None:
    result = replace(_full_result(), answers=AnswerShares(50.0, 0.0, None, 0.0))
    data = dump_result(result)
    assert json.loads(data)["answers"]["truncated"] is None
    assert parse_result(data, where="R.json") == result


def test_result_file_has_the_promised_fields() -> None:
    document = json.loads(dump_result(_full_result()))
    assert document["benchmark"] == "humaneval"
    assert document["calibration"]["sound"] is True
    assert document["pass_at_1"] == 0.5
    assert document["ci95"] == pytest.approx([0.0945, 0.9055], abs=1e-4)
    assert document["results"][0] == {
        "task_id": "HumanEval/0",
        "sample": 0,
        "verdict": "passed",
        "detail": "",
        "cpu_ms": 1.25,
    }
    assert {
        "model",
        "sampling",
        "versions",
        "prompt_template",
        "stop",
        "limits",
        "executor",
    } <= set(document)


def test_score_is_computed_from_the_verdicts_not_believed() -> None:
    document = json.loads(dump_result(_full_result()))
    document["pass_at_1"] = 0.99
    assert parse_result(json.dumps(document).encode(), where="R.json").pass_at_1 == 0.5


def test_pass_at_1_is_the_mean_over_tasks_not_over_samples() -> None:
    result = result_of({"a": [True], "b": [False, False, True, False]})
    assert result.rates() == {"a": Fraction(1), "b": Fraction(1, 4)}
    assert result.pass_at_1 == 0.625


_GOOD = {"task_id": "a", "sample": 0, "verdict": "passed"}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"{", "R.json: invalid JSON"),
        (b"\xff\xfe", "R.json: invalid JSON"),
        (b"[]", "R.json: input should be an object"),
        ({"results": [_GOOD]}, "R.json: benchmark: field required"),
        ({"benchmark": "h"}, "R.json: results: field required"),
        ({"benchmark": "h", "results": []}, "R.json: results: tuple should have at least 1 item"),
        ({"benchmark": "h", "results": {}}, "R.json: results: input should be a valid array"),
        (
            {"benchmark": "h", "results": [_GOOD, {**_GOOD, "sample": 1, "verdict": "ok"}]},
            "R.json: results[1].verdict: must be one of passed, failed, error, timeout, memory "
            "(got 'ok')",
        ),
        (
            {"benchmark": "h", "results": [{**_GOOD, "sample": -1}]},
            "R.json: results[0].sample: input should be greater than or equal to 0 (got -1)",
        ),
        (
            {"benchmark": "h", "results": [{**_GOOD, "sample": "0"}]},
            "R.json: results[0].sample: input should be a valid integer (got '0')",
        ),
        (
            {"benchmark": "h", "results": [_GOOD, _GOOD]},
            "R.json: results[1]: sample 0 of a appears twice",
        ),
    ],
)
def test_malformed_result_is_refused_in_one_line_that_names_the_place(
    data: bytes | dict[str, object], complaint: str
) -> None:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the message is compared below)
        parse_result(raw, where="R.json")
    assert str(caught.value).startswith(complaint)
    assert "\n" not in str(caught.value)


def test_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.json: No such file or directory"):
        read_result(tmp_path / "nowhere.json")


def test_published_score_is_set_against_the_interval_and_not_believed() -> None:
    """One of two passed: the interval is 9.5 to 90.5%."""
    inside = json.loads(dump_result(_full_result()))
    assert inside["published"] == {
        "pass_at_1": 0.317,
        "source": "a paper",
        "outside_interval": False,
    }
    outside = replace(_full_result(), published=PublishedRecord(0.92, "a paper"))
    assert json.loads(dump_result(outside))["published"]["outside_interval"] is True
    assert "published" not in json.loads(dump_result(replace(outside, published=None)))
    inside["published"]["outside_interval"] = True
    assert not parse_result(json.dumps(inside).encode(), where="R.json").outside_published


def test_pass_at_k_is_there_for_each_k_that_every_task_has_samples_for() -> None:
    ten = [True] + [False] * 9
    assert result_of({"a": [True], "b": [False]}).pass_at_k == {1: 0.5}
    several = result_of({"a": ten, "b": [False] * 12})
    assert several.pass_at_k == {
        1: pytest.approx(0.05),
        5: pytest.approx(0.25),
        10: pytest.approx(0.5),
    }
    assert json.loads(dump_result(several))["pass_at_k"] == pytest.approx(
        {"1": 0.05, "5": 0.25, "10": 0.5}
    )


def test_pass_at_k_is_there_for_each_k_that_was_asked_for() -> None:
    result = replace(result_of({"a": [True, False, False], "b": [False] * 4}), k=(2, 3))
    found = {2: pytest.approx(1 / 3), 3: pytest.approx(0.5)}
    assert result.pass_at_k == found
    assert parse_result(dump_result(result), where="R").pass_at_k == found


def test_a_k_that_a_task_has_too_few_samples_for_is_refused() -> None:
    data = json.loads(dump_result(result_of({"a": [True, True], "b": [True]})))
    with pytest.raises(ValueError, match=r"R: k: pass@2 needs as many samples .* one has 1"):
        parse_result(json.dumps({**data, "k": [1, 2]}).encode(), where="R")


@pytest.mark.parametrize(
    ("tasks", "counts", "sound"),
    [
        (100, {"stub_passed": 1}, True),
        (100, {"stub_passed": 2}, False),
        (199, {"stub_passed": 1}, True),
        (99, {"stub_passed": 1}, False),
        (100, {"empty_passed": 1}, False),
        (100, {"forged_passed": 1}, False),
        (100, {"reference_passed": 99}, False),
        (100, {"reference_passed": 99, "without_reference": 1}, True),
        (100, {"reference_passed": 0, "without_reference": 100}, True),
        (100, {"without_reference": 1}, False),
        (0, {}, False),
    ],
)
def test_the_counts_of_a_calibration_tell_whether_it_is_sound(
    tasks: int, counts: dict[str, Any], sound: bool
) -> None:
    right = replace(
        calibration_of("a" * 64),
        tasks=tasks,
        reference_passed=tasks,
        empty_passed=0,
        stub_passed=0,
        forged_passed=0,
    )
    assert replace(right, **counts).counts_are_sound is sound
