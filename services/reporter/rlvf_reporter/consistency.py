"""Whether the numbers of a request follow from the artifacts that it names.

A report repeats summaries that others computed. It is refused where they contradict the verdicts,
or the metrics of a training.
"""

import math
from collections.abc import Sequence
from statistics import fmean

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.rpc.errors import InvalidArgument
from rlvf_common.rpc.validation import require
from rlvf_common.statistics.comparison import compare
from rlvf_common.statistics.intervals import Interval
from rlvf_common.statistics.results import EvaluationResult
from rlvf_common.statistics.trend import Rung, find_trend
from rlvf_reporter.evidence import Evidence
from rlvf_reporter.report import Step

_TOLERANCE = 1e-9


def check_consistency(request: reporter_pb2.RenderReportRequest, evidence: Evidence) -> None:
    """Raise InvalidArgument for the first number that does not follow from the artifacts."""
    runs: dict[tuple[str, str], list[EvaluationResult]] = {}
    for index, (condition, result) in enumerate(
        zip(request.conditions, evidence.results, strict=True)
    ):
        summary = condition.evaluation.summary
        _check_summary(summary, result, f"conditions[{index}].evaluation.summary")
        runs.setdefault((summary.benchmark, condition.run_of or condition.name), []).append(result)
    for index, message in enumerate(request.head_to_head):
        _check_comparison(
            message.comparison,
            runs[message.benchmark, message.baseline],
            runs[message.benchmark, message.treatment],
            f"head_to_head[{index}].comparison",
        )
    for index, trend in enumerate(request.trends):
        rungs = [
            Rung(rung.size, tuple(runs[trend.benchmark, rung.condition])) for rung in trend.rungs
        ]
        _check_trend(trend.trend, rungs, f"trends[{index}].trend")
    for index, (training, curve) in enumerate(zip(request.training, evidence.curves, strict=True)):
        _check_training(training.run.summary, curve, f"training[{index}].run.summary")


def _check_summary(
    summary: evaluator_pb2.ScoreSummary, result: EvaluationResult, field: str
) -> None:
    _same_text(summary.benchmark, result.benchmark, f"{field}.benchmark")
    _same(summary.tasks, len(result.rates()), f"{field}.tasks")
    _same(summary.samples, len(result.results), f"{field}.samples")
    _same(summary.passed, result.passed, f"{field}.passed")
    _same(summary.pass_at_1, result.pass_at_1, f"{field}.pass_at_1")
    _same_interval(summary.ci95, result.ci95, f"{field}.ci95")
    calibration = result.calibration.message() if result.calibration else None
    require(
        summary.calibration == calibration,
        f"{field}.calibration",
        "is not the one that the result holds",
    )
    if summary.HasField("published"):
        require(
            result.published is not None
            and summary.published.pass_at_1 == result.published.pass_at_1
            and summary.published.outside_interval == result.outside_published,
            f"{field}.published",
            "is not what the result gives",
        )


def _check_comparison(
    message: evaluator_pb2.Comparison,
    baselines: Sequence[EvaluationResult],
    treatments: Sequence[EvaluationResult],
    field: str,
) -> None:
    try:
        found = compare(
            baselines[0],
            treatments[0],
            more_baselines=baselines[1:],
            more_treatments=treatments[1:],
        )
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None
    _same(message.delta, found.delta, f"{field}.delta")
    _same(message.p_value, found.p_value, f"{field}.p_value")
    _same_interval(message.ci95, found.ci95, f"{field}.ci95")
    _same_list(message.run_deltas, found.run_deltas, f"{field}.run_deltas")
    _same(message.both_pass, found.both_pass, f"{field}.both_pass")
    _same(message.both_fail, found.both_fail, f"{field}.both_fail")
    for name, listed, flipped in (
        ("improved", message.improved, found.improved),
        ("regressed", message.regressed, found.regressed),
    ):
        wrong = sorted(set(listed) ^ set(flipped))
        require(
            not wrong and len(listed) == len(flipped),
            f"{field}.{name}",
            f"contradicts the verdicts: {len(listed)} tasks instead of {len(flipped)}"
            f"{', wrong about ' + wrong[0] if wrong else ''}",
        )


def _check_trend(
    message: evaluator_pb2.TestTrendResponse, rungs: Sequence[Rung], field: str
) -> None:
    try:
        found = find_trend(rungs)
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None
    _same(message.slope, found.slope, f"{field}.slope")
    _same_interval(message.ci95, found.ci95, f"{field}.ci95")
    _same(message.p_value, found.p_value, f"{field}.p_value")
    _same_list(message.pass_at_1, found.pass_at_1, f"{field}.pass_at_1")


def _check_training(
    summary: trainer_pb2.TrainingSummary, curve: Sequence[Step], field: str
) -> None:
    if summary.stopped_because != trainer_pb2.STOPPED_BECAUSE_COMPLETED:
        # It may have metrics of the step that it broke in, or not.
        return
    require(
        len(curve) == summary.steps,
        f"{field}.steps",
        f"is {summary.steps}, but the metrics have {len(curve)} steps",
    )
    losses = [step.preference_loss for step in curve]
    for name, found in (
        ("first_loss", losses[0]),
        ("last_loss", losses[-1]),
        ("mean_loss", fmean(losses)),
        ("last_margin", curve[-1].margin),
    ):
        _same(getattr(summary, name), found, f"{field}.{name}", "metrics")


def _same_interval(said: evaluator_pb2.Interval, found: Interval, field: str) -> None:
    _same(said.low, found.low, f"{field}.low")
    _same(said.high, found.high, f"{field}.high")


def _same_list(said: Sequence[float], found: Sequence[float], field: str) -> None:
    require(
        len(said) == len(found), field, f"has {len(said)} values, but the runs give {len(found)}"
    )
    for index, (one, other) in enumerate(zip(said, found, strict=True)):
        _same(one, other, f"{field}[{index}]")


def _same(said: float, found: float, field: str, evidence: str = "verdicts") -> None:
    require(
        math.isclose(said, found, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
        or (math.isnan(said) and math.isnan(found)),
        field,
        f"is {said:g}, but the {evidence} give {found:g}",
    )


def _same_text(said: str, found: str, field: str) -> None:
    require(said == found, field, f"is `{said}`, but the result is of `{found}`")
