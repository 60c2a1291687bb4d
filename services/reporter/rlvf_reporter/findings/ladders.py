"""Findings on ladders: whether pass@1 rises or falls with the size of the training set, or levels
off."""

from collections.abc import Iterator

from rlvf_common.statistics.comparison import ALPHA
from rlvf_reporter import formatting as fmt
from rlvf_reporter.report import Finding, Ladder, Level, Report, Rule, Weight

__all__ = ["saturation_findings", "trend_findings"]


def trend_findings(report: Report) -> Iterator[Finding]:
    """Whether each ladder rises or falls.

    The test is that of `rlvf_common.statistics.trend`: the permutation test within tasks, or with
    several runs of a rung the t test over tasks and runs. All ladders of a report are one family.
    """
    for ladder in report.ladders:
        trend = ladder.trend
        direction = "rises" if trend.slope > 0 else "falls"
        slope = f"{direction} by {fmt.size(abs(trend.slope))} a rung" if trend.slope else "stays"
        p = f"{trend.test} {_p_words(report, trend.p_value, ladder.p_value_adjusted)}"
        is_sure = ladder.p_value_adjusted < ALPHA
        sure = "" if is_sure else ": not distinguishable from none"
        yield Finding(
            Level.RESULT,
            f"pass@1 on {ladder.benchmark} {slope} from {fmt.count(trend.sizes[0])} to "
            f"{fmt.plural(trend.sizes[-1], _record(report, ladder))} "
            f"({', '.join(ladder.conditions)}; "
            f"95% interval {fmt.points_interval(trend.ci95)} a rung; "
            f"{len(trend.sizes)} rungs of {fmt.plural(trend.tasks, 'task')}; {p}){sure}.",
            Weight.TREND,
            nothing_said=not is_sure,
            rule=Rule.TREND,
        )


def saturation_findings(report: Report) -> Iterator[Finding]:
    """Whether each ladder levels off: it rises at first, and then less than half as much per rung.

    The test is `rlvf_common.statistics.saturation`: two contrasts of rungs over tasks and runs,
    both of which must be told from chance. All ladders of a report are one family.
    """
    for ladder in report.ladders:
        found, adjusted = ladder.saturation, ladder.saturation_p_value_adjusted
        is_sure = adjusted < ALPHA
        turn = fmt.plural(found.turn, _record(report, ladder))
        start = (
            f"pass@1 on {ladder.benchmark} levels off above {turn}"
            if is_sure
            else f"Whether pass@1 on {ladder.benchmark} levels off cannot be said"
        )
        yield Finding(
            Level.RESULT,
            f"{start} ({', '.join(ladder.conditions)}): "
            f"up to {turn} it changes by {fmt.points(found.early)} a rung "
            f"(95% interval {fmt.points_interval(found.early_ci95)}), from there by "
            f"{fmt.points(found.late)} ({fmt.points_interval(found.late_ci95)}); "
            f"{fmt.plural(ladder.trend.tasks, 'task')}; that it rises, and then less than half as "
            f"much: t tests over tasks and runs {_p_words(report, found.p_value, adjusted)}.",
            Weight.TREND,
            nothing_said=not is_sure,
            rule=Rule.SATURATION,
        )


def _record(report: Report, ladder: Ladder) -> str:
    """The unit of the sizes: what all its runs were trained on, if that is one kind."""
    runs = (run for name in ladder.conditions for run in report.runs(name, ladder.benchmark))
    kinds = report.records_of(runs)
    return kinds[0] if len(kinds) == 1 else "record"


def _p_words(report: Report, p_value: float, adjusted: float) -> str:
    p = f"p = {fmt.p_value(p_value)}"
    if len(report.ladders) > 1:
        p += f", adjusted over {len(report.ladders)} ladders {fmt.p_value(adjusted)}"
    return p
