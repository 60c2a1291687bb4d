"""Findings on differences: the comparisons that no other rule covers.

The test of a comparison is that of `rlvf_common.statistics.comparison`. All comparisons on one
benchmark but the primary are one family, over which Holm's method adjusts p-values.
"""

from collections.abc import Collection, Iterator, Sequence

from rlvf_common.statistics.comparison import ALPHA
from rlvf_reporter import formatting as fmt
from rlvf_reporter.outcomes.wording import evidence, power
from rlvf_reporter.report import Finding, HeadToHead, Level, Outcome, Report, Rule, Weight

__all__ = ["difference_findings"]


def difference_findings(report: Report, told: Collection[HeadToHead]) -> Iterator[Finding]:
    """Findings on the comparisons that are not in `told`."""
    for benchmark in report.benchmarks:
        claims = [h for h in report.comparisons_on(benchmark) if h.outcome is not None]
        left = [h for h in claims if h not in told]
        different = [h for h in left if h.outcome is not Outcome.NOT_DISTINGUISHABLE]
        for comparison in different:
            yield Finding(
                Level.RESULT,
                _difference(report, comparison),
                Weight.DIFFERENCE,
                rule=Rule.DIFFERENCE,
            )
        rest = [h for h in left if h not in different]
        for primary in (h for h in rest if h.primary):
            yield _nothing(_no_difference(report, primary))
        rest = [h for h in rest if not h.primary]
        if len(rest) == 1:
            yield _nothing(_no_difference(report, rest[0]))
        elif rest:
            yield _nothing(_no_differences(report, rest, all_of_them=len(rest) == len(claims)))


def _nothing(text: str) -> Finding:
    return Finding(Level.RESULT, text, nothing_said=True, rule=Rule.DIFFERENCE)


def _difference(report: Report, h: HeadToHead) -> str:
    verb = "improves on" if h.outcome is Outcome.BETTER else "is worse than"
    return f"{h.treatment} {verb} {h.baseline} on {h.benchmark}: {evidence(report, h)}."


def _no_difference(report: Report, h: HeadToHead) -> str:
    text = (
        f"{h.treatment} is not distinguishable from {h.baseline} on {h.benchmark}: "
        f"{evidence(report, h)}.{power((h,))}"
    )
    return text + _alone((h,), report.family_size(h.benchmark))


def _no_differences(report: Report, rest: Sequence[HeadToHead], *, all_of_them: bool) -> str:
    benchmark = rest[0].benchmark
    family_size = report.family_size(benchmark)
    least = min(rest, key=lambda h: (h.p_value_adjusted or 0.0, h.found.p_value))
    tasks = fmt.plural(rest[0].found.tasks, "task")
    baselines = dict.fromkeys(h.baseline for h in rest)
    of_bases = not any(report.runs(name, benchmark)[0].training for name in baselines)
    if not all_of_them or not of_bases:
        names = ", ".join(f"{h.treatment} against {h.baseline}" for h in rest)
        start = f"On {benchmark} no difference is distinguishable from chance in {names}"
    elif len(baselines) == 1:
        start = f"No adapter differs from {rest[0].baseline} on {benchmark}"
    else:
        start = f"No adapter differs from its base on {benchmark}"
    text = (
        f"{start}: the smallest adjusted p is {fmt.p_value(least.p_value_adjusted or 0.0)} "
        f"({least.treatment}, {fmt.points(least.found.delta)}, 95% interval "
        f"{fmt.points_interval(least.found.ci95)}; adjusted over {family_size} comparisons of "
        f"{tasks})."
    )
    return text + power(rest) + _alone(rest, family_size)


def _alone(comparisons: Sequence[HeadToHead], family_size: int) -> str:
    """Name the comparisons that are differences only without the correction for the others."""
    lucky = [
        h
        for h in comparisons
        if h.outcome is Outcome.NOT_DISTINGUISHABLE and h.found.p_value < ALPHA
    ]
    if not lucky:
        return ""
    named = " and ".join(
        f"{h.treatment} against {h.baseline} (p = {fmt.p_value(h.found.p_value)})" for h in lucky
    )
    return (
        f" Taken alone, {named} would count as a difference; "
        f"among {family_size} comparisons chance can explain it."
    )
