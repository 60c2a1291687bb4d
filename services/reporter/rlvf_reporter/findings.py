"""Writes the findings of a report by rules: the same numbers give the same sentences.

Every number in a sentence has its interval or its n. Warnings come first, then results, then notes.
"""

from collections.abc import Iterator, Sequence

from rlvf_common.statistics.comparison import ALPHA
from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import evaluation_warnings, training_notes, training_warnings
from rlvf_reporter.makers import maker_findings
from rlvf_reporter.report import (
    Finding,
    HeadToHead,
    Level,
    Outcome,
    Report,
    ShortcutAudit,
)

_MAX_AUC = 0.6
"""A shortcut audit above this gives a warning: for all pairs always; for a rung, where chance often
exceeds it, only with a p-value of at most `ALPHA`."""

_MIN_FLIPS = 6
"""Minimum number of flips in one direction for McNemar's exact test to reject: 2 * 0.5^6 =
0.031."""


def find(report: Report) -> tuple[Finding, ...]:
    """The findings of a report, warnings first."""
    findings = [
        *training_warnings(report),
        *evaluation_warnings(report),
        *maker_findings(report),
        *_blind_benchmarks(report),
        *_published_scores(report),
        *_results(report),
        *_trends(report),
        *_noise_floors(report),
        *training_notes(report),
        *_selection(report),
    ]
    order = list(Level)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.level)))


def headline(report: Report) -> str:
    """The main result in one sentence."""
    claims = [h for h in report.head_to_head if h.outcome is not None]
    if not claims:
        return "Nothing was compared, so nothing is claimed."
    better = sum(h.outcome is Outcome.BETTER for h in claims)
    worse = sum(h.outcome is Outcome.WORSE for h in claims)
    if not better and not worse:
        if len(claims) == 1:
            return "The only comparison shows no difference distinguishable from chance."
        return f"None of {len(claims)} comparisons shows a difference distinguishable from chance."
    parts = [
        f"{amount} {word}"
        for amount, word in (
            (better, "better"),
            (worse, "worse"),
            (len(claims) - better - worse, "not distinguishable"),
        )
        if amount
    ]
    return f"Of {fmt.plural(len(claims), 'comparison')}: {', '.join(parts)}."


def _results(report: Report) -> Iterator[Finding]:
    for benchmark in report.benchmarks:
        claims = [h for h in report.comparisons_on(benchmark) if h.outcome is not None]
        different = [h for h in claims if h.outcome is not Outcome.NOT_DISTINGUISHABLE]
        for comparison in different:
            yield Finding(Level.RESULT, _difference(comparison, len(claims)))
        rest = [h for h in claims if h not in different]
        if len(rest) == 1:
            yield Finding(Level.RESULT, _no_difference(rest[0], len(claims)))
        elif rest:
            yield Finding(Level.RESULT, _no_differences(rest, benchmark, len(claims)))


def _trends(report: Report) -> Iterator[Finding]:
    for ladder in report.ladders:
        trend = ladder.trend
        direction = "rises" if trend.slope > 0 else "falls"
        slope = f"{direction} by {fmt.size(abs(trend.slope))} a rung" if trend.slope else "stays"
        p = f"p = {fmt.p_value(trend.p_value)}"
        if len(report.ladders) > 1:
            adjusted = fmt.p_value(ladder.p_value_adjusted)
            p += f", adjusted over {len(report.ladders)} trends {adjusted}"
        sure = "" if ladder.p_value_adjusted < ALPHA else ": not distinguishable from none"
        yield Finding(
            Level.RESULT,
            f"pass@1 on {ladder.benchmark} {slope} from {trend.sizes[0]:,g} to "
            f"{trend.sizes[-1]:,g} pairs (95% interval {fmt.points_interval(trend.ci95)} a rung; "
            f"{len(trend.sizes)} rungs of {fmt.plural(trend.tasks, 'task')}; {p}){sure}.",
        )


def _difference(h: HeadToHead, family_size: int) -> str:
    verb = "improves on" if h.outcome is Outcome.BETTER else "is worse than"
    return f"{h.treatment} {verb} {h.baseline} on {h.benchmark}: {_evidence(h, family_size)}."


def _no_difference(h: HeadToHead, family_size: int) -> str:
    text = (
        f"{h.treatment} is not distinguishable from {h.baseline} on {h.benchmark}: "
        f"{_evidence(h, family_size)}.{_power((h,))}"
    )
    return text + _alone((h,), family_size)


