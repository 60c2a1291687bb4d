"""Computes the comparisons and trends that a request declares from the verdicts in its results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.statistics.comparison import ALPHA, Comparison, compare, require_same_tasks
from rlvf_common.statistics.intervals import holm
from rlvf_common.statistics.results import EvaluationResult
from rlvf_common.statistics.runs import FEW_RUNS, pass_rate_of_runs
from rlvf_common.statistics.saturation import find_saturation
from rlvf_common.statistics.trend import Rung, Trend, find_trend
from rlvf_reporter.report import Condition, Contrast, HeadToHead, Ladder, Recipe, Role, Rule


@dataclass(frozen=True, slots=True)
class Run:
    """A condition with its verdicts."""

    condition: Condition
    result: EvaluationResult


FACTORS = {
    reporter_pb2.FACTOR_QUALITY: Rule.QUALITY,
    reporter_pb2.FACTOR_DIVERSITY: Rule.DIVERSITY,
    reporter_pb2.FACTOR_CURRICULUM: Rule.CURRICULUM,
    reporter_pb2.FACTOR_PRECISION: Rule.PRECISION,
    reporter_pb2.FACTOR_ROUNDS: Rule.ROUNDS,
}
"""The question that two arms which differ in a factor answer."""

Runs = Mapping[tuple[str, str], Sequence[Run]]
"""All runs that are compared under one name, by benchmark and that name."""


def compare_all(request: reporter_pb2.RenderReportRequest, runs: Runs) -> tuple[HeadToHead, ...]:
    """The comparisons of a request, with p-values adjusted over the family: all claims on one
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
    contrasts = {names_of(each.comparison): _contrast(each) for each in request.contrasts}
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
            contrast=contrasts.get(names_of(message)),
        )
        for index, message in enumerate(declared)
    )


Names = tuple[str, str, str]
"""Benchmark, baseline and treatment of a comparison."""


def names_of(message: reporter_pb2.HeadToHead) -> Names:
    """What identifies a comparison in a request."""
    return message.benchmark, message.baseline, message.treatment


def _contrast(message: reporter_pb2.Contrast) -> Contrast:
    return Contrast(FACTORS[message.factor], message.baseline_value, message.treatment_value)


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
    """The trends and saturations, with p-values adjusted over all trends and over all saturations.

    Raises:
        InvalidArgument: the rungs are invalid, see `find_trend`.
    """
    ladders = [_rungs(message, runs) for message in declared]
    trends = [_find_trend(rungs, f"trends[{index}].rungs") for index, rungs in enumerate(ladders)]
    saturations = [find_saturation([(one.size, one.runs) for one in rungs]) for rungs in ladders]
    of_trends = holm([trend.p_value for trend in trends])
    of_saturations = holm([saturation.p_value for saturation in saturations])
    return tuple(
        Ladder(
            benchmark=message.benchmark,
            conditions=tuple(rung.condition for rung in message.rungs),
            trend=trends[index],
            p_value_adjusted=of_trends[index],
            saturation=saturations[index],
            saturation_p_value_adjusted=of_saturations[index],
        )
        for index, message in enumerate(declared)
    )


def _rungs(message: reporter_pb2.Trend, runs: Runs) -> list[Rung]:
    return [
        Rung(rung.size, tuple(r.result for r in runs[message.benchmark, rung.condition]))
        for rung in message.rungs
    ]


def _find_trend(rungs: Sequence[Rung], field: str) -> Trend:
    try:
        return find_trend(rungs)
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None


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
