"""Writes the findings of a report by rules: the same numbers give the same sentences.

Every number in a sentence has its interval or its n. Warnings come first, then results, then notes.
"""

from collections.abc import Iterator, Sequence

from rlvf_common.statistics.comparison import ALPHA
from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import evaluation_warnings, training_notes, training_warnings
from rlvf_reporter.distribution.endings import ending_findings
from rlvf_reporter.makers import maker_findings
from rlvf_reporter.outcomes.primary import primary_sentence
from rlvf_reporter.outcomes.verification import told_together, verification_findings
from rlvf_reporter.outcomes.wording import evidence, power
from rlvf_reporter.report import Finding, HeadToHead, Level, Outcome, Report, Weight
from rlvf_reporter.training_data.findings import data_findings

_MIN_FLIPS = 6
"""Minimum number of flips in one direction for McNemar's exact test to reject: 2 * 0.5^6 =
0.031."""


def find(report: Report) -> tuple[Finding, ...]:
    """The findings of a report, warnings first."""
    findings = [
        *training_warnings(report),
        *evaluation_warnings(report),
        *ending_findings(report),
        *maker_findings(report),
        *_blind_benchmarks(report),
        *_published_scores(report),
        *_results(report),
        *_trends(report),
        *_noise_floors(report),
        *training_notes(report),
        *data_findings(report),
    ]
    order = list(Level)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.level)))


def headline(report: Report) -> str:
    """The one thing to take away: the outcome that was declared before the run, where one was."""
    claims = [h for h in report.head_to_head if h.outcome is not None and not h.primary]
    if report.primary is None:
        return _tally(claims, "comparison")
    opening = primary_sentence(report, report.primary)
    return f"{opening} {_tally(claims, 'further comparison')}" if claims else opening


def _tally(claims: Sequence[HeadToHead], what: str) -> str:
    if not claims:
        return "Nothing was compared, so nothing is claimed."
    better = sum(h.outcome is Outcome.BETTER for h in claims)
    worse = sum(h.outcome is Outcome.WORSE for h in claims)
    if not better and not worse:
        if len(claims) == 1:
            return f"The only {what} shows no difference distinguishable from chance."
        return f"None of {len(claims)} {what}s shows a difference distinguishable from chance."
    parts = [
        f"{amount} {word}"
        for amount, word in (
            (better, "better"),
            (worse, "worse"),
            (len(claims) - better - worse, "not distinguishable"),
        )
        if amount
    ]
    return f"Of {fmt.plural(len(claims), what)}: {', '.join(parts)}."


def _results(report: Report) -> Iterator[Finding]:
    for benchmark in report.benchmarks:
        yield from verification_findings(report, benchmark)
        told = told_together(report, benchmark)
        claims = [h for h in report.comparisons_on(benchmark) if h.outcome is not None]
        left = [h for h in claims if h not in told]
        different = [h for h in left if h.outcome is not Outcome.NOT_DISTINGUISHABLE]
        for comparison in different:
            yield Finding(Level.RESULT, _difference(report, comparison), Weight.DIFFERENCE)
        rest = [h for h in left if h not in different]
        for primary in (h for h in rest if h.primary):
            yield _nothing(_no_difference(report, primary))
        rest = [h for h in rest if not h.primary]
        if len(rest) == 1:
            yield _nothing(_no_difference(report, rest[0]))
        elif rest:
            yield _nothing(_no_differences(report, rest, all_of_them=len(rest) == len(claims)))


def _nothing(text: str) -> Finding:
    return Finding(Level.RESULT, text, nothing_said=True)


