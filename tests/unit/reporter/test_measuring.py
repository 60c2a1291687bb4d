"""How it was measured: the methods that a report used, and no others."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf_reporter.measuring import how_measured
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]

MCNEMAR = "the exact McNemar test"
SIGN_FLIP = "the sign-flip test"
PERMUTATION = "the within-task permutation test"
RUNS = "Student’s t test over tasks and runs"
SATURATION = "Whether a ladder levels off: t tests over tasks and runs"
SAMPLES = "with several samples a task"
TOGETHER = "of runs taken together"
ALL = (MCNEMAR, SIGN_FLIP, PERMUTATION, RUNS, SATURATION, SAMPLES, TOGETHER)


def one_run(fixtures: ModuleType) -> Any:
    return fixtures.small(range(30), {20: range(31), 40: range(32)}, again=range(29))


def ladder_of_one_run(fixtures: ModuleType) -> Any:
    experiment = one_run(fixtures)
    trend = experiment.request.trends.add(benchmark="humaneval")
    for size, name in ((0, "base"), (20, "dpo-20"), (40, "dpo-40")):
        trend.rungs.add(size=size, condition=name)
    return experiment


def two_runs(fixtures: ModuleType) -> Any:
    recipes = {20: [range(31), range(32)], 40: [range(33), range(34)]}
    return fixtures.several_runs(range(30), recipes)


def several_samples(fixtures: ModuleType) -> Any:
    return fixtures.controlled(0.3, {"arm": 0.5}, {}, seeds=1, primary=("base", "arm"))


def nothing_compared(fixtures: ModuleType) -> Any:
    experiment = one_run(fixtures)
    del experiment.request.head_to_head[:]
    return experiment


@pytest.mark.parametrize(
    ("make", "methods"),
    [
        (one_run, [MCNEMAR]),
        (ladder_of_one_run, [MCNEMAR, PERMUTATION, SATURATION]),
        (two_runs, [RUNS, SATURATION, TOGETHER]),
        (several_samples, [SIGN_FLIP, SAMPLES]),
        (nothing_compared, []),
    ],
)
def test_the_methods_are_those_that_were_used(
    fixtures: ModuleType,
    report_of: ReportOf,
    make: Callable[[ModuleType], Any],
    methods: list[str],
) -> None:
    report = report_of(make(fixtures))
    said = " ".join(how_measured(report))
    assert said in render_html(report).decode()
    assert [method for method in ALL if method in said] == methods
    assert ("Holm’s method" in said) is bool(methods)


def test_the_primary_outcome_and_the_noise_floor_are_named_where_they_are(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    floor = " ".join(how_measured(report_of(one_run(fixtures))))
    assert "a base compared with itself is the noise floor and not counted" in floor
    assert "primary" not in floor
    primary = " ".join(how_measured(report_of(several_samples(fixtures))))
    assert "but for the primary outcome, which was declared before the run" in primary
    assert "noise floor" not in primary
