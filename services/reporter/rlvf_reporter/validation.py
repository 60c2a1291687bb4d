"""What a caller may send, as far as the request alone tells; `consistency` needs the artifacts."""

import math

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_common.statistics.results import CalibrationRecord


def validate(request: reporter_pb2.RenderReportRequest) -> None:
    """Raise InvalidArgument, naming the field, for the first thing that cannot be reported."""
    require(bool(request.experiment.strip()), "experiment", "is required")
    require(len(request.conditions) > 0, "conditions", "at least one is required")
    trained: dict[str, int] = {}
    for index, training in enumerate(request.training):
        field = f"training[{index}]"
        _training(training, field)
        require(training.name not in trained, f"{field}.name", f"`{training.name}` is there twice")
        trained[training.name] = training.run.summary.pairs
    evaluated: dict[tuple[str, str], str] = {}
    compared: set[tuple[str, str]] = set()
    models: dict[str, tuple[str, int, str]] = {}
    for index, condition in enumerate(request.conditions):
        field = f"conditions[{index}]"
        _condition(condition, field, trained)
        benchmark = condition.evaluation.summary.benchmark
        key = (benchmark, condition.name)
        require(
            key not in evaluated,
            f"{field}.name",
            f"`{condition.name}` is there twice on {benchmark}; names are unique for a benchmark",
        )
        digest = condition.evaluation.summary.calibration.benchmark_sha256
        same = next((d for (b, _), d in evaluated.items() if b == benchmark), digest)
        require(
            digest == same,
            f"{field}.evaluation.summary.calibration.benchmark_sha256",
            f"differs from that of the other conditions on {benchmark}: not the same tasks",
        )
        evaluated[key] = digest
        run_of = condition.run_of or condition.name
        compared.add((benchmark, run_of))
        identity = (condition.model, condition.pairs, run_of)
        require(
            models.setdefault(condition.name, identity) == identity,
            field,
            f"`{condition.name}` has another model, number of pairs or `run_of` on another "
            "benchmark",
        )
    for benchmark, name in compared & evaluated.keys():
        require(
            models[name][2] == name,
            "conditions",
            f"`{name}` is the name of one run on {benchmark}, and of what others are runs of",
        )
    seen: set[tuple[str, str, str]] = set()
    for index, comparison in enumerate(request.head_to_head):
        field = f"head_to_head[{index}]"
        _head_to_head(comparison, field, compared)
        triple = (comparison.benchmark, comparison.baseline, comparison.treatment)
        require(triple not in seen, field, "is there twice")
        seen.add(triple)
    for index, trend in enumerate(request.trends):
        _trend(trend, f"trends[{index}]", compared)
    if request.HasField("pairs"):
        _pairs(request.pairs)


def _condition(condition: reporter_pb2.Condition, field: str, trained: dict[str, int]) -> None:
    require(bool(condition.name.strip()), f"{field}.name", "is required")
    require(bool(condition.model.strip()), f"{field}.model", "is required")
    require(condition.pairs >= 0, f"{field}.pairs", "must not be negative")
    require(condition.HasField("evaluation"), f"{field}.evaluation", "is required")
    if condition.pairs > 0:
        require(
            condition.name in trained,
            f"{field}.name",
            f"was trained on {condition.pairs} pairs, but no training run is named "
            f"`{condition.name}`",
        )
    require(
        condition.pairs == trained.get(condition.name, condition.pairs),
        f"{field}.pairs",
        f"is {condition.pairs}, but the training run `{condition.name}` had "
        f"{trained.get(condition.name)} pairs",
    )
    evaluation = condition.evaluation
    field = f"{field}.evaluation"
    require(evaluation.HasField("result"), f"{field}.result", "is required")
    require_artifact(evaluation.result, f"{field}.result")
    if evaluation.HasField("completions"):
        require_artifact(evaluation.completions, f"{field}.completions")
    require(evaluation.HasField("summary"), f"{field}.summary", "is required")
    summary = evaluation.summary
    field = f"{field}.summary"
    require(bool(summary.benchmark.strip()), f"{field}.benchmark", "is required")
    require(summary.tasks > 0, f"{field}.tasks", "must be positive")
    require(_is_share(summary.pass_at_1), f"{field}.pass_at_1", "must lie in [0, 1]")
    require(
        summary.HasField("ci95"), f"{field}.ci95", "is required: no number without its interval"
    )
    require(
        0 <= summary.ci95.low <= summary.ci95.high <= 1,
        f"{field}.ci95",
        "must be an interval within [0, 1]",
    )
    require(
        summary.HasField("calibration"),
        f"{field}.calibration",
        "is required: a score whose grader was not proven is not reported",
    )
    _calibration(summary.calibration, f"{field}.calibration")


