"""Finds gains that come only from fewer truncated answers: they vanish on tasks without any
before."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean

from rlvf_common.statistics.comparison import Comparison, compare
from rlvf_common.statistics.results import EvaluationResult
from rlvf_reporter import formatting as fmt
from rlvf_reporter.comparisons import Runs
from rlvf_reporter.distribution.records import Ending
from rlvf_reporter.report import Finding, HeadToHead, Level, Outcome, Report, Weight

__all__ = ["ending_findings", "find_endings"]

_LEAST_TASKS = 20
"""Minimum number of tasks without truncated answers to compare on them."""


def find_endings(comparisons: Sequence[HeadToHead], runs: Runs) -> Iterator[Ending]:
    """Every gain of a training after which fewer answers are truncated than before."""
    for h in comparisons:
        before, after = (
            [run.result for run in runs[h.benchmark, name]] for name in (h.baseline, h.treatment)
        )
        trained = runs[h.benchmark, h.treatment][0].condition.training
        shares = _truncated(before), _truncated(after)
        if h.outcome is not Outcome.BETTER or not trained or None in shares:
            continue
        truncated_before, truncated_after = (share or 0.0 for share in shares)
        if truncated_after < truncated_before:
            yield Ending(
                benchmark=h.benchmark,
                baseline=h.baseline,
                treatment=h.treatment,
                gain=h.found.delta,
                truncated_before=truncated_before,
                truncated_after=truncated_after,
                ended_before=_where_all_ended(before, after),
            )


def _truncated(results: Sequence[EvaluationResult]) -> float | None:
    """Share of truncated answers, a mean over the runs; None where it is not known of a run."""
    shares = [
        result.answers.truncated
        for result in results
        if result.answers is not None and result.answers.truncated is not None
    ]
    return fmean(shares) / 100 if len(shares) == len(results) else None


def _where_all_ended(
    before: Sequence[EvaluationResult], after: Sequence[EvaluationResult]
) -> Comparison | None:
    """The comparison on the tasks of which no answer was truncated before; None if unknown or too
    few."""
    distributions = [result.distribution for result in before]
    truncated: set[str] = set()
    for distribution in distributions:
        if distribution is None:
            return None
        truncated.update(distribution.truncated)
    tasks = before[0].rates().keys() - truncated
    if len(tasks) < _LEAST_TASKS:
        return None
    (first, *more), (treatment, *others) = (
        [_only(result, tasks) for result in results] for results in (before, after)
    )
    return compare(first, treatment, more_baselines=more, more_treatments=others)


def _only(result: EvaluationResult, tasks: set[str]) -> EvaluationResult:
    return replace(result, results=tuple(one for one in result.results if one.task_id in tasks))


def ending_findings(report: Report) -> Iterator[Finding]:
    """Warnings about gains that come only from fewer truncated answers."""
    for ending in report.endings:
        if not ending.explains_gain:
            continue
        h = next(
            h
            for h in report.comparisons_on(ending.benchmark)
            if (h.baseline, h.treatment) == (ending.baseline, ending.treatment)
        )
        yield Finding(
            Level.WARNING,
            f"The gain of {h.treatment} over {h.baseline} on {h.benchmark} comes from answers "
            f"that end: {fmt.percent(ending.truncated_before)} were cut off at the token limit, "
            f"and {fmt.percent(ending.truncated_after)} are now, with a gain of "
            f"{fmt.points(ending.gain)} (95% interval {fmt.points_interval(h.found.ci95)}; "
            f"{fmt.plural(h.found.tasks, 'task')}).{_left(ending)}",
            Weight.INVALID,
        )


def _left(ending: Ending) -> str:
    left = ending.ended_before
    if left is None:
        return ""
    return (
        f" On the {fmt.plural(left.tasks, 'task')} whose answers had all ended before, the "
        f"difference is {fmt.points(left.delta)} (95% interval {fmt.points_interval(left.ci95)}; "
        f"p = {fmt.p_value(left.p_value)})."
    )
