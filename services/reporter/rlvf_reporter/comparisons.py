"""Computes the comparisons and trends of a request from the verdicts in its results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.statistics.comparison import ALPHA, Comparison, compare, require_same_tasks
from rlvf_common.statistics.intervals import holm
from rlvf_common.statistics.results import EvaluationResult
from rlvf_common.statistics.runs import FEW_RUNS, pass_rate_of_runs
from rlvf_common.statistics.trend import Rung, Trend, find_trend
from rlvf_reporter.report import Condition, HeadToHead, Ladder, Recipe, Role


@dataclass(frozen=True, slots=True)
class Run:
    """A condition with its verdicts."""

    condition: Condition
    result: EvaluationResult


Runs = Mapping[tuple[str, str], Sequence[Run]]
"""All runs that are compared under one name, by benchmark and that name."""


def compare_all(request: reporter_pb2.RenderReportRequest, runs: Runs) -> tuple[HeadToHead, ...]:
    """The comparisons of a request, their p-values adjusted over the family: all the claims on one
    benchmark but the primary one.

    Raises:
        InvalidArgument: two conditions have different tasks, or one result occurs twice.
    """
    declared = request.head_to_head
    roles = [_role(message, request, runs) for message in declared]
    families: dict[str, list[int]] = {}
    for index, message in enumerate(declared):
        if roles[index] is Role.CLAIM:
            families.setdefault(message.benchmark, []).append(index)
    # The level of Holm's first step, for the smallest detectable difference.
    levels = {index: ALPHA / len(family) for family in families.values() for index in family}
    found = [
        _compare(message, f"head_to_head[{index}]", runs, levels.get(index, ALPHA))
        for index, message in enumerate(declared)
    ]
    adjusted: dict[int, float] = {}
    for family in families.values():
        p_values = holm([found[index].p_value for index in family])
        adjusted.update(zip(family, p_values, strict=True))
    return tuple(
        HeadToHead(
            benchmark=message.benchmark,
            baseline=message.baseline,
            treatment=message.treatment,
            role=roles[index],
            against_control=message in request.controls,
            found=found[index],
            runs=tuple(run.condition.name for run in runs[message.benchmark, message.treatment]),
            p_value_adjusted=adjusted.get(index),
        )
        for index, message in enumerate(declared)
    )


def _role(
    message: reporter_pb2.HeadToHead, request: reporter_pb2.RenderReportRequest, runs: Runs
) -> Role:
    if request.HasField("primary") and message == request.primary:
        return Role.PRIMARY
    return Role.NOISE_FLOOR if _is_noise_floor(message, runs) else Role.CLAIM


def _compare(message: reporter_pb2.HeadToHead, field: str, runs: Runs, alpha: float) -> Comparison:
    before = [run.result for run in runs[message.benchmark, message.baseline]]
    after = [run.result for run in runs[message.benchmark, message.treatment]]
    try:
        return compare(
            before[0],
            after[0],
            more_baselines=before[1:],
            more_treatments=after[1:],
            alpha=alpha,
            baseline_name=f"`{message.baseline}`",
            treatment_name=f"`{message.treatment}`",
        )
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None


def _is_noise_floor(message: reporter_pb2.HeadToHead, runs: Runs) -> bool:
    baseline = runs[message.benchmark, message.baseline][0].condition
    treatment = runs[message.benchmark, message.treatment][0].condition
    return baseline.pairs == treatment.pairs == 0 and baseline.model == treatment.model


def find_trends(declared: Sequence[reporter_pb2.Trend], runs: Runs) -> tuple[Ladder, ...]:
    """The trends, with p-values adjusted over all of them.

    Raises:
        InvalidArgument: the rungs are invalid, see `find_trend`.
    """
    trends = [
        _find_trend(message, f"trends[{index}]", runs) for index, message in enumerate(declared)
    ]
    adjusted = holm([trend.p_value for trend in trends])
    return tuple(
        Ladder(message.benchmark, trend, p_value)
        for message, trend, p_value in zip(declared, trends, adjusted, strict=True)
    )


def _find_trend(message: reporter_pb2.Trend, field: str, runs: Runs) -> Trend:
    try:
        return find_trend(
            [
                Rung(rung.size, tuple(r.result for r in runs[message.benchmark, rung.condition]))
                for rung in message.rungs
            ]
        )
    except ValueError as error:
        raise InvalidArgument(f"{field}.rungs", str(error)) from None


def recipes_of(runs: Runs) -> Iterator[Recipe]:
    """The combined results of each condition with several runs.

    Raises:
        InvalidArgument: they have different tasks.
    """
    for (benchmark, name), members in runs.items():
        if len(members) == 1:
            continue
        try:
            require_same_tasks([(f"`{run.condition.name}`", run.result) for run in members])
        except ValueError as error:
            raise InvalidArgument("conditions", str(error)) from None
        conditions = [run.condition for run in members]
        rates = [run.result.rates() for run in members]
        samples = sum(condition.samples for condition in conditions)
        ci95 = pass_rate_of_runs(
            [[float(one[task]) for task in rates[0]] for one in rates], samples
        )
        yield Recipe(
            name=name,
            benchmark=benchmark,
            pairs=conditions[0].pairs,
            runs=tuple(condition.name for condition in conditions),
            passed=sum(condition.passed for condition in conditions),
            samples=samples,
            pass_at_1=fmean(condition.pass_at_1 for condition in conditions),
            ci95=ci95,
            few=len(conditions) < FEW_RUNS,
        )
