"""Says how a report's differences, trends and intervals were measured: the methods that it used,
and no others."""

from collections.abc import Iterator

from rlvf_common.statistics.comparison import EXACT_MCNEMAR, SIGN_FLIP, T_TEST
from rlvf_common.statistics.trend import PERMUTATION
from rlvf_reporter.report import Report

__all__ = ["how_measured"]

_METHODS = {
    EXACT_MCNEMAR: (
        "Two conditions with one run and one sample a task: the exact McNemar test, and Tango’s "
        "score interval."
    ),
    SIGN_FLIP: (
        "Two conditions with one run and several samples a task: the sign-flip test over tasks, "
        "exact where the sign patterns can be counted, and the bootstrap interval over tasks."
    ),
    PERMUTATION: (
        "Ladders with one run a rung: the within-task permutation test, exact where the orders can "
        "be counted, and the bootstrap interval over tasks."
    ),
    T_TEST: (
        "Several runs of a condition: Student’s t test over tasks and runs, which is approximate, "
        "and its interval."
    ),
}
"""Test and interval, by the name of the test."""


def how_measured(report: Report) -> Iterator[str]:
    """Sentences on intervals, tests and the adjustment of p-values."""
    effective = [
        *(["with several samples a task"] if _has_several_samples(report) else []),
        *(["of runs taken together"] if report.recipes else []),
    ]
    size = f" ({' and '.join(effective)} at the effective sample size)" if effective else ""
    yield f"Intervals are 95%, those of pass@1 Wilson’s{size}."
    used = {h.found.test for h in report.head_to_head} | {one.trend.test for one in report.ladders}
    if not used:
        return
    yield "p-values are two-sided, and conditions are compared task by task."
    yield from (method for test, method in _METHODS.items() if test in used)
    if report.ladders:
        yield (
            "Whether a ladder levels off: t tests over tasks and runs, which are approximate, also "
            "with one run a rung."
        )
    families = ["all ladders"] if report.ladders else []
    if report.head_to_head:
        families.append(f"all comparisons on one benchmark{_uncounted(report)}")
    yield f"Holm’s method adjusts p-values over {' and over '.join(families)}."
    own = " (that of the primary outcome is not adjusted)" if report.primary else ""
    yield f"“Not distinguishable” means an adjusted p{own} of 0.05 or more. It does not mean equal."


def _has_several_samples(report: Report) -> bool:
    return any(condition.samples != condition.tasks for condition in report.conditions)


def _uncounted(report: Report) -> str:
    """The comparisons that are not in the family of their benchmark."""
    primary = ", but for the primary outcome, which was declared before the run"
    floor = "; a base compared with itself is the noise floor and not counted"
    return (primary if report.primary else "") + (
        floor if any(h.noise_floor for h in report.head_to_head) else ""
    )
