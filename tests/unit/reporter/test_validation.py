"""What is refused, by the name of its field."""

import json
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf_common.rpc.errors import InvalidArgument
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]


def _twice(request: Any) -> None:
    request.conditions.append(request.conditions[1])


def _other_training(request: Any) -> None:
    request.training[0].name = "dpo-21"


def _unlike_pairs(request: Any) -> None:
    request.conditions[1].pairs = 21


def _unsound(**counts: int) -> Callable[[Any], None]:
    def change(request: Any) -> None:
        for name, value in counts.items():
            setattr(request.conditions[1].evaluation.summary.calibration, name, value)

    return change


def _set(path: str, value: object) -> Callable[[Any], None]:
    """Sets `conditions.1.name`; None clears the field."""

    def change(request: Any) -> None:
        *parents, last = path.split(".")
        message = request
        for part in parents:
            message = message[int(part)] if part.isdigit() else getattr(message, part)
        if value is None:
            message.ClearField(last)
        else:
            setattr(message, last, value)

    return change


_SUMMARY = "conditions.1.evaluation.summary"
_COMPARISON = "head_to_head.0.comparison"
CASES: list[tuple[Callable[[Any], None], str]] = [
    (_set("experiment", " "), "experiment"),
    (_set("conditions", None), "conditions"),
    (_set("conditions.1.name", ""), "conditions[1].name"),
    (_set("conditions.0.model", ""), "conditions[0].model"),
    (_set("conditions.1.pairs", -1), "conditions[1].pairs"),
    (_set("conditions.1.evaluation", None), "conditions[1].evaluation"),
    (_set("conditions.1.evaluation.result", None), "conditions[1].evaluation.result"),
    (
        _set("conditions.1.evaluation.result.sha256", "beef"),
        "conditions[1].evaluation.result.sha256",
    ),
    (_set(_SUMMARY, None), "conditions[1].evaluation.summary"),
    (_set(f"{_SUMMARY}.ci95", None), "conditions[1].evaluation.summary.ci95"),
    (_set(f"{_SUMMARY}.pass_at_1", math.nan), "conditions[1].evaluation.summary.pass_at_1"),
    (_set(f"{_SUMMARY}.calibration", None), "conditions[1].evaluation.summary.calibration"),
    (_unsound(sound=False), "conditions[1].evaluation.summary.calibration"),
    # What `sound` says does not help against the counts.
    (_unsound(empty_passed=1), "conditions[1].evaluation.summary.calibration"),
    (_unsound(forged_passed=1), "conditions[1].evaluation.summary.calibration"),
    (_unsound(stub_passed=2), "conditions[1].evaluation.summary.calibration"),
    (_unsound(reference_passed=99), "conditions[1].evaluation.summary.calibration"),
    (
        _set(f"{_SUMMARY}.calibration.benchmark_sha256", "other"),
        "conditions[1].evaluation.summary.calibration.benchmark_sha256",
    ),
    (_twice, "conditions[2].name"),
    (_other_training, "conditions[1].name"),
    (_unlike_pairs, "conditions[1].pairs"),
    (_set("training.0.run", None), "training[0].run"),
    (_set("training.0.run.metrics", None), "training[0].run.metrics"),
    (_set("training.0.run.summary.steps", 0), "training[0].run.summary.steps"),
    (_set("training.0.run.summary.stopped_because", 0), "training[0].run.summary.stopped_because"),
    (_set("head_to_head.0.baseline", "gone"), "head_to_head[0].baseline"),
    (_set("head_to_head.0.treatment", "base"), "head_to_head[0].treatment"),
    (_set("head_to_head.0.benchmark", "mbpp"), "head_to_head[0].baseline"),
    (_set(_COMPARISON, None), "head_to_head[0].comparison"),
    (_set(f"{_COMPARISON}.ci95", None), "head_to_head[0].comparison.ci95"),
    (_set(f"{_COMPARISON}.p_value", 1.5), "head_to_head[0].comparison.p_value"),
    # And what does not follow from the artifacts.
    (_set(f"{_SUMMARY}.passed", 32), "conditions[1].evaluation.summary.passed"),
    (_set(f"{_SUMMARY}.tasks", 99), "conditions[1].evaluation.summary.tasks"),
    (_set(f"{_SUMMARY}.pass_at_1", 0.9), "conditions[1].evaluation.summary.pass_at_1"),
    (_set(f"{_COMPARISON}.delta", 0.2), "head_to_head[0].comparison.delta"),
    (_set(f"{_COMPARISON}.p_value", 0.01), "head_to_head[0].comparison.p_value"),
    (_set(f"{_COMPARISON}.both_pass", 3), "head_to_head[0].comparison.both_pass"),
    (_set(f"{_COMPARISON}.improved", None), "head_to_head[0].comparison.improved"),
    (_set(f"{_COMPARISON}.ci95.low", 0.005), "head_to_head[0].comparison.ci95.low"),
    (_set(f"{_SUMMARY}.ci95.high", 0.32), "conditions[1].evaluation.summary.ci95.high"),
    (_set(f"{_SUMMARY}.published.pass_at_1", 0.9), "conditions[1].evaluation.summary.published"),
    (
        _unsound(tasks=1, reference_passed=1),
        "conditions[1].evaluation.summary.calibration",
    ),
    (_set("training.0.run.summary.steps", 13), "training[0].run.summary.steps"),
    (_set("training.0.run.summary.mean_loss", 0.1), "training[0].run.summary.mean_loss"),
    (_set("training.0.run.summary.last_margin", 9.0), "training[0].run.summary.last_margin"),
]


