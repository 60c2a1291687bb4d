"""What a report says of code, packages and weights that differ between its conditions."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from rlvf_common.statistics.results import (
    EvaluationResult,
    ModelRecord,
    SamplingRecord,
    dump_result,
    parse_result,
)
from rlvf_reporter.report import Level, Report

ReportOf = Callable[[Any], Report]
Change = Callable[[str, EvaluationResult], EvaluationResult]


@pytest.fixture
def report_with(fixtures: ModuleType, report_of: ReportOf) -> Callable[[Change], Report]:
    """The report on a small experiment whose results are changed by name of the condition."""

    def report_with(change: Change) -> Report:
        experiment = fixtures.small(range(30), {20: range(32), 40: range(34)})
        for condition in experiment.request.conditions:
            ref = condition.result
            result = parse_result(experiment.read(ref), where="it")
            ref.CopyFrom(experiment.put(dump_result(change(condition.name, result))))
        return report_of(experiment)

    return report_with


def _adapter(name: str) -> str:
    """Digest of what the training of a condition made."""
    if name == "base":
        return ""
    return hashlib.sha256(f"adapter of {name}".encode()).hexdigest()


def about_versions(report: Report) -> list[str]:
    return [f.text for f in report.findings if "version of" in f.text]


def test_a_package_of_another_version_is_named_once_with_all_its_conditions(
    report_with: Callable[[Change], Report],
) -> None:
    def change(name: str, result: EvaluationResult) -> EvaluationResult:
        vllm = "0.33.0" if name == "dpo-40" else "0.32.0"
        return replace(result, versions={"inference vllm": vllm, "executor code": "a" * 64})

    report = report_with(change)
    assert about_versions(report) == [
        "Not all was made with the same version of inference vllm: 0.32.0 for base, dpo-20; 0.33.0 "
        "for dpo-40. This may cause differences between them."
    ]
    assert report.findings[0].level is Level.WARNING
    assert report.versions["executor code"] == "a" * 64
    assert report.versions["inference vllm"] == "0.32.0 (base, dpo-20); 0.33.0 (dpo-40)"


def test_other_commits_of_one_code_are_no_difference(
    report_with: Callable[[Change], Report],
) -> None:
    def change(name: str, result: EvaluationResult) -> EvaluationResult:
        return replace(
            result, versions={"executor code": "a" * 64, "executor revision": f"commit {name}"}
        )

    report = report_with(change)
    assert about_versions(report) == []
    assert "commit base (base)" in report.versions["executor revision"]


def test_what_one_condition_states_and_another_does_not_is_a_difference(
    report_with: Callable[[Change], Report],
) -> None:
    def change(name: str, result: EvaluationResult) -> EvaluationResult:
        torch = {} if name == "base" else {"inference torch": "2.8"}
        return replace(result, versions={"executor code": "a" * 64, **torch})

    (text,) = about_versions(report_with(change))
    assert "inference torch: not said for base; 2.8 for dpo-20, dpo-40" in text


def test_conditions_of_one_model_on_two_weights_are_told(
    report_with: Callable[[Change], Report],
) -> None:
    def change(name: str, result: EvaluationResult) -> EvaluationResult:
        weights = "1" * 64 if name == "base" else "2" * 64
        return replace(result, model=ModelRecord("model", _adapter(name), weights))

    report = report_with(change)
    (text,) = about_versions(report)
    assert "weights of" in text
    assert f"{'1' * 12} for base; {'2' * 12} for dpo-20, dpo-40" in text


def test_settings_in_which_conditions_differ_are_told(
    report_with: Callable[[Change], Report],
) -> None:
    def change(name: str, result: EvaluationResult) -> EvaluationResult:
        tokens = 64 if name == "dpo-40" else 512
        return replace(result, sampling=SamplingRecord(1, 0.0, 1.0, tokens, 0))

    report = report_with(change)
    (text,) = [f.text for f in report.findings if "max tokens" in f.text]
    assert text.startswith(
        "Not all on humaneval was made with the same max tokens: 512 for base, dpo-20"
    )
    assert [list(h.found.differences) for h in report.head_to_head] == [
        [],
        ["max tokens: 512 and 64"],
    ]


def test_runs_that_are_told_apart_by_their_seed_are_no_warning(
    report_with: Callable[[Change], Report],
) -> None:
    def change(name: str, result: EvaluationResult) -> EvaluationResult:
        return replace(result, sampling=SamplingRecord(1, 0.8, 1.0, 512, len(name)))

    report = report_with(change)
    assert [f.text for f in report.findings if "made with the same" in f.text] == []


def test_weights_that_no_server_states_are_a_note(report_with: Callable[[Change], Report]) -> None:
    report = report_with(
        lambda name, result: replace(result, model=ModelRecord("model", _adapter(name)))
    )
    assert about_versions(report) == []
    (note,) = [f.text for f in report.findings if "did not state which weights" in f.text]
    assert "base, dpo-20, dpo-40" in note


def test_trainings_with_other_packages_are_told(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.build()
    first, *others = experiment.request.training
    for run in experiment.request.training:
        run.run.versions["torch"] = "2.8"
    report = report_of(experiment)
    assert about_versions(report) == []
    assert report.versions["training torch"] == "2.8"
    first.run.versions["torch"] = "2.9"
    (text,) = about_versions(report_of(experiment))
    assert f"training torch: 2.9 for {first.name}; 2.8 for {others[0].name}" in text
