"""What the experiment cost, by stage, in hours and money; and what more would cost."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_reporter.costs.records import Amount, Estimate, StageCost
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Report

from .fixture_costs import (
    CORES,
    GPU,
    SOMEBODY_ELSES,
    add_cost,
    add_costs,
    cost,
    set_prices,
)

ReportOf = Callable[[Any], Report]
HOUR = 3600.0


@pytest.fixture
def ladder(fixtures: ModuleType) -> Any:
    """A base evaluated twice, and adapters of 20 and 40 pairs, of 2,052 that were selected."""
    experiment = fixtures.small(range(30), {20: range(31), 40: range(32)}, again=range(30))
    fixtures.add_pairs(experiment, "dpo", ["dpo-20", "dpo-40"])
    return experiment


def stages_of(report: Report) -> dict[str, StageCost]:
    assert report.costs is not None
    return {stage.stage: stage for stage in report.costs.stages}


def estimates_of(report: Report) -> dict[str, Estimate]:
    assert report.costs is not None
    return {estimate.what: estimate for estimate in report.costs.estimates}


def test_stages_add_up_to_the_total_in_hours_of_single_devices(
    ladder: Any, report_of: ReportOf
) -> None:
    add_costs(ladder)
    stages = stages_of(report_of(ladder))
    assert {name: stage.operations for name, stage in stages.items()} == {
        "sampling": 1,
        "grading": 1,
        "training": 2,
        "evaluating": 4,
        "total": 7,
    }
    # Two GPUs for an hour; four cores for half an hour, twice.
    assert stages["sampling"].amount == Amount(tokens=1_000_000, gpu_hours=2.0)
    assert stages["grading"].amount == Amount(samples_graded=8_000, cpu_hours=0.5)
    assert stages["training"].amount == Amount(cpu_hours=4.0)
    evaluating = stages["evaluating"].amount
    assert (evaluating.tokens, evaluating.samples_graded) == (400_000, 3_200)
    assert (evaluating.gpu_hours, evaluating.cpu_hours) == pytest.approx((0.8, 0.2))
    total = stages["total"].amount
    assert (total.tokens, total.samples_graded) == (1_400_000, 11_200)
    assert (total.gpu_hours, total.cpu_hours) == pytest.approx((2.8, 4.7))


def test_money_is_the_price_of_the_hours_and_there_is_none_without_prices(
    ladder: Any, report_of: ReportOf
) -> None:
    add_costs(ladder)
    free = report_of(ladder)
    assert all(stage.money is None for stage in stages_of(free).values())
    assert "XTS" not in render_markdown(free).decode()
    set_prices(ladder, cpu_hour=0.5, gpu_hour=3.0)
    report = report_of(ladder)
    assert stages_of(report)["training"].money == pytest.approx(4.0 * 0.5)
    assert stages_of(report)["total"].money == pytest.approx(2.8 * 3 + 4.7 * 0.5)
    for form in (render_markdown(report), render_html(report)):
        assert "XTS" in form.decode()
        assert "10.75" in form.decode()


def test_what_has_no_price_is_named_and_in_no_sum(ladder: Any, report_of: ReportOf) -> None:
    add_costs(ladder)
    set_prices(ladder, gpu_hour=3.0)
    report = report_of(ladder)
    assert report.costs is not None
    assert report.costs.unpriced == ("CPU-hours",)
    assert stages_of(report)["training"].money == 0.0
    for form in (render_markdown(report), render_html(report)):
        assert "Without a price, and in no sum: CPU-hours." in form.decode()


def test_a_price_of_nothing_is_a_price(ladder: Any, report_of: ReportOf) -> None:
    add_costs(ladder)
    set_prices(ladder, gpu_hour=3.0, cpu_hour=0.0)
    report = report_of(ladder)
    assert report.costs is not None
    assert report.costs.unpriced == ()


def test_tokens_of_a_server_that_does_not_say_its_devices_have_a_price_of_their_own(
    ladder: Any, report_of: ReportOf
) -> None:
    add_costs(ladder, engine=SOMEBODY_ELSES)
    set_prices(ladder, cpu_hour=0.0, million_tokens=20.0)
    report = report_of(ladder)
    sampling = stages_of(report)["sampling"]
    assert (sampling.amount.gpu_hours, sampling.amount.unknown_hours) == (0.0, 1.0)
    assert sampling.money == pytest.approx(20.0)
    words = render_markdown(report).decode()
    assert "server-hours" in words
    assert "does not say on what it runs" in words
    assert "GPU-hours" not in words


def test_without_costs_nothing_is_said_of_them(ladder: Any, report_of: ReportOf) -> None:
    report = report_of(ladder)
    assert report.costs is None
    assert json.loads(render_json(report))["cost"] is None
    assert 'id="cost"' not in render_html(report).decode()
    assert "CPU-hours" not in render_markdown(report).decode()


def test_a_further_arm_costs_the_mean_of_training_and_evaluating(
    ladder: Any, report_of: ReportOf
) -> None:
    add_costs(ladder)
    # The second adapter took twice as long.
    add_cost(ladder, reporter_pb2.STAGE_TRAINING, cost(job=(CORES, HOUR / 2)), training="dpo-40")
    set_prices(ladder, cpu_hour=1.0, gpu_hour=1.0)
    estimates = estimates_of(report_of(ladder))
    same = estimates["a further arm on pairs, of the same samples"]
    # Training (2 + 4) / 2; evaluating 0.2 and 0.05.
    assert same.amount.cpu_hours == pytest.approx(3.0 + 0.05)
    assert same.amount.gpu_hours == pytest.approx(0.2)
    assert same.money == pytest.approx(3.25)
    assert "1 run on 30 pairs" in same.basis
    own = estimates["a further arm on pairs, of samples of its own"]
    assert own.amount.tokens == pytest.approx(same.amount.tokens + 1_000_000)
    assert own.amount.gpu_hours == pytest.approx(same.amount.gpu_hours + 2.0)


def test_a_further_rung_trains_in_proportion_and_samples_more_only_where_pairs_lack(
    fixtures: ModuleType, ladder: Any, report_of: ReportOf
) -> None:
    add_costs(ladder)
    rung = estimates_of(report_of(ladder))["a further rung of 80 pairs"]
    assert rung.amount.cpu_hours == pytest.approx(2 * 2.0 + 0.05)
    assert rung.amount.tokens == pytest.approx(100_000)
    # Of 2,052 selected pairs 40 are trained on; of 60 the next rung lacks a quarter.
    ladder.request.data[0].pairs.steps[-1].after = 60
    rung = estimates_of(report_of(ladder))["a further rung of 80 pairs"]
    assert rung.amount.tokens == pytest.approx(100_000 + 1_000_000 * 20 / 60)
    assert "60 pairs were selected" in rung.basis
    ladder.request.data[0].pairs.steps[-1].after = 1
    rung = estimates_of(report_of(ladder))["a further rung of 80 pairs"]
    assert "1 pair was selected" in rung.basis


def test_arms_on_answers_are_estimated_beside_those_on_pairs_and_several_seeds_are_one_arm(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.several_runs(range(30), {20: [range(31), range(32)], 40: [range(33)] * 2})
    fixtures.set_likelihood(experiment, [0.5, 0.4])
    add_costs(experiment, engine=GPU)
    estimates = estimates_of(report_of(experiment))
    assert {
        "a further arm on answers, of the same samples",
        "a further arm on pairs, of the same samples",
    } <= set(estimates)
    pairs = estimates["a further arm on pairs, of the same samples"]
    assert pairs.basis.startswith("2 runs on")
    assert pairs.amount.cpu_hours == pytest.approx(2 * 2.0 + 2 * 0.05)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda r: r.costs[0].ClearField("stage"), r"costs\[0\].stage"),
        (lambda r: r.costs[0].ClearField("model"), r"costs\[0\].model"),
        (lambda r: r.costs[0].ClearField("name"), r"costs\[0\].name"),
        (lambda r: setattr(r.costs[1], "training", "another"), r"costs\[1\].training"),
        (lambda r: setattr(r.costs[0].cost, "tokens", -1), r"costs\[0\].cost.tokens"),
        (
            lambda r: setattr(r.costs[0].cost.sampling.time, "seconds", -1),
            r"costs\[0\].cost.sampling.time",
        ),
        (lambda r: setattr(r.prices, "gpu_hour", float("inf")), "prices.gpu_hour"),
        (lambda r: setattr(r.prices, "cpu_hour", -1.0), "prices.cpu_hour"),
        (lambda r: r.prices.ClearField("currency"), "prices.currency"),
    ],
)
def test_what_cannot_be_a_cost_is_refused_by_its_field(
    change: Callable[[Any], None], field: str, ladder: Any, report_of: ReportOf
) -> None:
    add_costs(ladder)
    set_prices(ladder, gpu_hour=3.0)
    change(ladder.request)
    with pytest.raises(InvalidArgument, match=field):
        report_of(ladder)