def _trends(report: Report) -> Iterator[Finding]:
    for ladder in report.ladders:
        trend = ladder.trend
        direction = "rises" if trend.slope > 0 else "falls"
        slope = f"{direction} by {fmt.size(abs(trend.slope))} a rung" if trend.slope else "stays"
        p = f"p = {fmt.p_value(trend.p_value)}"
        if len(report.ladders) > 1:
            adjusted = fmt.p_value(ladder.p_value_adjusted)
            p += f", adjusted over {len(report.ladders)} trends {adjusted}"
        is_sure = ladder.p_value_adjusted < ALPHA
        sure = "" if is_sure else ": not distinguishable from none"
        yield Finding(
            Level.RESULT,
            f"pass@1 on {ladder.benchmark} {slope} from {trend.sizes[0]:,g} to "
            f"{trend.sizes[-1]:,g} pairs (95% interval {fmt.points_interval(trend.ci95)} a rung; "
            f"{len(trend.sizes)} rungs of {fmt.plural(trend.tasks, 'task')}; {p}){sure}.",
            Weight.TREND,
            nothing_said=not is_sure,
        )


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
    named = " and ".join(f"{h.treatment} (p = {fmt.p_value(h.found.p_value)})" for h in lucky)
    return (
        f" Taken alone, {named} would count as a difference; "
        f"among {family_size} comparisons chance can explain it."
    )


def _noise_floors(report: Report) -> Iterator[Finding]:
    for benchmark in report.benchmarks:
        comparisons = report.comparisons_on(benchmark)
        floors = [h for h in comparisons if h.noise_floor]
        for floor in floors:
            if floor.flipped or floor.found.delta:
                text = (
                    f"Noise floor: evaluated twice, {floor.baseline} flips {floor.flipped} of "
                    f"{fmt.plural(floor.found.tasks, 'task')} on {floor.benchmark} "
                    f"({fmt.points(floor.found.delta)}, 95% interval "
                    f"{fmt.points_interval(floor.found.ci95)}). A difference of that size needs no "
                    "training to explain it."
                )
            else:
                text = (
                    f"Noise floor: evaluated twice, {floor.baseline} has the same outcome on all "
                    f"{fmt.plural(floor.found.tasks, 'task')} of {floor.benchmark}."
                )
            yield Finding(Level.RESULT, text, Weight.NOISE)
        if comparisons and not floors:
            yield Finding(
                Level.NOTE,
                f"No base model was evaluated twice on {benchmark} "
                f"({fmt.plural(comparisons[0].found.tasks, 'task')}), so its noise floor is not "
                "known.",
                nothing_said=True,
            )


def _blind_benchmarks(report: Report) -> Iterator[Finding]:
    """Benchmarks that cannot show a change: bases that pass almost nothing or everything."""
    for benchmark in report.benchmarks:
        claims = [h for h in report.comparisons_on(benchmark) if h.outcome is not None]
        for name in dict.fromkeys(h.baseline for h in claims):
            base, *more = report.runs(name, benchmark)
            if more or base.samples != base.tasks:
                continue
            for amount, word, change in (
                (base.passed, "passes", "regression"),
                (base.tasks - base.passed, "fails", "improvement"),
            ):
                if amount < _MIN_FLIPS:
                    yield Finding(
                        Level.WARNING,
                        f"{name} {word} only {amount} of {fmt.plural(base.tasks, 'task')} on "
                        f"{benchmark}. An exact test needs at least {_MIN_FLIPS} tasks that "
                        f"flip, so no {change} can be shown here, however large.",
                        nothing_said=True,
                    )


def _published_scores(report: Report) -> Iterator[Finding]:
    """Published scores that differ: another harness, another prompt, or a mistake."""
    for condition in report.conditions:
        published = condition.published
        if published is None:
            continue
        place = "outside" if published.outside_interval else "within"
        yield Finding(
            Level.WARNING if published.outside_interval else Level.NOTE,
            f"{condition.model} on {condition.benchmark}: published "
            f"{fmt.percent(published.pass_at_1)} ({published.source}), measured here "
            f"{fmt.percent(condition.pass_at_1)} (95% interval "
            f"{fmt.percent_interval(condition.ci95)}), so the published score lies {place} the "
            "interval.",
            Weight.CAUTION if published.outside_interval else Weight.DETAIL,
        )