@pytest.mark.parametrize(
    ("change", "field"), CASES, ids=[f"{n}-{field}" for n, (_, field) in enumerate(CASES)]
)
def test_a_wrong_request_is_refused_by_the_name_of_its_field(
    fixtures: ModuleType, report_of: ReportOf, change: Callable[[Any], None], field: str
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    change(experiment.request)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == field
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "data", [b"", b"not JSON", b"[]", b'{"benchmark": "humaneval"}', b"\xff\xfe"]
)
def test_a_result_that_is_none_is_refused_by_name(
    fixtures: ModuleType, report_of: ReportOf, data: bytes
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    experiment.request.conditions[1].evaluation.result.CopyFrom(experiment.put(data))
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == "conditions[1].evaluation.result"


@pytest.mark.parametrize(
    "line", ["{", "[]", json.dumps({"step": 1}), json.dumps({"step": "one", "margin": 0})]
)
def test_metrics_that_are_none_are_refused_with_their_line(
    fixtures: ModuleType, report_of: ReportOf, line: str
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    run = experiment.request.training[0].run
    good = experiment.artifacts[run.metrics.sha256].decode().split("\n")[0]
    run.metrics.CopyFrom(experiment.put(f"{good}\n{line}\n".encode()))
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == "training[0].run.metrics: line 2"


def test_a_run_without_an_evaluation_is_reported_all_the_same(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    experiment.request.training.append(fixtures.training(experiment, "dpo-40", 40, 4, -1.0))
    report = report_of(experiment)
    assert [(run.name, run.model) for run in report.training] == [
        ("dpo-20", "model"),
        ("dpo-40", ""),
    ]


@pytest.mark.parametrize(
    ("reading", "name", "value"),
    [("audit_after", "auc", 1.5), ("audit_before", "p_value", float("nan"))],
)
def test_an_audit_that_is_no_share_is_refused(
    fixtures: ModuleType, report_of: ReportOf, reading: str, name: str, value: float
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    experiment.request.pairs.CopyFrom(fixtures.selection(experiment))
    setattr(getattr(experiment.request.pairs, reading), name, value)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == f"pairs.{reading}.{name}"
