"""The result file, and the comparison of two."""

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

from rlvf_common.results import (
    AnswerShares,
    CalibrationRecord,
    EvaluationResult,
    ExecutorRecord,
    ModelRecord,
    SamplingRecord,
    TaskResult,
    TemplateRecord,
    compare,
    dump_result,
    parse_result,
    read_result,
)


def _result(flags: dict[str, list[bool]], benchmark: str = "humaneval") -> EvaluationResult:
    return EvaluationResult(
        benchmark,
        tuple(
            TaskResult(task, sample, "passed" if flag else "failed")
            for task, samples in flags.items()
            for sample, flag in enumerate(samples)
        ),
    )


def _calibration(benchmark_sha256: str) -> CalibrationRecord:
    return CalibrationRecord(2, 2, 0, 0, 0, True, "", benchmark_sha256, "b" * 64)


def _full_result() -> EvaluationResult:
    return EvaluationResult(
        benchmark="humaneval",
        results=(
            TaskResult("HumanEval/0", 0, "passed", cpu_ms=1.25),
            TaskResult("HumanEval/1", 0, "error", "NameError: name 'x' is not defined", 0.5),
        ),
        calibration=_calibration("a" * 64),
        model=ModelRecord("SmolLM2", "c" * 64),
        sampling=SamplingRecord(1, 0.0, 1.0, 512, 7, 1),
        prompt_template=TemplateRecord("completion-v1", "d" * 64, "as it is"),
        stop=("\ndef ",),
        limits={"cpu_seconds": 10.0},
        executor=ExecutorRecord("TIER_NAMESPACES", "3.11.7", "b" * 64),
        completions="e" * 64,
        answers=AnswerShares(50.0, 0.0, 25.0, 0.0),
        versions={"python": "3.11.7"},
    )


def test_result_file_is_read_as_it_was_written() -> None:
    result = _full_result()
    data = dump_result(result)
    assert parse_result(data, where="R.json") == result
    assert dump_result(parse_result(data, where="R.json")) == data


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
    result = _result({"a": [True], "b": [False, False, True, False]})
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


def test_comparison_counts_flips_and_says_what_they_show() -> None:
    before = _result({"a": [True], "b": [True], "c": [False], "d": [False]})
    after = _result({"d": [False], "c": [True], "b": [False], "a": [True]})
    found = compare(before, after, baseline_name="A", treatment_name="B")
    assert (found.improved, found.regressed, found.both_pass, found.both_fail) == (
        ["c"],
        ["b"],
        1,
        1,
    )
    assert (found.delta, found.p_value) == (0.0, 1.0)
    assert found.sentence == (
        "B and A have the same pass@1 on humaneval (95% CI −60.4 to +60.4 pp, exact McNemar "
        "p = 1, n = 4 tasks): not distinguishable."
    )


def test_difference_is_not_rounded_before_subtraction() -> None:
    """1/3 and 2/3 of three tasks differ by a third, not by 66.7 - 33.3 points."""
    before = _result({"a": [True], "b": [False], "c": [False]})
    after = _result({"a": [True], "b": [True], "c": [False]})
    assert compare(before, after).delta == float(Fraction(1, 3))


def test_several_samples_a_task_count_by_majority_and_test_by_rate() -> None:
    tasks = [f"t{k:02}" for k in range(12)]
    before = _result({task: [True, False, False, False] for task in tasks})
    after = _result({task: [True, True, True, False] for task in tasks})
    found = compare(before, after)
    assert found.improved == tasks
    assert found.delta == 0.5
    assert found.p_value == 2 / 2**12
    assert found.distinguishable
    assert "sign-flip" in found.sentence

    # Half of the samples is not more than half: no task flips, and yet the rates differ.
    half = compare(before, _result({task: [True, True, False, False] for task in tasks}))
    assert (half.improved, half.both_fail, half.delta) == ([], 12, 0.25)


def test_results_of_different_benchmarks_are_not_compared() -> None:
    with pytest.raises(ValueError, match=r"B\.json is of starter, A\.json of humaneval"):
        compare(
            _result({"a": [True]}),
            _result({"a": [True]}, "starter"),
            baseline_name="A.json",
            treatment_name="B.json",
        )


def test_results_of_different_tasks_are_not_compared() -> None:
    five = _result({task: [True] for task in "abcde"})
    with pytest.raises(
        ValueError, match=r"B\.json lacks 4 of the tasks of the other \(b, c, d, \.\.\.\)"
    ):
        compare(five, _result({"a": [True]}), treatment_name="B.json")
    with pytest.raises(ValueError, match=r"A\.json lacks 4 of the tasks"):
        compare(_result({"a": [True]}), five, baseline_name="A.json")


def test_results_of_different_versions_of_a_benchmark_are_not_compared() -> None:
    def of(digest: str) -> EvaluationResult:
        return EvaluationResult(
            "humaneval", (TaskResult("a", 0, "passed"),), calibration=_calibration(digest)
        )

    with pytest.raises(ValueError, match="different versions of humaneval"):
        compare(of("a" * 64), of("f" * 64))


def _reported_flags() -> Path:
    """The prior experiment's flags: beside the data sets, or in `shared` beside the checkout."""
    data = os.environ.get("RLVF_TEST_DATA")
    shared = Path(data).parent if data else Path(__file__).parents[4] / "shared"
    return shared / "prior-experiment" / "reported_flags.json"


@pytest.mark.parametrize(
    ("treatment", "baseline", "counts", "p_value"),
    [
        ("dpo-120-3b", "base-3b", (7, 4, 143, 10), "p = 0.55"),
        ("dpo-500-15b", "base-15b", (2, 5, 133, 24), "p = 0.45"),
        ("dpo-1k-15b", "base-15b", (2, 8, 130, 24), "p = 0.11"),
        ("dpo-2k-15b", "base-15b", (4, 14, 124, 22), "p = 0.031"),
        ("dpo-2k-3b", "base-3b-again", (4, 26, 123, 11), "p = 5.9e-5"),
    ],
)
def test_prior_experiments_head_to_heads_follow_from_its_flags(
    treatment: str, baseline: str, counts: tuple[int, int, int, int], p_value: str
) -> None:
    path = _reported_flags()
    if not path.exists():
        pytest.skip(f"the prior experiment's flags are not at {path}; set RLVF_TEST_DATA")
    flags = json.loads(path.read_text())

    def reported(condition: str) -> EvaluationResult:
        return _result({task: [flag] for task, flag in flags[condition].items()})

    found = compare(reported(baseline), reported(treatment))
    assert (
        len(found.improved),
        len(found.regressed),
        found.both_pass,
        found.both_fail,
    ) == counts
    assert found.improved == sorted(found.improved)
    assert p_value in found.sentence


def test_pass_at_k_is_there_for_each_k_that_every_task_has_samples_for() -> None:
    ten = [True] + [False] * 9
    assert _result({"a": [True], "b": [False]}).pass_at_k == {1: 0.5}
    several = _result({"a": ten, "b": [False] * 12})
    assert several.pass_at_k == {1: pytest.approx(0.05), 10: pytest.approx(0.5)}
    assert json.loads(dump_result(several))["pass_at_k"] == pytest.approx({"1": 0.05, "10": 0.5})
