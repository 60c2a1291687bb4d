"""What training did to the answers, and gains that are only that answers end."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_common.statistics.distribution import DistributionRecord
from rlvf_common.statistics.results import (
    AnswerShares,
    ModelRecord,
    SamplingRecord,
    dump_result,
    parse_result,
)
from rlvf_reporter.distribution.rows import distribution_columns, distribution_rows
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Level, Report

ReportOf = Callable[[Any], Report]
SAMPLED = SamplingRecord(4, 0.8, 1.0, 256, 7)
GREEDY = SamplingRecord(1, 0.0, 1.0, 256, 7)


@pytest.fixture
def experiment(fixtures: ModuleType) -> Any:
    """A base and an arm with two runs, sampled and greedy, that say how they answered."""
    experiment = fixtures.controlled(0.3, {"rft": 0.45}, {}, samples=10, tasks=40, seeds=2)
    for index, (distinct, characters, tokens, ended, greedy) in enumerate(
        [(6.5, 400.0, 120.0, 0.7, 14), (4.0, 250.0, 80.0, 0.9, 20), (4.5, 260.0, 84.0, 1.0, 22)]
    ):
        record = DistributionRecord(characters, tokens, ended, distinct)
        fixtures.set_result(experiment, index, distribution=record, sampling=SAMPLED)
        evaluation = fixtures.result("humaneval", 40, fixtures.passes_in(set(range(greedy))))
        evaluation = replace(evaluation, sampling=GREEDY)
        experiment.request.conditions[index].greedy.CopyFrom(
            experiment.put(dump_result(evaluation))
        )
    return experiment


def test_before_and_after_are_rows_of_means_over_runs(experiment: Any, report_of: ReportOf) -> None:
    report = report_of(experiment)
    base, arm = json.loads(render_json(report))["distribution"]
    assert (base["name"], base["benchmark"], base["runs"]) == ("base", "humaneval", 1)
    assert (arm["name"], arm["runs"], arm["samples_per_task"]) == ("rft", 2, 10)
    scores = [c.pass_at_1 for c in report.conditions]
    assert arm["pass_at_1"] == pytest.approx((scores[1] + scores[2]) / 2)
    assert (base["greedy_pass_at_1"], arm["greedy_pass_at_1"]) == (14 / 40, 21 / 40)
    assert list(arm["pass_at_k"]) == ["1", "5", "10"]
    assert arm["pass_at_k"]["1"] == pytest.approx(arm["pass_at_1"])
    assert (base["distinct_programs"], arm["distinct_programs"]) == (6.5, 4.25)
    assert (base["mean_characters"], arm["mean_characters"]) == (400.0, 255.0)
    assert (base["mean_tokens"], arm["mean_tokens"]) == (120.0, 82.0)
    assert (base["ended"], arm["ended"]) == (0.7, 0.95)
    assert (arm["entropy_before"], arm["entropy_after"]) == (None, None)
    conditions = json.loads(render_json(report))["conditions"]
    assert conditions[0]["distribution"]["ended"] == 0.7
    assert conditions[0]["greedy"]["passed"] == 14
    assert (
        conditions[0]["greedy"]["result_sha256"] == experiment.request.conditions[0].greedy.sha256
    )


@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_the_table_is_in_the_forms_for_people(
    experiment: Any, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    report = report_of(experiment)
    words = re.sub(r"<[^>]+>|[|\s]+", " ", render(report).decode())
    words = re.sub(r" +", " ", words)
    assert "hat training did to the answers" in words
    sampled = {row.name: row.pass_at_k for row in distribution_rows(report, "humaneval")}["base"]
    shown = " ".join(f"{100 * sampled[k]:.1f}%" for k in (5, 10))
    assert re.search(
        rf"base (1 run )?{100 * sampled[1]:.1f}% 35\.0% {shown} 6\.50 of 10 400 120 70\.0% ",
        words,
    )
    assert re.search(r"52\.5% \d+\.\d% \d+\.\d% 4\.25 of 10 255 82 95\.0% ", words)


def test_the_entropy_of_the_policy_stands_beside_how_it_answers(
    experiment: Any, report_of: ReportOf
) -> None:
    report = report_of(experiment)
    first, second = (
        replace(training, entropy=entropy)
        for training, entropy in zip(report.training, [(1.1, 0.6), (1.3, 0.4)], strict=True)
    )
    report = replace(report, training=(first, second))
    base, arm = json.loads(render_json(report))["distribution"]
    assert (base["entropy_before"], base["entropy_after"]) == (None, None)
    assert (arm["entropy_before"], arm["entropy_after"]) == pytest.approx((1.2, 0.5))
    for form in (render_markdown(report), render_html(report)):
        assert "1.20 → 0.50" in form.decode()
    # One run that does not say leaves no mean.
    report = replace(report, training=(first, replace(second, entropy=None)))
    assert json.loads(render_json(report))["distribution"][1]["entropy_before"] is None


def test_what_no_result_says_is_no_column(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    report = report_of(experiment)
    assert distribution_rows(report, "humaneval") == ()
    for form in (render_markdown(report), render_html(report)):
        assert "training did to the answers" not in form.decode()
    fixtures.set_result(experiment, 0, distribution=DistributionRecord(400.0, 120.0, 0.7, 1.0))
    rows = distribution_rows(report_of(experiment), "humaneval")
    assert [title for title, _ in distribution_columns(rows)] == [
        "pass@1 sampled", "distinct programs", "characters", "tokens", "ended",
    ]  # fmt: skip
    assert dict(distribution_columns(rows))["tokens"] == ["120", "–"]


def test_a_run_that_does_not_say_leaves_no_mean_of_the_others(
    fixtures: ModuleType, experiment: Any, report_of: ReportOf
) -> None:
    fixtures.set_result(experiment, 2, distribution=None)
    _, arm = distribution_rows(report_of(experiment), "humaneval")
    assert (arm.mean_tokens, arm.ended) == (None, None)
    assert arm.greedy_pass_at_1 is not None


def _greedy(**changes: Any) -> Callable[[Any], None]:
    """Changes the greedy result of the first condition."""

    def change(experiment: Any) -> None:
        ref = experiment.request.conditions[0].greedy
        result = parse_result(experiment.read(ref), where="it")
        ref.CopyFrom(experiment.put(dump_result(replace(result, **changes))))

    return change


def _other_tasks(experiment: Any) -> None:
    ref = experiment.request.conditions[0].greedy
    result = parse_result(experiment.read(ref), where="it")
    _greedy(results=result.results[1:])(experiment)


def _unsound(experiment: Any) -> None:
    ref = experiment.request.conditions[0].greedy
    calibration = parse_result(experiment.read(ref), where="it").calibration
    assert calibration is not None
    _greedy(calibration=replace(calibration, empty_passed=1))(experiment)


def _no_result(experiment: Any) -> None:
    experiment.request.conditions[0].greedy.CopyFrom(experiment.put(b"not a result"))


def _no_digest(experiment: Any) -> None:
    experiment.request.conditions[0].greedy.sha256 = "beef"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_greedy(sampling=SAMPLED), "conditions[0].greedy"),
        (_greedy(model=ModelRecord("another")), "conditions[0].greedy"),
        (_greedy(benchmark="mbpp"), "conditions[0].greedy"),
        (_greedy(calibration=None), "conditions[0].greedy"),
        (_unsound, "conditions[0].greedy"),
        (_other_tasks, "conditions[0].greedy"),
        (_no_result, "conditions[0].greedy"),
        (_no_digest, "conditions[0].greedy.sha256"),
    ],
)
def test_a_greedy_result_of_something_else_is_refused(
    experiment: Any, report_of: ReportOf, change: Callable[[Any], None], field: str
) -> None:
    change(experiment)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == field


def _cut_off(
    fixtures: ModuleType,
    passing: Iterable[int],
    *,
    before: Iterable[int] = range(100),
    after: Iterable[int] = range(10),
    by_task: bool = True,
) -> Any:
    """200 tasks, of which the base passes 100 to 149, and an adapter `passing`, given the tasks
    whose answer is cut off."""
    experiment = fixtures.small(range(100, 150), {20: passing}, tasks=200)
    for index, tasks in enumerate((before, after)):
        truncated = {f"HumanEval/{task}": 1 for task in tasks}
        share = len(truncated) / 200
        fixtures.set_result(
            experiment,
            index,
            answers=AnswerShares(0.0, 0.0, 100 * share, 0.0),
            distribution=DistributionRecord(90.0, 30.0, 1 - share, 1.0, truncated)
            if by_task
            else None,
        )
    return experiment


def _ends(report: Report) -> list[str]:
    return [
        finding.text
        for finding in report.findings
        if finding.level is Level.WARNING and "comes from answers that end" in finding.text
    ]


ENDED, CUT_OFF = range(100, 150), range(30)


def test_a_gain_that_is_only_that_answers_end_is_named(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(_cut_off(fixtures, {*ENDED, *CUT_OFF}))
    (text,) = _ends(report)
    assert text.startswith(
        "The gain of dpo-20 over base on humaneval comes from answers that end: 50.0% were cut off "
        "at the token limit, and 5.0% are now, with a gain of +15.0 pp (95% interval "
    )
    assert "On the 100 tasks whose answers had all ended before, the difference is 0.0 pp" in text
    (ending,) = json.loads(render_json(report))["endings"]
    assert (ending["baseline"], ending["treatment"]) == ("base", "dpo-20")
    assert (ending["truncated_before"], ending["truncated_after"]) == (0.5, 0.05)
    assert (ending["ended_before"]["tasks"], ending["ended_before"]["delta"]) == (100, 0.0)
    assert ending["explains_gain"] is True


def test_a_gain_on_tasks_whose_answers_ended_before_is_no_such_gain(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    """However many more answers end."""
    report = report_of(_cut_off(fixtures, range(100, 180)))
    assert _ends(report) == []
    (ending,) = report.endings
    assert ending.fall > ending.gain
    assert not ending.explains_gain


def test_where_tasks_are_not_known_the_shares_alone_decide(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    passing = {*ENDED, *CUT_OFF}
    (text,) = _ends(report_of(_cut_off(fixtures, passing, by_task=False)))
    assert "had all ended before" not in text
    # By 14 points, which is less than the gain of 15.
    report = report_of(_cut_off(fixtures, passing, after=range(72), by_task=False))
    assert _ends(report) == []


@pytest.mark.parametrize(("after", "named"), [(range(85), True), (range(86), False)])
def test_a_gain_that_vanishes_where_answers_ended_needs_half_as_many_that_end_now(
    fixtures: ModuleType, report_of: ReportOf, after: range, named: bool
) -> None:
    report = report_of(_cut_off(fixtures, {*ENDED, *CUT_OFF}, after=after))
    assert bool(_ends(report)) is named


def test_half_of_the_gain_on_tasks_whose_answers_ended_is_not_vanished(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    # Of 8 points 4 are left on the 100 tasks, too few to be told from chance.
    for more, named in ((4, False), (3, True)):
        passing = {*ENDED, *range(150, 150 + more), *range(16 - more)}
        report = report_of(_cut_off(fixtures, passing, after=range(85)))
        (ending,) = report.endings
        assert ending.ended_before is not None
        assert ending.ended_before.p_value > 0.05
        assert bool(_ends(report)) is named


def test_of_a_handful_of_tasks_whose_answers_ended_nothing_is_said(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    passing = {*ENDED, *CUT_OFF}
    for tasks, known in ((180, True), (181, False)):
        (ending,) = report_of(_cut_off(fixtures, passing, before=range(tasks))).endings
        assert (ending.ended_before is not None) is known


def test_nothing_is_said_of_ends_where_nothing_was_gained_or_no_more_answers_end(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    assert report_of(_cut_off(fixtures, ENDED)).endings == ()
    passing = {*ENDED, *CUT_OFF}
    assert report_of(_cut_off(fixtures, passing, after=range(100))).endings == ()