def _calibration(calibration: evaluator_pb2.Calibration, field: str) -> None:
    """Refuse unsound calibrations, by the counts and not only by what `sound` says."""
    require(
        calibration.sound and CalibrationRecord.of(calibration).counts_are_sound,
        field,
        f"is unsound: {calibration.reference_passed} of {calibration.tasks} reference solutions, "
        f"{calibration.empty_passed} empty answers, {calibration.stub_passed} stubs and "
        f"{calibration.forged_passed} forged answers passed"
        f"{'; ' + calibration.detail if calibration.detail else ''}; its scores are not reported",
    )


def _training(training: reporter_pb2.Training, field: str) -> None:
    require(bool(training.name.strip()), f"{field}.name", "is required")
    require(training.HasField("run"), f"{field}.run", "is required")
    run = training.run
    require(run.HasField("metrics"), f"{field}.run.metrics", "is required")
    require_artifact(run.metrics, f"{field}.run.metrics")
    require(run.HasField("adapter"), f"{field}.run.adapter", "is required")
    require_artifact(run.adapter, f"{field}.run.adapter")
    require(run.HasField("summary"), f"{field}.run.summary", "is required")
    require(run.summary.pairs > 0, f"{field}.run.summary.pairs", "must be positive")
    require(run.summary.steps > 0, f"{field}.run.summary.steps", "must be positive")
    known = (trainer_pb2.STOPPED_BECAUSE_COMPLETED, trainer_pb2.STOPPED_BECAUSE_DIVERGED)
    require(
        run.summary.stopped_because in known,
        f"{field}.run.summary.stopped_because",
        "must be COMPLETED or DIVERGED",
    )


def _head_to_head(
    comparison: reporter_pb2.HeadToHead, field: str, compared: set[tuple[str, str]]
) -> None:
    require(bool(comparison.benchmark), f"{field}.benchmark", "is required")
    sides = (("baseline", comparison.baseline), ("treatment", comparison.treatment))
    for side, name in sides:
        require(bool(name), f"{field}.{side}", "is required")
        require(
            (comparison.benchmark, name) in compared,
            f"{field}.{side}",
            _no_condition(name, comparison.benchmark),
        )
    require(
        comparison.baseline != comparison.treatment,
        f"{field}.treatment",
        "is the baseline itself; a model evaluated twice needs two names",
    )
    require(comparison.HasField("comparison"), f"{field}.comparison", "is required")
    numbers = comparison.comparison
    field = f"{field}.comparison"
    require(abs(numbers.delta) <= 1, f"{field}.delta", "must lie in [-1, 1]")
    require(
        numbers.HasField("ci95"), f"{field}.ci95", "is required: no number without its interval"
    )
    require(
        -1 <= numbers.ci95.low <= numbers.ci95.high <= 1,
        f"{field}.ci95",
        "must be an interval within [-1, 1]",
    )
    require(_is_share(numbers.p_value), f"{field}.p_value", "must lie in [0, 1]")


def _trend(trend: reporter_pb2.Trend, field: str, compared: set[tuple[str, str]]) -> None:
    require(bool(trend.benchmark), f"{field}.benchmark", "is required")
    for index, rung in enumerate(trend.rungs):
        require(
            (trend.benchmark, rung.condition) in compared,
            f"{field}.rungs[{index}].condition",
            _no_condition(rung.condition, trend.benchmark),
        )
    require(trend.HasField("trend"), f"{field}.trend", "is required")
    require(
        trend.trend.HasField("ci95"), f"{field}.trend.ci95", "is required: no number without it"
    )
    require(_is_share(trend.trend.p_value), f"{field}.trend.p_value", "must lie in [0, 1]")


def _no_condition(name: str, benchmark: str) -> str:
    return f"no condition `{name}` on benchmark `{benchmark}`"


def _pairs(pairs: pair_generator_pb2.SelectPairsResponse) -> None:
    require_artifact(pairs.samples, "pairs.samples")
    require_artifact(pairs.pairs, "pairs.pairs")
    require(
        0 <= pairs.problems_with_both <= pairs.problems,
        "pairs.problems_with_both",
        "must lie between 0 and pairs.problems",
    )
    readings = {
        "pairs.audit_before": pairs.audit_before,
        "pairs.audit_after": pairs.audit_after,
        **{f"pairs.ladder[{n}].audit": rung.audit for n, rung in enumerate(pairs.ladder)},
    }
    for field, reading in readings.items():
        for name in ("auc", "paired_auc", "low", "high", "p_value"):
            require(_is_share(getattr(reading, name)), f"{field}.{name}", "must lie in [0, 1]")
    for index, step in enumerate(pairs.steps):
        field = f"pairs.steps[{index}]"
        require(bool(step.name), f"{field}.name", "is required")
        require(bool(step.unit), f"{field}.unit", "is required")
        require(step.before >= 0 and step.after >= 0, field, "counts must not be negative")


def _is_share(value: float) -> bool:
    return math.isfinite(value) and 0 <= value <= 1
