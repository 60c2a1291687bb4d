"""Checks of the request alone; `consistency` compares it with the artifacts."""

import math

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.rpc.validation import require, require_artifact


def validate(request: reporter_pb2.RenderReportRequest) -> None:
    """Raise InvalidArgument for the first field that is wrong."""
    require(bool(request.experiment.strip()), "experiment", "is required")
    require(len(request.conditions) > 0, "conditions", "at least one is required")
    trained: set[str] = set()
    for index, training in enumerate(request.training):
        field = f"training[{index}]"
        _training(training, field)
        require(training.name not in trained, f"{field}.name", f"`{training.name}` occurs twice")
        trained.add(training.name)
    for index, condition in enumerate(request.conditions):
        _condition(condition, f"conditions[{index}]", trained)
    seen: set[tuple[str, str, str]] = set()
    for index, comparison in enumerate(request.head_to_head):
        field = f"head_to_head[{index}]"
        _head_to_head(comparison, field)
        triple = (comparison.benchmark, comparison.baseline, comparison.treatment)
        require(triple not in seen, field, "occurs twice")
        seen.add(triple)
    for index, trend in enumerate(request.trends):
        _trend(trend, f"trends[{index}]")
    if request.HasField("pairs"):
        _pairs(request.pairs)


def _condition(condition: reporter_pb2.Condition, field: str, trained: set[str]) -> None:
    require(bool(condition.name.strip()), f"{field}.name", "is required")
    require(bool(condition.model.strip()), f"{field}.model", "is required")
    require(
        not condition.training or condition.training in trained,
        f"{field}.training",
        f"no training run is named `{condition.training}`",
    )
    require(condition.HasField("result"), f"{field}.result", "is required")
    require_artifact(condition.result, f"{field}.result")


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


def _head_to_head(comparison: reporter_pb2.HeadToHead, field: str) -> None:
    require(bool(comparison.benchmark), f"{field}.benchmark", "is required")
    require(bool(comparison.baseline), f"{field}.baseline", "is required")
    require(bool(comparison.treatment), f"{field}.treatment", "is required")
    require(
        comparison.baseline != comparison.treatment,
        f"{field}.treatment",
        "is the baseline itself; a model evaluated twice needs two names",
    )


def _trend(trend: reporter_pb2.Trend, field: str) -> None:
    require(bool(trend.benchmark), f"{field}.benchmark", "is required")
    for index, rung in enumerate(trend.rungs):
        require(bool(rung.condition), f"{field}.rungs[{index}].condition", "is required")


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
