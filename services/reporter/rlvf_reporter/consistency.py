"""Checks that a request agrees with its artifacts.

Scores and comparisons are computed from the results. This module checks what a caller states in
addition: names, models, adapters, and summaries of trainings.
"""

import math
from collections.abc import Sequence
from statistics import fmean

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.rpc.validation import require
from rlvf_common.statistics.comparison import require_same_tasks
from rlvf_common.statistics.results import CalibrationRecord, EvaluationResult
from rlvf_reporter import formatting as fmt
from rlvf_reporter.evidence import Evidence, kind_of
from rlvf_reporter.report import Step

_TOLERANCE = 1e-9
_TRUE = pair_generator_pb2.VERDICTS_TRUE


def check_consistency(request: reporter_pb2.RenderReportRequest, evidence: Evidence) -> None:
    """Raise InvalidArgument for the first field that its artifacts contradict."""
    adapters = {training.name: training.run.adapter.sha256 for training in request.training}
    for index, (condition, result) in enumerate(
        zip(request.conditions, evidence.results, strict=True)
    ):
        field = f"conditions[{index}]"
        _check_calibration(result.calibration, f"{field}.result")
        _check_model(condition, result, adapters, field)
        require(
            not condition.HasField("completions")
            or condition.completions.sha256 == result.completions,
            f"{field}.completions",
            "are not those that the result names",
        )
        if (greedy := evidence.greedy[index]) is not None:
            _check_calibration(greedy.calibration, f"{field}.greedy")
            _check_greedy(greedy, result, f"{field}.greedy")
    compared = _check_names(request.conditions, evidence.results)
    sizes = _sizes(request, evidence.results)
    for index, comparison in enumerate(request.head_to_head):
        for side, name in (
            ("baseline", comparison.baseline),
            ("treatment", comparison.treatment),
        ):
            _check_known(compared, comparison.benchmark, name, f"head_to_head[{index}].{side}")
    _check_declared(request, evidence.results)
    for index, trend in enumerate(request.trends):
        for number, rung in enumerate(trend.rungs):
            field = f"trends[{index}].rungs[{number}]"
            _check_known(compared, trend.benchmark, rung.condition, f"{field}.condition")
            size = sizes[trend.benchmark, rung.condition]
            require(
                math.isclose(rung.size, size, rel_tol=_TOLERANCE),
                f"{field}.size",
                f"is {fmt.count(rung.size)}, but `{rung.condition}` was trained on "
                f"{fmt.plural(size, 'record')}",
            )
    for index, (training, curve) in enumerate(zip(request.training, evidence.curves, strict=True)):
        _check_training(training.run.summary, curve, f"training[{index}].run.summary")


def _check_calibration(calibration: CalibrationRecord | None, field: str) -> None:
    """Refuse unsound calibrations, by the counts and not only by the flag `sound`."""
    if calibration is None:
        raise InvalidArgument(
            field, "has no calibration: scores of an unverified grader are not reported"
        )
    require(
        calibration.sound and calibration.counts_are_sound,
        field,
        f"has an unsound calibration: {calibration.reference_passed} of "
        f"{calibration.tasks - calibration.without_reference} reference solutions, "
        f"{calibration.empty_passed} empty answers, {calibration.stub_passed} stubs and "
        f"{calibration.forged_passed} forged answers passed"
        f"{'; ' + calibration.detail if calibration.detail else ''}; its scores are not reported",
    )


def _check_model(
    condition: reporter_pb2.Condition,
    result: EvaluationResult,
    adapters: dict[str, str],
    field: str,
) -> None:
    """Check that the result has the condition's model and adapter; a result of given completions
    states neither."""
    if result.model is None:
        return
    require(
        condition.model == result.model.base,
        f"{field}.model",
        f"is `{condition.model}`, but the result is of `{result.model.base}`",
    )
    trained = adapters.get(condition.training, "")
    evaluated = result.model.adapter_sha256
    require(
        trained == evaluated,
        f"{field}.training",
        f"made {_adapter(trained)}, but the result is of {_adapter(evaluated)}"
        if condition.training
        else f"is required: the result is of {_adapter(evaluated)}",
    )


def _check_greedy(greedy: EvaluationResult, result: EvaluationResult, field: str) -> None:
    """Check that it differs from the condition's result only in how answers were drawn."""
    require(
        greedy.model == result.model,
        field,
        "is of another model, adapter or weights than the condition's result",
    )
    try:
        require_same_tasks([("the condition's result", result), ("it", greedy)])
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None
    require(
        greedy.sampling is None or greedy.sampling.temperature == 0,
        field,
        "is not of greedy decoding: its answers were drawn at a temperature above 0",
    )


def _adapter(sha256: str) -> str:
    return f"the adapter {sha256}" if sha256 else "the base model"


