"""The findings that answer questions of an experiment: forgetting, displacement, loss, contrasts,
saturation, and questions that the experiment does not test."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

import pytest

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_reporter.findings.displacement import displaced
from rlvf_reporter.render_json import render_json
from rlvf_reporter.report import Finding, Report, Rule, Step

ReportOf = Callable[[Any], Report]

HALF = range(50)


def of(report: Report, rule: Rule) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule is rule]


def only(report: Report, rule: Rule) -> Finding:
    [finding] = of(report, rule)
    return finding


def trained_on(experiment: Any, fixtures: ModuleType, *sources: str) -> Any:
    """The experiment, with the sources of what its adapters were trained on."""
    names = [training.name for training in experiment.request.training]
    fixtures.add_pairs(experiment, trainings=names)
    experiment.request.data[0].sources.extend(sources)
    return experiment


def test_an_arm_forgets_where_it_is_worse_on_a_benchmark_of_another_source(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(trained_on(fixtures.small(HALF, {20: range(30)}), fixtures, "mbpp"))
    finding = only(report, Rule.FORGETTING)
    assert not finding.nothing_said
    assert finding.text.startswith(
        "dpo-20 forgets: on humaneval, of another source than what it was trained on (mbpp), it is "
        "worse than base: −20.0 pp (95% interval −28."
    )
    assert "0 improved and 20 regressed of 100 tasks; exact McNemar p = 1.9e−6" in finding.text
    assert not of(report, Rule.DIFFERENCE), "told once"


@pytest.mark.parametrize(
    ("source", "benchmark"),
    [
        ("human", "humaneval"),
        ("humaneval", "humaneval"),
        ("livecodebench-to-2024-07-31", "livecodebench-from-2024-08-01"),
        ("livecodebench", "livecodebench-from-2024-08-01"),
        ("livecodebench-to-2024-07-31", "livecodebench"),
    ],
)
def test_being_worse_on_what_was_trained_on_is_no_forgetting(
    fixtures: ModuleType, report_of: ReportOf, source: str, benchmark: str
) -> None:
    experiment = fixtures.small(HALF, {20: range(30)}, benchmark=benchmark)
    report = report_of(trained_on(experiment, fixtures, source))
    finding = only(report, Rule.FORGETTING)
    assert finding.nothing_said
    assert finding.text.startswith(
        f"Nothing can be said of forgetting: every benchmark ({benchmark})"
    )
    assert "dpo-20 is worse than base" in only(report, Rule.DIFFERENCE).text


def test_what_is_not_forgotten_is_bounded(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.small(HALF, {20: range(1, 50), 40: range(2, 50), 80: range(30)})
    report = report_of(trained_on(experiment, fixtures, "mbpp"))
    lost, bounded = of(report, Rule.FORGETTING)
    assert lost.text.startswith("dpo-80 forgets")
    assert bounded.nothing_said
    worst = min(h.found.ci95.low for h in report.head_to_head if h.treatment != "dpo-80")
    assert bounded.text == (
        "Forgetting on humaneval, of another source than what was trained on, is not shown for "
        "dpo-20, dpo-40: the 95% interval of each excludes a loss of more than "
        f"{-100 * worst:.1f} pp (100 tasks)."
    )


def test_without_sources_nothing_is_said_of_forgetting(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(HALF, {20: range(30)}))
    assert not of(report, Rule.FORGETTING)
    [unasked] = [one for one in report.nothing_said if "does not test this" in one.text]
    assert "forgetting" in unasked.text
    assert "precision" in unasked.text
    assert "verification" not in unasked.text


def contrasted(fixtures: ModuleType, plain: Iterable[int], other: Iterable[int]) -> Any:
    """Two arms on one base that differ in their precision, trained on 20 records each."""
    experiment = fixtures.small(range(30), {20: plain, 40: other})
    experiment.request.training[1].run.summary.pairs = 20
    comparison = fixtures.head_to_head("dpo-20", "dpo-40")
    experiment.request.head_to_head.append(comparison)
    experiment.request.contrasts.add(
        comparison=comparison,
        factor=reporter_pb2.FACTOR_PRECISION,
        baseline_value="nf4",
        treatment_value="bf16",
    )
    return experiment


def test_a_contrast_says_what_differs_and_what_it_did(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(contrasted(fixtures, range(30), range(50)))
    finding = only(report, Rule.PRECISION)
    assert finding.text.startswith(
        "Precision: dpo-40 (bf16) is better than dpo-20 (nf4), the same training otherwise, on "
        "humaneval: +20.0 pp (95% interval"
    )
    assert "adjusted over 3 comparisons" in finding.text
    assert not finding.nothing_said
    told = [one.text for one in of(report, Rule.DIFFERENCE)]
    assert not any("dpo-40" in text and "dpo-20" in text for text in told)


def test_a_contrast_without_a_difference_has_its_power(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    finding = only(report_of(contrasted(fixtures, range(30), range(1, 32))), Rule.PRECISION)
    assert finding.nothing_said
    assert "dpo-40 (bf16) cannot be told from dpo-20 (nf4)" in finding.text
    assert "could have shown a difference of about" in finding.text


def test_quality_against_quantity_has_the_number_of_records(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = contrasted(fixtures, range(30), range(50))
    experiment.request.contrasts[0].factor = reporter_pb2.FACTOR_QUALITY
    text = only(report_of(experiment), Rule.QUALITY).text
    start, _, rest = text.partition(" is better than ")
    assert start == "Quality against quantity: dpo-40 (bf16, 20 records)"
    assert rest.startswith("dpo-20 (nf4, 20 records), the same training otherwise")


@pytest.mark.parametrize(
    ("factor", "rule", "ends_with"),
    [
        ("DIVERSITY", Rule.DIVERSITY, "They differ in their number of records, too."),
        ("ROUNDS", Rule.ROUNDS, "They differ in their number of records, too."),
        # The numbers are what is asked about.
        ("QUALITY", Rule.QUALITY, "adjusted over 3 comparisons 5.7e−6)."),
    ],
)
def test_arms_with_other_numbers_of_records_are_not_said_to_be_the_same_otherwise(
    fixtures: ModuleType, report_of: ReportOf, factor: str, rule: Rule, ends_with: str
) -> None:
    experiment = contrasted(fixtures, range(30), range(50))
    contrast = experiment.request.contrasts[0]
    contrast.factor = reporter_pb2.Factor.Value(f"FACTOR_{factor}")
    contrast.baseline_value, contrast.treatment_value = "mbpp", "apps, mbpp"
    for training, records in zip(experiment.request.training, (100, 1_300), strict=True):
        training.run.summary.pairs = records
    text = only(report_of(experiment), rule).text
    assert (
        "dpo-40 (apps, mbpp, 1,300 records) is better than dpo-20 (mbpp, 100 records) on humaneval"
        in text
    )
    assert "the same training otherwise" not in text
    assert text.endswith(ends_with)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("factor", reporter_pb2.FACTOR_UNSPECIFIED, "factor: is required"),
        ("treatment_value", "nf4", "the arms do not differ"),
        ("baseline_value", "", "baseline_value: is required"),
    ],
)
def test_a_contrast_that_says_nothing_is_refused(
    fixtures: ModuleType, report_of: ReportOf, field: str, value: object, message: str
) -> None:
    experiment = contrasted(fixtures, range(30), range(50))
    setattr(experiment.request.contrasts[0], field, value)
    with pytest.raises(InvalidArgument, match=rf"contrasts\[0\].*{message}"):
        report_of(experiment)


def test_a_contrast_must_be_compared_and_once(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = contrasted(fixtures, range(30), range(50))
    experiment.request.contrasts.append(experiment.request.contrasts[0])
    with pytest.raises(InvalidArgument, match=r"contrasts\[1\]\.comparison: occurs twice"):
        report_of(experiment)
    experiment.request.contrasts[1].comparison.treatment = "dpo-80"
    with pytest.raises(InvalidArgument, match=r"contrasts\[1\]\.comparison: is not one of"):
        report_of(experiment)


def _curve(chosen: Sequence[float], margins: Sequence[float]) -> list[Step]:
    return [
        Step(step=number, loss=0.5, reward_chosen=reward, margin=margin)
        for number, (reward, margin) in enumerate(zip(chosen, margins, strict=True), start=1)
    ]


_NOISE = [0.1, -0.1] * 10


def _rewards(level: float) -> list[float]:
    return [level + noise for noise in _NOISE]


def test_likelihood_is_displaced_where_margins_rise_and_chosen_rewards_fall() -> None:
    def p_value(chosen: float, margin: float) -> float:
        found = displaced(_curve(_rewards(chosen), _rewards(margin)))
        assert found is not None
        return found.p_value

    assert p_value(-0.5, 1.0) < 1e-6
    assert p_value(0.5, 1.0) == 1
    # The margin falls too: that run goes the wrong way, which is another warning.
    assert p_value(-0.5, -1.0) == 1
    # Nothing but noise.
    assert p_value(-0.01, 1.0) > 0.5
    assert p_value(-0.5, 0.01) > 0.5


def test_only_the_second_half_of_a_run_counts_and_must_be_long_enough() -> None:
    early = [-5.0] * 10 + _rewards(0.5)[:10]
    found = displaced(_curve(early, _rewards(1.0)))
    assert found is not None
    assert found.chosen.estimate == pytest.approx(0.5)
    assert displaced(_curve([-1.0] * 15, [1.0] * 15)) is not None
    assert displaced(_curve([-1.0] * 14, [1.0] * 14)) is None
    assert displaced(_curve([math.nan] * 20, [1.0] * 20)) is None


def test_loss_and_score_need_five_arms(fixtures: ModuleType, report_of: ReportOf) -> None:
    finding = only(report_of(fixtures.small(range(30), {20: range(31), 40: range(30)})), Rule.LOSS)
    assert finding.nothing_said
    assert "5 arms are needed that share model and kind of loss (2 of model on humaneval)" in (
        finding.text
    )


def test_arms_trained_once_are_said_to_be(fixtures: ModuleType, report_of: ReportOf) -> None:
    once = report_of(fixtures.small(range(30), {20: range(31)}))
    assert any("The arm was trained once." in one.text for one in once.nothing_said)
    recipes = {20: [range(31), range(32)], 40: [range(32), range(33)]}
    several = report_of(fixtures.several_runs(range(30), recipes))
    assert not any("trained once" in one.text for one in several.nothing_said)


def laddered(fixtures: ModuleType, *passing: int) -> Any:
    """A base and a ladder of arms that pass so many of 100 tasks."""
    base, *rungs = passing
    sizes = {20 * number: range(count) for number, count in enumerate(rungs, start=1)}
    experiment = fixtures.small(range(base), sizes)
    trend = experiment.request.trends.add(benchmark="humaneval")
    trend.rungs.add(size=0, condition="base")
    for size in sizes:
        trend.rungs.add(size=size, condition=f"dpo-{size}")
    return experiment


def test_a_ladder_that_levels_off_is_said_to_with_both_slopes(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    finding = only(report_of(laddered(fixtures, 20, 40, 60, 60, 60)), Rule.SATURATION)
    assert not finding.nothing_said
    assert finding.text.startswith(
        "pass@1 on humaneval levels off above 40 pairs (base, dpo-20, dpo-40, dpo-60, dpo-80): up "
        "to 40 pairs it changes by +20.0 pp a rung (95% interval +15."
    )
    assert "from there by 0.0 pp" in finding.text


def test_a_ladder_that_goes_on_rising_is_not_said_to_level_off(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    finding = only(report_of(laddered(fixtures, 20, 35, 50, 65, 80)), Rule.SATURATION)
    assert finding.nothing_said
    assert finding.text.startswith("Whether pass@1 on humaneval levels off cannot be said")


@pytest.mark.parametrize("rule", [Rule.TREND, Rule.SATURATION])
def test_ladders_on_one_benchmark_are_told_apart(
    fixtures: ModuleType, report_of: ReportOf, rule: Rule
) -> None:
    """Two models, or arms that differ in their method."""
    experiment = laddered(fixtures, 20, 40, 60, 60)
    request = experiment.request
    other = laddered(fixtures, 20, 40, 60, 60)
    experiment.artifacts |= other.artifacts
    renamed = {one.name: f"other-{one.name}" for one in other.request.conditions}
    for message in other.request.conditions:
        message.name, message.model = renamed[message.name], "other"
        message.training = renamed.get(message.training, "")
        request.conditions.append(message)
    for message in other.request.training:
        message.name = renamed[message.name]
        request.training.append(message)
    for rung in other.request.trends[0].rungs:
        rung.condition = renamed[rung.condition]
    request.trends.append(other.request.trends[0])
    report = report_of(experiment)
    one, two = (finding.text for finding in of(report, rule))
    assert "(base, dpo-20, dpo-40, dpo-60" in one
    assert "(other-base, other-dpo-20, other-dpo-40, other-dpo-60" in two
    trends = json.loads(render_json(report))["trends"]
    assert [trend["conditions"][1] for trend in trends] == ["dpo-20", "other-dpo-20"]


def test_the_sizes_of_a_ladder_are_of_what_its_runs_were_trained_on(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.several_runs(range(30), {1: [range(40)], 2: [range(50)]})

    def said() -> list[str]:
        report = report_of(experiment)
        return [of(report, rule)[0].text for rule in (Rule.TREND, Rule.SATURATION)]

    trend, saturation = said()
    assert "from 0 to 2 pairs" in trend
    assert "up to 1 pair it changes" in saturation
    trainings = experiment.request.training
    fixtures.set_likelihood(experiment, [0.5, 0.4])
    assert "from 0 to 2 records" in said()[0], "answers and pairs"
    trainings.reverse()
    fixtures.set_likelihood(experiment, [0.5, 0.4])
    trend, saturation = said()
    assert "from 0 to 2 answers" in trend
    assert "up to 1 answer it changes" in saturation


def test_report_json_names_the_question_of_a_finding(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(contrasted(fixtures, range(30), range(50)))
    document = json.loads(render_json(report))
    rules = {finding["rule"] for finding in document["findings"]}
    assert {"precision", "difference", None} <= rules
    [contrast] = [h["contrast"] for h in document["head_to_head"] if h["contrast"]]
    assert contrast == {"factor": "precision", "baseline_value": "nf4", "treatment_value": "bf16"}
    assert {h["test"] for h in document["head_to_head"]} == {"exact McNemar"}
