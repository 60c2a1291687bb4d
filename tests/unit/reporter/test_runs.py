"""Recipes with several runs, as training seeds, and trends along a ladder."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_common.statistics.intervals import holm
from rlvf_common.statistics.results import dump_result, parse_result
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]
BASE = range(30)
# Seeds of 20 pairs differ much, those of 40 and 80 little.
RECIPES = {
    20: [range(26), range(40)],
    40: [range(48), range(50)],
    80: [range(58), range(57)],
}


def test_runs_are_rows_and_their_recipe_is_what_is_compared(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.several_runs(BASE, RECIPES))
    names = ["base", *(f"dpo-{pairs}-seed-{seed}" for pairs in RECIPES for seed in (0, 1))]
    assert [condition.name for condition in report.conditions] == names
    assert [report.comparison_of(c) for c in report.conditions] == [None] * len(names)
    compared = {h.treatment: h for h in report.head_to_head}
    assert list(compared) == ["dpo-20", "dpo-40", "dpo-80"]
    assert compared["dpo-20"].runs == ("dpo-20-seed-0", "dpo-20-seed-1")
    assert compared["dpo-20"].found.run_deltas == pytest.approx((-0.04, 0.10))
    assert compared["dpo-20"].found.delta == pytest.approx(0.03)


def test_the_runs_of_a_recipe_have_a_score_together(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.several_runs(BASE, RECIPES))
    recipes = json.loads(render_json(report))["recipes"]
    assert [one["name"] for one in recipes] == ["dpo-20", "dpo-40", "dpo-80"]
    assert [(one["passed"], one["samples"]) for one in recipes] == [
        (66, 200),
        (98, 200),
        (115, 200),
    ]
    runs = {c.name: c for c in report.conditions}
    for one in recipes:
        low, high = one["ci95"]
        assert low < one["pass_at_1"] < high
        # Two runs of the same tasks tell less than twice as many tasks would.
        assert high - low > 0.8 * (runs[one["runs"][0]].ci95.high - runs[one["runs"][0]].ci95.low)
    for form in (render_markdown(report).decode(), render_html(report).decode()):
        assert "Two runs hardly show how runs differ" in form
        assert "33.0%" in form


def test_a_difference_names_that_of_every_run(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.several_runs(BASE, RECIPES))
    text = next(f.text for f in report.findings if f.text.startswith("dpo-80 improves on base"))
    assert "2 runs: +28.0 pp, +27.0 pp" in text


def test_what_runs_could_have_shown_is_said(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.several_runs(BASE, {20: RECIPES[20], 40: [range(31), range(35)]}))
    text = next(f.text for f in report.findings if f.text.startswith("No adapter differs"))
    assert "could have shown a difference of about" in text


def test_a_trend_is_a_finding_and_in_every_form(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.several_runs(BASE, RECIPES))
    (text,) = (f.text for f in report.findings if f.text.startswith("pass@1 on humaneval rises by"))
    assert "4 rungs of 100 tasks; t test over tasks and runs p = " in text
    (found,) = json.loads(render_json(report))["trends"]
    assert found["sizes"] == [0, 20, 40, 80]
    assert found["pass_at_1"] == pytest.approx([0.30, 0.33, 0.49, 0.575])
    assert "rises by" in render_markdown(report).decode()
    assert "rises by" in render_html(report).decode()


def test_a_report_says_what_the_results_say(fixtures: ModuleType, report_of: ReportOf) -> None:
    """Without one of the runs, the numbers are those of the other runs."""
    experiment = fixtures.several_runs(BASE, RECIPES)
    del experiment.request.conditions[2]
    report = report_of(experiment)
    assert report.head_to_head[0].runs == ("dpo-20-seed-0",)
    assert report.head_to_head[0].found.delta == pytest.approx(-0.04)
    assert report.ladders[0].trend.pass_at_1[1] == pytest.approx(0.26)


def test_the_size_of_a_rung_is_the_mean_of_its_runs(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.several_runs(BASE, RECIPES)
    experiment.request.training[2].run.summary.pairs = 31
    experiment.request.trends[0].rungs[2].size = 35.5
    assert report_of(experiment).ladders[0].trend.sizes == [0, 20, 35.5, 80]


def test_trends_are_adjusted_over_all_of_them(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.several_runs(BASE, RECIPES)
    shorter = experiment.request.trends.add()
    shorter.CopyFrom(experiment.request.trends[0])
    del shorter.rungs[1]
    found = report_of(experiment).ladders
    assert [ladder.p_value_adjusted for ladder in found] == holm(
        [ladder.trend.p_value for ladder in found]
    )
    assert [list(ladder.trend.sizes) for ladder in found] == [[0, 20, 40, 80], [0, 40, 80]]


def _an_unknown_rung(experiment: Any) -> None:
    experiment.request.trends[0].rungs[1].condition = "dpo-21"


def _two_rungs(experiment: Any) -> None:
    del experiment.request.trends[0].rungs[2:]


def _a_rung_out_of_order(experiment: Any) -> None:
    rungs = experiment.request.trends[0].rungs
    rungs.append(rungs[1])


def _fewer_records_than_its_size(experiment: Any) -> None:
    """One of the two runs of the rung of 40 had fewer records."""
    experiment.request.training[2].run.summary.pairs = 30


def _a_base_with_a_size(experiment: Any) -> None:
    experiment.request.trends[0].rungs[0].size = 1


def _no_size(experiment: Any) -> None:
    experiment.request.trends[0].rungs[1].size = math.nan


def _a_run_named_like_a_recipe(experiment: Any) -> None:
    experiment.request.conditions[1].name = "dpo-40"


def _a_run_twice(experiment: Any) -> None:
    first, second = experiment.request.conditions[1:3]
    second.result.CopyFrom(first.result)
    second.completions.CopyFrom(first.completions)


def _other_tasks(index: int) -> Callable[[Any], None]:
    def change(experiment: Any) -> None:
        ref = experiment.request.conditions[index].result
        result = parse_result(experiment.read(ref), where="it")
        shorter = replace(result, results=result.results[1:])
        ref.CopyFrom(experiment.put(dump_result(shorter)))

    return change


def _uncompared(experiment: Any) -> None:
    """Runs that are in no comparison, of other tasks than one another."""
    _other_tasks(1)(experiment)
    experiment.request.ClearField("head_to_head")
    experiment.request.ClearField("trends")


def _only_a_trend(experiment: Any) -> None:
    _other_tasks(0)(experiment)
    experiment.request.ClearField("head_to_head")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_an_unknown_rung, "trends[0].rungs[1].condition"),
        (_two_rungs, "trends[0].rungs"),
        (_a_rung_out_of_order, "trends[0].rungs"),
        (_no_size, "trends[0].rungs[1].size"),
        (_fewer_records_than_its_size, "trends[0].rungs[2].size"),
        (_a_base_with_a_size, "trends[0].rungs[0].size"),
        (_a_run_named_like_a_recipe, "conditions"),
        (_a_run_twice, "head_to_head[0]"),
        (_other_tasks(0), "head_to_head[0]"),
        (_uncompared, "conditions"),
        (_only_a_trend, "trends[0].rungs"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    fixtures: ModuleType, report_of: ReportOf, change: Callable[[Any], None], field: str
) -> None:
    experiment = fixtures.several_runs(BASE, RECIPES)
    change(experiment)
    with pytest.raises(InvalidArgument) as caught:
        report_of(experiment)
    assert caught.value.field == field
