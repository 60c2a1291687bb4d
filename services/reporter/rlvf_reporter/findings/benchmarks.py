"""Findings on benchmarks: noise floors, published scores, and scores at which no change can be
shown."""

from collections.abc import Iterator

from rlvf_common.statistics.comparison import T_TEST
from rlvf_reporter import formatting as fmt
from rlvf_reporter.report import Finding, Level, Report, Weight

__all__ = ["blind_benchmarks", "noise_floors", "published_scores"]

_MIN_FLIPS = 6
"""Minimum number of tasks that flip in one direction for an exact test, McNemar's or the sign-flip
test, to reject: 2 * 0.5^6 = 0.031."""


def noise_floors(report: Report) -> Iterator[Finding]:
    """How much a base that was evaluated twice differs from itself."""
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


def blind_benchmarks(report: Report) -> Iterator[Finding]:
    """Warnings about benchmarks that cannot show a change: the base passes almost nothing or
    everything, and an exact test compares with it. The t test of several runs may show one."""
    for benchmark in report.benchmarks:
        claims = [h for h in report.comparisons_on(benchmark) if h.outcome is not None]
        for name in dict.fromkeys(h.baseline for h in claims):
            treatments = [h.treatment for h in claims if h.baseline == name]
            exact = [h.treatment for h in claims if h.baseline == name and h.found.test != T_TEST]
            base = report.runs(name, benchmark)[0]
            if not exact or base.samples != base.tasks:
                continue
            of = "" if exact == treatments else f" of {', '.join(exact)}"
            for amount, word, change in (
                (base.passed, "passes", "regression"),
                (base.tasks - base.passed, "fails", "improvement"),
            ):
                if amount < _MIN_FLIPS:
                    yield Finding(
                        Level.WARNING,
                        f"{name} {word} only {amount} of {fmt.plural(base.tasks, 'task')} on "
                        f"{benchmark}. An exact test needs at least {_MIN_FLIPS} tasks that "
                        f"flip, so no {change}{of} can be shown here, however large.",
                        nothing_said=True,
                    )


def published_scores(report: Report) -> Iterator[Finding]:
    """Published scores of the same models; a warning where one lies outside the interval."""
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