def _check_names(
    conditions: Sequence[reporter_pb2.Condition], results: Sequence[EvaluationResult]
) -> set[tuple[str, str]]:
    """Check that names are unambiguous; return what can be compared: benchmarks and names."""
    evaluated: set[tuple[str, str]] = set()
    compared: set[tuple[str, str]] = set()
    versions: dict[str, str] = {}
    identities: dict[str, tuple[str, str, str]] = {}
    for index, (condition, result) in enumerate(zip(conditions, results, strict=True)):
        field, name, benchmark = f"conditions[{index}]", condition.name, result.benchmark
        require(
            (benchmark, name) not in evaluated,
            f"{field}.name",
            f"`{name}` occurs twice on {benchmark}; names are unique for a benchmark",
        )
        evaluated.add((benchmark, name))
        assert result.calibration is not None
        version = result.calibration.benchmark_sha256
        require(
            versions.setdefault(benchmark, version) == version,
            f"{field}.result",
            f"has another version of {benchmark} than the other conditions: not the same tasks",
        )
        run_of = condition.run_of or name
        compared.add((benchmark, run_of))
        identity = (condition.model, condition.training, run_of)
        require(
            identities.setdefault(name, identity) == identity,
            field,
            f"`{name}` has another model, training or `run_of` on another benchmark",
        )
    for benchmark, name in sorted(compared & evaluated):
        require(
            identities[name][2] == name,
            "conditions",
            f"`{name}` is both the name of one run on {benchmark} and the `run_of` of others",
        )
    return compared


def _check_known(compared: set[tuple[str, str]], benchmark: str, name: str, field: str) -> None:
    require(
        (benchmark, name) in compared, field, f"no condition `{name}` on benchmark `{benchmark}`"
    )


def _sizes(
    request: reporter_pb2.RenderReportRequest, results: Sequence[EvaluationResult]
) -> dict[tuple[str, str], float]:
    """Mean numbers of records of the runs of what can be compared; 0 for a base model."""
    records = {training.name: training.run.summary.pairs for training in request.training}
    found: dict[tuple[str, str], list[int]] = {}
    for condition, result in zip(request.conditions, results, strict=True):
        place = (result.benchmark, condition.run_of or condition.name)
        found.setdefault(place, []).append(records.get(condition.training, 0))
    return {place: fmean(sizes) for place, sizes in found.items()}


def _check_declared(
    request: reporter_pb2.RenderReportRequest, results: Sequence[EvaluationResult]
) -> None:
    """Check that the primary outcome is a claim, and that controls are trainings without
    verification."""
    models: dict[tuple[str, str], str] = {}
    trained: dict[tuple[str, str], set[str]] = {}
    for condition, result in zip(request.conditions, results, strict=True):
        place = (result.benchmark, condition.run_of or condition.name)
        models[place] = condition.model
        trained.setdefault(place, set()).add(condition.training)
    if request.HasField("primary"):
        primary = request.primary
        places = [(primary.benchmark, name) for name in (primary.baseline, primary.treatment)]
        require(
            any(trained[place] != {""} for place in places)
            or models[places[0]] != models[places[1]],
            "primary",
            "compares a base model with itself, which shows the noise floor and is no outcome",
        )
    verified = {
        name for data in request.data if _has_true_verdicts(data) for name in data.trainings
    }
    for index, control in enumerate(request.controls):
        for side, name in (("baseline", control.baseline), ("treatment", control.treatment)):
            require(
                "" not in trained[control.benchmark, name],
                f"controls[{index}].{side}",
                f"`{name}` is a base model; a control is the same training without verification",
            )
        without = trained[control.benchmark, control.baseline]
        require(
            not without & verified,
            f"controls[{index}].baseline",
            f"`{control.baseline}` is no control: it was trained on records that were selected by "
            "true verdicts",
        )


def _has_true_verdicts(data: reporter_pb2.TrainingData) -> bool:
    """Whether the records are known to be selected by true verdicts. Earlier versions did not say
    so of pairs."""
    if data.HasField("pairs"):
        return data.pairs.verdicts == _TRUE
    return data.answers.verdicts in (pair_generator_pb2.VERDICTS_UNSPECIFIED, _TRUE)


def _check_training(
    summary: trainer_pb2.TrainingSummary, curve: Sequence[Step], field: str
) -> None:
    if summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_DIVERGED:
        # The step in which it diverged may or may not have metrics.
        return
    require(
        len(curve) == summary.steps,
        f"{field}.steps",
        f"is {summary.steps}, but the metrics have {len(curve)} steps",
    )
    losses = [step.loss for step in curve]
    for name, found in (
        ("first_loss", losses[0]),
        ("last_loss", losses[-1]),
        ("mean_loss", fmean(losses)),
        ("last_margin", curve[-1].margin if kind_of(summary.loss) == "pairs" else 0.0),
    ):
        said = getattr(summary, name)
        require(
            math.isclose(said, found, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
            or (math.isnan(said) and math.isnan(found)),
            f"{field}.{name}",
            f"is {said:g}, but the metrics give {found:g}",
        )