def _no_differences(rest: Sequence[HeadToHead], benchmark: str, family_size: int) -> str:
    least = min(rest, key=lambda h: (h.p_value_adjusted or 0.0, h.found.p_value))
    tasks = fmt.plural(rest[0].found.tasks, "task")
    if len(rest) < family_size:
        names = ", ".join(f"{h.treatment} against {h.baseline}" for h in rest)
        start = f"On {benchmark} no difference is distinguishable from chance in {names}"
    elif len({h.baseline for h in rest}) == 1:
        start = f"No adapter differs from {rest[0].baseline} on {benchmark}"
    else:
        start = f"No adapter differs from its base on {benchmark}"
    text = (
        f"{start}: the smallest adjusted p is {fmt.p_value(least.p_value_adjusted or 0.0)} "
        f"({least.treatment}, {fmt.points(least.found.delta)}, 95% interval "
        f"{fmt.points_interval(least.found.ci95)}; adjusted over {family_size} comparisons of "
        f"{tasks})."
    )
    return text + _power(rest) + _alone(rest, family_size)


def _evidence(h: HeadToHead, family_size: int) -> str:
    adjusted = h.p_value_adjusted if h.p_value_adjusted is not None else h.found.p_value
    p = f"p = {fmt.p_value(h.found.p_value)}"
    if family_size > 1:
        p += f", adjusted over {family_size} comparisons {fmt.p_value(adjusted)}"
    return (
        f"{fmt.points(h.found.delta)} (95% interval {fmt.points_interval(h.found.ci95)}; "
        f"{_runs(h)}{_flips(h)}; {p})"
    )


def _runs(h: HeadToHead) -> str:
    """The differences of a treatment's runs, to show how much they vary."""
    if len(h.runs) < 2:
        return ""
    deltas = ", ".join(fmt.points(delta) for delta in h.found.run_deltas)
    return f"{fmt.plural(len(h.runs), 'run')}: {deltas}; "


def _flips(h: HeadToHead) -> str:
    tasks = fmt.plural(h.found.tasks, "task")
    return f"{len(h.found.improved)} improved and {len(h.found.regressed)} regressed of {tasks}"


def _power(comparisons: Sequence[HeadToHead]) -> str:
    """The smallest detectable difference, so that `not distinguishable` is not read as `equal`."""
    smallest = max(h.found.smallest_detectable for h in comparisons)
    return (
        f" With {fmt.plural(comparisons[0].found.tasks, 'task')} this benchmark could have shown a "
        f"difference of about {fmt.size(smallest)} (power 80%)."
    )


def _alone(comparisons: Sequence[HeadToHead], family_size: int) -> str:
    """Name the comparisons that are differences only without the correction for the others."""
    lucky = [
        h
        for h in comparisons
        if h.outcome is Outcome.NOT_DISTINGUISHABLE and h.found.p_value < 0.05
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
            yield Finding(Level.RESULT, text)
        if comparisons and not floors:
            yield Finding(
                Level.NOTE,
                f"No base model was evaluated twice on {benchmark} "
                f"({fmt.plural(comparisons[0].found.tasks, 'task')}), so its noise floor is not "
                "known.",
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
        )


def _selection(report: Report) -> Iterator[Finding]:
    pairs = report.pairs
    if pairs is None:
        return
    share = pairs.problems_with_both / pairs.problems if pairs.problems else 0.0
    yield Finding(
        Level.NOTE,
        f"{fmt.count(pairs.problems_with_both)} of {fmt.plural(pairs.problems, 'problem')} "
        f"({fmt.percent(share)}) had both passing and failing answers; only these make pairs.",
    )
    audit = pairs.audit_after
    if pairs.off_policy:
        yield Finding(
            Level.WARNING,
            f"The pairs are off-policy: {pairs.sampler} wrote the answers, not the model that was "
            "trained on them.",
        )
    if audit is None:
        yield Finding(
            Level.WARNING,
            "The pairs have too few problems to tell whether length or format reveal the chosen "
            "answers.",
        )
    elif _largest(audit) > _MAX_AUC:
        yield Finding(Level.WARNING, f"Length and format {_told_apart(audit)}")
    for size, reading in pairs.audit_of_rungs.items():
        if reading and _largest(reading) > _MAX_AUC and reading.p_value <= ALPHA:
            yield Finding(
                Level.WARNING,
                f"In the training set of the first {fmt.count(int(size))} pairs length and format "
                f"{_told_apart(reading)}",
            )
    if pairs.excluded:
        yield Finding(
            Level.NOTE,
            f"{fmt.plural(len(pairs.excluded), 'problem')} "
            f"{'was' if len(pairs.excluded) == 1 else 'were'} excluded from training because of an "
            "overlap with an evaluation benchmark.",
        )


def _largest(audit: ShortcutAudit) -> float:
    return max(audit.auc, audit.paired_auc)


def _told_apart(audit: ShortcutAudit) -> str:
    telling = ", ".join(feature.name.replace("_", " ") for feature in audit.features[:3])
    return (
        f"tell chosen from rejected with AUC {_largest(audit):.2f} (95% interval "
        f"{audit.ci95.low:.2f} to {audit.ci95.high:.2f}, p = {fmt.p_value(audit.p_value)}; most "
        f"telling: {telling}). The model may learn that instead."
    )
