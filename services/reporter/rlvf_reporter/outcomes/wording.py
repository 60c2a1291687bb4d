"""Words for a comparison; a difference always has its interval, its p-value and its n."""

from collections.abc import Sequence

from rlvf_reporter import formatting as fmt
from rlvf_reporter.report import HeadToHead, Report

__all__ = ["evidence", "extent", "p_words", "power"]


def evidence(report: Report, h: HeadToHead) -> str:
    """`+2.0 pp (95% interval −1.0 to +5.0 pp; 3 improved and 1 regressed of 100 tasks; exact
    McNemar p = 0.63)`, with the difference of every run, and with the adjusted p-value."""
    return (
        f"{fmt.points(h.found.delta)} (95% interval {fmt.points_interval(h.found.ci95)}; "
        f"{_runs(h)}{_flips(h)}; {p_words(report, h)})"
    )


def p_words(report: Report, h: HeadToHead) -> str:
    """The test and its p-value, and the adjusted one where the family has several comparisons."""
    p = f"{h.found.test} p = {fmt.p_value(h.found.p_value)}"
    if h.primary:
        return f"{p}, not adjusted"
    family_size = report.family_size(h.benchmark)
    if h.p_value_adjusted is None or family_size < 2:
        return p
    return f"{p}, adjusted over {family_size} comparisons {fmt.p_value(h.p_value_adjusted)}"


def extent(report: Report, h: HeadToHead) -> str:
    """What was compared, such as `500 tasks × 8 samples × 2 runs`; for each side where they
    differ."""
    tasks = fmt.plural(h.found.tasks, "task")
    baseline, treatment = (_samples_and_runs(report, h, name) for name in (h.baseline, h.treatment))
    if baseline == treatment:
        return f"{tasks} × {treatment}"
    return f"{tasks} × {treatment} of {h.treatment} and {baseline} of {h.baseline}"


def power(comparisons: Sequence[HeadToHead]) -> str:
    """The difference that could have been shown, so that nobody reads `not distinguishable` as
    `equal`."""
    smallest = max(h.found.smallest_detectable for h in comparisons)
    return (
        f" With {fmt.plural(comparisons[0].found.tasks, 'task')} this benchmark could have shown a "
        f"difference of about {fmt.size(smallest)} (power 80%)."
    )


def _samples_and_runs(report: Report, h: HeadToHead, name: str) -> str:
    runs = report.runs(name, h.benchmark)
    per_task = sum(run.samples for run in runs) / sum(run.tasks for run in runs)
    return f"{fmt.plural(round(per_task, 2), 'sample')} × {fmt.plural(len(runs), 'run')}"


def _runs(h: HeadToHead) -> str:
    """The differences of the runs of a treatment, so that nobody takes one of them for all."""
    if len(h.runs) < 2:
        return ""
    deltas = ", ".join(fmt.points(delta) for delta in h.found.run_deltas)
    return f"{fmt.plural(len(h.runs), 'run')}: {deltas}; "


def _flips(h: HeadToHead) -> str:
    tasks = fmt.plural(h.found.tasks, "task")
    return f"{len(h.found.improved)} improved and {len(h.found.regressed)} regressed of {tasks}"
