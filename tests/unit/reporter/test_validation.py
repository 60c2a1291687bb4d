"""What is refused, by the name of its field."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_common.statistics.results import (
    EvaluationResult,
    ModelRecord,
    dump_result,
    parse_result,
)
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]


def _twice(experiment: Any) -> None:
    experiment.request.conditions.append(experiment.request.conditions[1])


def _other_training(experiment: Any) -> None:
    experiment.request.training[0].name = "dpo-21"


def _another_model_elsewhere(experiment: Any) -> None:
    elsewhere = replace(_result_of(experiment, 0), benchmark="mbpp")
    ref = experiment.put(dump_result(elsewhere))
    experiment.request.conditions.add(name="base", model="another", result=ref)


def _calibration(**changes: Any) -> Callable[[Any], None]:
    """Changes the calibration of the second condition's result."""

    def change(experiment: Any) -> None:
        found = _result_of(experiment, 1)
        assert found.calibration is not None
        _put(experiment, 1, replace(found, calibration=replace(found.calibration, **changes)))

    return change


def _uncalibrated(experiment: Any) -> None:
    _put(experiment, 1, replace(_result_of(experiment, 1), calibration=None))


def _of_model(index: int, base: str, adapter_of: str) -> Callable[[Any], None]:
    """Lets a result state its model, and the adapter that the training of a name makes."""
    adapter = adapter_of and hashlib.sha256(f"adapter of {adapter_of}".encode()).hexdigest()

    def change(experiment: Any) -> None:
        result = replace(_result_of(experiment, index), model=ModelRecord(base, adapter))
        _put(experiment, index, result)

    return change


def _result_of(experiment: Any, index: int) -> EvaluationResult:
    ref = experiment.request.conditions[index].result
    return parse_result(experiment.read(ref), where="result")


def _put(experiment: Any, index: int, result: EvaluationResult) -> None:
    experiment.request.conditions[index].result.CopyFrom(experiment.put(dump_result(result)))


def _set(path: str, value: object) -> Callable[[Any], None]:
    """Sets `conditions.1.name`; None clears the field."""

    def change(experiment: Any) -> None:
        *parents, last = path.split(".")
        message = experiment.request
        for part in parents:
            message = message[int(part)] if part.isdigit() else getattr(message, part)
        if value is None:
            message.ClearField(last)
        else:
            setattr(message, last, value)

    return change


CASES: list[tuple[Callable[[Any], None], str]] = [
    (_set("experiment", " "), "experiment"),
    (_set("conditions", None), "conditions"),
    (_set("conditions.1.name", ""), "conditions[1].name"),
    (_set("conditions.0.model", ""), "conditions[0].model"),
    (_set("conditions.1.training", "dpo-21"), "conditions[1].training"),
    (_set("conditions.1.result", None), "conditions[1].result"),
    (_set("conditions.1.result.sha256", "beef"), "conditions[1].result.sha256"),
    (_uncalibrated, "conditions[1].result"),
    (_calibration(sound=False), "conditions[1].result"),
    # What `sound` says does not help against the counts.
    (_calibration(empty_passed=1), "conditions[1].result"),
    (_calibration(forged_passed=1), "conditions[1].result"),
    (_calibration(stub_passed=2), "conditions[1].result"),
    (_calibration(reference_passed=99), "conditions[1].result"),
    (_calibration(tasks=0, reference_passed=0), "conditions[1].result"),
    (_calibration(benchmark_sha256="other"), "conditions[1].result"),
    (_twice, "conditions[2].name"),
    (_other_training, "conditions[1].training"),
    (_another_model_elsewhere, "conditions[2]"),
    (_of_model(0, "another", ""), "conditions[0].model"),
    (_of_model(0, "model", "dpo-20"), "conditions[0].training"),
    (_of_model(1, "model", "dpo-21"), "conditions[1].training"),
    (_of_model(1, "model", ""), "conditions[1].training"),
    (_set("training.0.run", None), "training[0].run"),
    (_set("training.0.run.metrics", None), "training[0].run.metrics"),
    (_set("training.0.run.summary.steps", 0), "training[0].run.summary.steps"),
    (_set("training.0.run.summary.stopped_because", 0), "training[0].run.summary.stopped_because"),
    (_set("head_to_head.0.baseline", ""), "head_to_head[0].baseline"),
    (_set("head_to_head.0.baseline", "gone"), "head_to_head[0].baseline"),
    (_set("head_to_head.0.treatment", "base"), "head_to_head[0].treatment"),
    (_set("head_to_head.0.benchmark", "mbpp"), "head_to_head[0].baseline"),
    # And what does not follow from the metrics.
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
    change(experiment)
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
    experiment.request.conditions[1].result.CopyFrom(experiment.put(data))
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == "conditions[1].result"


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


def test_results_of_the_model_and_adapter_that_the_request_names_are_reported(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    _of_model(0, "model", "")(experiment)
    _of_model(1, "model", "dpo-20")(experiment)
    report = report_of(experiment)
    assert [(c.name, c.pairs) for c in report.conditions] == [("base", 0), ("dpo-20", 20)]


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
    pairs = fixtures.add_pairs(experiment)
    setattr(getattr(pairs, reading), name, value)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == f"data[0].pairs.{reading}.{name}"
