"""Checks a request by itself; `consistency` compares it with the artifacts."""

import math

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_reporter.comparisons import FACTORS, Names, names_of
from rlvf_reporter.costs.validation import check_costs
from rlvf_reporter.training_data.probes import STYLES
from rlvf_reporter.training_data.records import VERDICTS_OF_PAIRS


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
    seen: set[Names] = set()
    for index, comparison in enumerate(request.head_to_head):
        field = f"head_to_head[{index}]"
        _head_to_head(comparison, field)
        names = names_of(comparison)
        require(names not in seen, field, "occurs twice")
        seen.add(names)
    _declared(request, seen)
    for index, trend in enumerate(request.trends):
        _trend(trend, f"trends[{index}]")
    probed: set[str] = set()
    for index, probe in enumerate(request.probes):
        field = f"probes[{index}]"
        require(bool(probe.model.strip()), f"{field}.model", "is required")
        require(probe.model not in probed, f"{field}.model", f"`{probe.model}` occurs twice")
        require(probe.style in STYLES, f"{field}.style", "is required")
        require(bool(probe.probe.readings), f"{field}.probe", "has no readings")
        for reading in probe.probe.readings:
            require(reading.style in STYLES, f"{field}.probe.readings.style", "is not known")
        probed.add(probe.model)
    for name in sorted(request.problems):
        require_artifact(request.problems[name], f"problems[{name}]")
    sets: set[str] = set()
    for index, data in enumerate(request.data):
        field = f"data[{index}]"
        _data(data, field, trained)
        require(data.name not in sets, f"{field}.name", f"`{data.name}` occurs twice")
        sets.add(data.name)
    check_costs(request, trained)


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
    if condition.HasField("greedy"):
        require_artifact(condition.greedy, f"{field}.greedy")
    if condition.HasField("completions"):
        require_artifact(condition.completions, f"{field}.completions")


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
    stopped = run.summary.stopped_because
    require(
        stopped != trainer_pb2.STOPPED_BECAUSE_UNSPECIFIED
        and stopped in trainer_pb2.StoppedBecause.values(),
        f"{field}.run.summary.stopped_because",
        "must say why the run ended",
    )
    steps = [checkpoint.step for checkpoint in training.validation]
    require(
        sorted(set(steps)) == steps and all(step > 0 for step in steps),
        f"{field}.validation",
        "must have positive, ascending steps",
    )
    require(
        not steps or run.summary.steps in steps,
        f"{field}.validation",
        f"has no checkpoint after step {run.summary.steps}, where the run is",
    )
    for index, checkpoint in enumerate(training.validation):
        if checkpoint.HasField("rollouts"):
            require_artifact(checkpoint.rollouts, f"{field}.validation[{index}].rollouts")
        require(
            0 <= checkpoint.passed <= checkpoint.samples and checkpoint.samples > 0,
            f"{field}.validation[{index}]",
            "must have samples, of which at most all pass",
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


def _declared(request: reporter_pb2.RenderReportRequest, compared: set[Names]) -> None:
    """Check that the primary outcome, the controls and the contrasts are among the comparisons."""
    unknown = "is not one of head_to_head: every field must be the same"
    if request.HasField("primary"):
        require(names_of(request.primary) in compared, "primary", unknown)
    controls: set[Names] = set()
    for index, control in enumerate(request.controls):
        field, names = f"controls[{index}]", names_of(control)
        require(names in compared, field, unknown)
        require(names not in controls, field, "occurs twice")
        controls.add(names)
    contrasts: set[Names] = set()
    for index, contrast in enumerate(request.contrasts):
        field, names = f"contrasts[{index}]", names_of(contrast.comparison)
        require(names in compared, f"{field}.comparison", unknown)
        require(names not in contrasts, f"{field}.comparison", "occurs twice")
        require(contrast.factor in FACTORS, f"{field}.factor", "is required")
        require(bool(contrast.baseline_value), f"{field}.baseline_value", "is required")
        require(bool(contrast.treatment_value), f"{field}.treatment_value", "is required")
        require(
            contrast.baseline_value != contrast.treatment_value,
            f"{field}.treatment_value",
            "is the same as `baseline_value`, so that the arms do not differ",
        )
        contrasts.add(names)


def _trend(trend: reporter_pb2.Trend, field: str) -> None:
    require(bool(trend.benchmark), f"{field}.benchmark", "is required")
    for index, rung in enumerate(trend.rungs):
        require(bool(rung.condition), f"{field}.rungs[{index}].condition", "is required")


def _data(data: reporter_pb2.TrainingData, field: str, trained: set[str]) -> None:
    require(bool(data.name.strip()), f"{field}.name", "is required")
    for index, name in enumerate(data.trainings):
        require(
            name in trained, f"{field}.trainings[{index}]", f"no training run is named `{name}`"
        )
    match data.WhichOneof("selected"):
        case "pairs":
            _pairs(data.pairs, f"{field}.pairs")
        case "answers":
            _answers(data.answers, f"{field}.answers")
        case _:
            raise InvalidArgument(f"{field}.selected", "is required: `pairs` or `answers`")


def _pairs(pairs: pair_generator_pb2.SelectPairsResponse, field: str) -> None:
    require_artifact(pairs.pairs, f"{field}.pairs")
    _sampled(pairs, field)
    require(pairs.verdicts in VERDICTS_OF_PAIRS, f"{field}.verdicts", "is not known of pairs")
    readings = {
        f"{field}.audit_before": pairs.audit_before,
        f"{field}.audit_after": pairs.audit_after,
        **{f"{field}.ladder[{n}].audit": rung.audit for n, rung in enumerate(pairs.ladder)},
    }
    for place, reading in readings.items():
        for name in ("auc", "paired_auc", "low", "high", "p_value"):
            require(_is_share(getattr(reading, name)), f"{place}.{name}", "must lie in [0, 1]")


def _answers(answers: pair_generator_pb2.SelectAnswersResponse, field: str) -> None:
    require_artifact(answers.answers, f"{field}.answers")
    _sampled(answers, field)
    require(answers.count > 0, f"{field}.count", "must be positive")
    require(
        0 <= answers.passed <= answers.count,
        f"{field}.passed",
        f"must lie between 0 and {field}.count",
    )
    require(
        0 < answers.problems_answered <= min(answers.count, answers.problems),
        f"{field}.problems_answered",
        f"must be positive, and at most {field}.count and {field}.problems",
    )
    verdicts = answers.verdicts or pair_generator_pb2.VERDICTS_TRUE
    require(verdicts in pair_generator_pb2.Verdicts.values(), f"{field}.verdicts", "is not known")
    require(
        verdicts != pair_generator_pb2.VERDICTS_TRUE or answers.passed == answers.count,
        f"{field}.passed",
        f"must be {answers.count}, all of them: they were selected by true verdicts",
    )


def _sampled(
    selected: pair_generator_pb2.SelectPairsResponse | pair_generator_pb2.SelectAnswersResponse,
    field: str,
) -> None:
    require_artifact(selected.samples, f"{field}.samples")
    if selected.HasField("rollouts"):
        require_artifact(selected.rollouts, f"{field}.rollouts")
    require(
        0 <= selected.problems_with_both <= selected.problems,
        f"{field}.problems_with_both",
        f"must lie between 0 and {field}.problems",
    )
    for index, step in enumerate(selected.steps):
        place = f"{field}.steps[{index}]"
        require(bool(step.name), f"{place}.name", "is required")
        require(bool(step.unit), f"{place}.unit", "is required")
        require(step.before >= 0 and step.after >= 0, place, "counts must not be negative")


def _is_share(value: float) -> bool:
    return math.isfinite(value) and 0 <= value <= 1
