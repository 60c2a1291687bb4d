"""Every rule that makes a sentence, and the numbers behind it."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from rlvf_common.statistics.intervals import holm, smallest_detectable_difference
from rlvf_common.statistics.results import AnswerShares, PublishedRecord
from rlvf_reporter.findings.find import headline
from rlvf_reporter.markdown import text
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Level, Outcome, Report

ReportOf = Callable[[Any], Report]


def texts(report: Report, level: Level) -> list[str]:
    return [finding.text for finding in report.findings if finding.level is level]


def only(found: list[str], part: str) -> str:
    matching = [text for text in found if part in text]
    assert len(matching) == 1, found
    return matching[0]


def test_no_difference_is_said_plainly_with_what_could_have_been_seen(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(range(30), {20: range(1, 32)}))
    text = only(texts(report, Level.RESULT), "not distinguishable")
    assert "dpo-20 is not distinguishable from base on humaneval: +1.0 pp (95% interval" in text
    assert "2 improved and 1 regressed of 100 tasks; exact McNemar p = 1.00)" in text
    assert re.search(r"could have shown a difference of about \d+\.\d pp \(power 80%\)", text)
    assert headline(report) == (
        "The only comparison shows no difference distinguishable from chance."
    )


def test_several_adapters_without_difference_make_one_sentence(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(range(30), {20: range(32), 40: range(34)}))
    text = only(texts(report, Level.RESULT), "No adapter differs from base on humaneval")
    assert "the smallest adjusted p is 0.25 (dpo-40, +4.0 pp, 95% interval" in text
    assert "2 comparisons of 100 tasks" in text
    assert headline(report) == (
        "None of 2 comparisons shows a difference distinguishable from chance."
    )


def test_an_improvement_carries_interval_flips_and_adjusted_p(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(range(30), {20: range(50), 40: range(31)}))
    text = only(texts(report, Level.RESULT), "improves on")
    assert text.startswith("dpo-20 improves on base on humaneval: +20.0 pp (95% interval +13.")
    assert "20 improved and 0 regressed of 100 tasks" in text
    assert "p = 1.9e−6, adjusted over 2 comparisons 3.8e−6" in text
    assert headline(report) == "Of 2 comparisons: 1 better, 1 not distinguishable."


def test_a_regression_is_called_worse(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.small(range(50), {20: range(30)}))
    assert report.head_to_head[0].outcome is Outcome.WORSE
    assert only(texts(report, Level.RESULT), "dpo-20 is worse than base on humaneval: −20.0 pp")


def test_a_p_value_that_luck_explains_is_no_difference(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(range(30), {20: range(36), 40: range(31), 80: range(30)}))
    lucky = report.head_to_head[0]
    assert lucky.found.p_value < 0.05 < (lucky.p_value_adjusted or 0)
    assert lucky.outcome is Outcome.NOT_DISTINGUISHABLE
    text = only(texts(report, Level.RESULT), "Taken alone, dpo-20 against base (p = 0.031)")
    assert "among 3 comparisons chance can explain it" in text


def test_p_values_are_adjusted_over_the_claims_of_one_benchmark_without_the_noise_floor(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.build())
    for benchmark in report.benchmarks:
        claims = [h for h in report.comparisons_on(benchmark) if not h.noise_floor]
        assert len(claims) == 5
        assert [h.p_value_adjusted for h in claims] == holm([h.found.p_value for h in claims])
        floors = [h for h in report.comparisons_on(benchmark) if h.noise_floor]
        assert [(h.treatment, h.p_value_adjusted, h.outcome) for h in floors] == [
            ("base-3b-again", None, None)
        ]


def test_nothing_is_rounded_before_it_is_subtracted(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.build())
    for condition in report.conditions:
        own = report.comparison_of(condition)
        if own is None:
            assert condition.name in ("base-3b", "base-15b")
            continue
        base = report.runs(own.baseline, condition.benchmark)[0]
        assert own.found.delta == pytest.approx((condition.passed - base.passed) / base.tasks)


def test_what_could_have_been_shown_counts_the_comparisons(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    """At the level of Holm's first step over the claims; a control is none of them."""
    experiment = fixtures.small(range(30), {20: range(36), 40: range(31)}, again=range(3, 34))
    control, *claims = report_of(experiment).head_to_head
    assert control.noise_floor
    assert control.found.smallest_detectable == smallest_detectable_difference(100, 0.07)
    for claim in claims:
        assert claim.found.smallest_detectable == smallest_detectable_difference(
            100, claim.flipped / 100, alpha=0.05 / 2
        )


def test_the_noise_floor_is_told(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.small(range(30), {20: range(31)}, again=range(3, 34)))
    text = only(texts(report, Level.RESULT), "Noise floor")
    assert "evaluated twice, base flips 7 of 100 tasks on humaneval (+1.0 pp, 95% interval" in text


def test_a_base_that_repeats_itself_has_no_noise(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.small(range(30), {20: range(31)}, again=range(30)))
    text = only(texts(report, Level.RESULT), "Noise floor")
    assert "has the same outcome on all 100 tasks of humaneval" in text


def test_a_missing_noise_floor_is_noted(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.small(range(30), {20: range(31)}))
    assert only(texts(report, Level.NOTE), "No base model was evaluated twice on humaneval")


def test_a_benchmark_that_cannot_show_a_regression_is_named(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(range(5), {20: range(0)}))
    text = only(texts(report, Level.WARNING), "base passes only 5 of 100 tasks")
    assert "no regression can be shown" in text
    report = report_of(fixtures.small(range(6), {20: range(0)}))
    assert not [t for t in texts(report, Level.WARNING) if "only" in t]
    assert report.head_to_head[0].outcome is Outcome.WORSE


def test_a_regression_that_several_runs_can_show_is_not_said_to_be_hidden(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    """The t test over tasks and runs needs no six tasks that flip."""
    experiment = fixtures.several_runs(range(5), {20: [range(0), range(0)]}, tasks=164)
    del experiment.request.trends[:]
    report = report_of(experiment)
    assert report.head_to_head[0].outcome is Outcome.WORSE
    assert not [t for t in texts(report, Level.WARNING) if "can be shown" in t]

    alone = fixtures.result("humaneval", 164, lambda t, s: t < 1)
    experiment.request.training.append(fixtures.training(experiment, "alone", 20, 12, 0.6))
    experiment.request.conditions.append(
        fixtures.condition(experiment, "alone", "model", alone, "alone")
    )
    experiment.request.head_to_head.append(fixtures.head_to_head("base", "alone"))
    text = only(texts(report_of(experiment), Level.WARNING), "base passes only 5 of 164 tasks")
    assert "so no regression of alone can be shown here" in text


def test_a_diverged_run_is_warned_of_and_its_score_disowned(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.build())
    text = only(texts(report, Level.WARNING), "dpo-2052-3b diverged")
    assert "stopped after 43 steps: the loss of step 43 is not a number. Its scores" in text
    assert not [t for t in texts(report, Level.NOTE) if t.startswith("dpo-2052-3b")]


def test_likelihood_displacement_is_passed_on(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.build())
    text = only(texts(report, Level.WARNING), "likelihood displacement")
    assert text.startswith("Training of dpo-2052-15b (129 steps)")


@pytest.mark.parametrize(
    ("losses", "part"),
    [
        ([0.75], "first preference loss of dpo-20 is 0.7500, not ln 2 = 0.6931"),
        ([math.nan], "first preference loss of dpo-20 is not a number"),
        ([0.8] * 12, "went the wrong way: its mean preference loss is 0.8000 over 12 steps"),
    ],
)
def test_a_run_that_starts_or_goes_wrong_is_warned_of(
    fixtures: ModuleType, report_of: ReportOf, losses: list[float], part: str
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    fixtures.set_curve(experiment, losses=losses)
    assert only(texts(report_of(experiment), Level.WARNING), part)


def test_a_run_with_ipo_is_held_against_the_indifference_of_ipo(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    experiment.request.training[0].run.summary.indifference_loss = 25.0
    fixtures.set_curve(experiment, losses=[25.1] + [24.8] * 11)
    assert not [t for t in texts(report_of(experiment), Level.WARNING) if "preference loss" in t]
    fixtures.set_curve(experiment, losses=[26.0] * 12)
    text = only(texts(report_of(experiment), Level.WARNING), "went the wrong way")
    assert "26.0000 over 12 steps, above indifference = 25." in text


def test_a_run_that_hardly_moved_the_model_is_warned_of_in_the_trainer_s_words(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    fixtures.set_curve(experiment, last_margin=0.04)
    detail = "the policy ends nearly where it began"
    experiment.request.training[0].run.summary.detail = detail
    report = report_of(experiment)
    assert "last margin 0.040." in only(
        texts(report, Level.NOTE), "dpo-20 trained for 12 steps on 20 pairs"
    )
    assert only(texts(report, Level.WARNING), f"Training of dpo-20 (12 steps): {detail}.")


def test_a_run_that_went_on_from_an_adapter_need_not_begin_at_indifference(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    experiment.request.training[0].run.summary.went_on = True
    fixtures.set_curve(experiment, losses=[0.4])
    assert not [t for t in texts(report_of(experiment), Level.WARNING) if "first preference" in t]


def test_empty_and_truncated_answers_are_warned_of(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    answers = AnswerShares(empty=71, unparseable=9, truncated=10, missing_entry_point=0)
    report = report_of(fixtures.small(range(12), {20: range(13)}, answers=answers))
    warnings = texts(report, Level.WARNING)
    assert only(warnings, "humaneval are empty: base 71 of 100 (71.0%).")
    assert only(warnings, "humaneval are cut off at the token limit: base 10 of 100 (10.0%).")
    assert not [text for text in warnings if "not Python" in text]


def test_conditions_graded_under_different_policies_are_warned_of(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    graded = replace(
        fixtures.calibration("humaneval", 100),
        executor_policy_sha256=fixtures.digest("another policy"),
    )
    fixtures.set_result(experiment, 1, calibration=graded)
    assert only(
        texts(report_of(experiment), Level.WARNING),
        "was made with the same calibrated executor policy",
    )


def test_warnings_come_first(fixtures: ModuleType, report_of: ReportOf) -> None:
    levels = [finding.level for finding in report_of(fixtures.build()).findings]
    assert levels == sorted(levels, key=list(Level).index)
    assert set(levels) == set(Level)


def test_no_difference_is_told_without_its_interval_and_n(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    for finding in report_of(fixtures.build()).findings:
        if " pp" in finding.text:
            assert "95% interval" in finding.text
            assert " tasks" in finding.text


def test_several_samples_a_task_are_reported(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.Experiment()
    request = experiment.request
    request.experiment = "Fixture: four samples"
    base = fixtures.result("humaneval", 40, lambda t, s: (t + s) % 4 == 0, samples=4)
    again = fixtures.result("humaneval", 40, lambda t, s: (t + s) % 3 == 0, samples=4)
    request.conditions.append(fixtures.condition(experiment, "base", "a", base))
    request.conditions.append(fixtures.condition(experiment, "other", "b", again))
    request.head_to_head.append(fixtures.head_to_head("base", "other"))
    report = report_of(experiment)
    assert [(c.tasks, c.samples) for c in report.conditions] == [(40, 160), (40, 160)]
    # Two models, so this is a claim.
    assert report.head_to_head[0].outcome is not None
    (compared,) = report.head_to_head
    # Half the interval is 1.96 standard errors; 1.96 + 0.84 of them are found four times in five.
    half = (compared.found.ci95.high - compared.found.ci95.low) / 2
    assert compared.found.smallest_detectable == pytest.approx(half * 2.8016 / 1.9600, rel=1e-3)


def test_a_noise_floor_of_several_samples_is_not_called_the_same(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    """No task comes to a half, and yet the rates differ."""
    experiment = fixtures.Experiment()
    request = experiment.request
    request.experiment = "Fixture: eight samples"
    base = fixtures.result("humaneval", 40, lambda t, s: t < 10 and s < 2, samples=8)
    again = fixtures.result("humaneval", 40, lambda t, s: t < 14 and s < 2, samples=8)
    request.conditions.append(fixtures.condition(experiment, "base", "a", base))
    request.conditions.append(fixtures.condition(experiment, "base-again", "a", again))
    request.head_to_head.append(fixtures.head_to_head("base", "base-again"))
    text = only(texts(report_of(experiment), Level.RESULT), "Noise floor")
    assert "flips 0 of 40 tasks on humaneval (+2.5 pp" in text


def test_a_condition_that_is_compared_twice_shows_the_baseline_that_comes_first(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(36)}, again=range(2, 32))
    experiment.request.head_to_head.insert(0, fixtures.head_to_head("base-again", "dpo-20"))
    report = report_of(experiment)
    own = report.comparison_of(report.runs("dpo-20", "humaneval")[0])
    assert own is not None
    assert own.baseline == "base"
    assert len([h for h in report.head_to_head if h.p_value_adjusted is not None]) == 2


def test_the_family_counts_the_comparisons_that_did_differ(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(range(30), {20: range(60), 40: range(36), 80: range(30)}))
    text = only(texts(report, Level.RESULT), "no difference is distinguishable from chance in")
    assert "dpo-40 against base, dpo-80 against base" in text
    assert "adjusted over 3 comparisons of 100 tasks" in text
    assert (
        "Taken alone, dpo-40 against base (p = 0.031) would count as a difference; among 3" in text
    )


@pytest.mark.parametrize(
    ("published", "level", "place"),
    [(0.317, Level.NOTE, "within"), (0.7, Level.WARNING, "outside")],
)
def test_a_published_score_stands_beside_the_measured_one(
    fixtures: ModuleType, report_of: ReportOf, published: float, level: Level, place: str
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    fixtures.set_result(experiment, 0, published=PublishedRecord(published, "a paper"))
    text = only(texts(report_of(experiment), level), "(a paper), measured here 30.0%")
    assert f"lies {place} the interval" in text


def test_pairs_that_length_or_format_give_away_are_a_warning(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    pairs = fixtures.add_pairs(experiment)
    clean = texts(report_of(experiment), Level.WARNING)
    assert not any("tell chosen from rejected" in text for text in clean)
    pairs.audit_after.CopyFrom(pairs.audit_before)
    text = only(texts(report_of(experiment), Level.WARNING), "tell chosen from rejected")
    assert "with AUC 0.69 (95% interval 0.64 to 0.74" in text
    assert "most telling: mean line" in text


def test_every_training_set_that_fails_its_own_audit_is_a_warning(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    pairs = fixtures.add_pairs(experiment)
    readings = [(0.55, 0.001), (0.9, 0.051), (0.6, 0.0025), (0.58, 0.0025)]
    paired = [0.5, 0.5, 0.61, 0.6]
    for rung, (auc, p_value), paired_auc in zip(pairs.ladder, readings, paired, strict=True):
        rung.audit.CopyFrom(pairs.audit_before)
        rung.audit.auc, rung.audit.paired_auc, rung.audit.p_value = auc, paired_auc, p_value
    text = only(texts(report_of(experiment), Level.WARNING), "tell chosen from rejected")
    assert text.startswith("In the training set of the first 1,000 pairs length and format tell")
    assert "with AUC 0.61 (95% interval 0.64 to 0.74" in text


def test_pairs_that_could_not_be_audited_are_a_warning(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    pairs = fixtures.add_pairs(experiment)
    pairs.ClearField("audit_after")
    only(texts(report_of(experiment), Level.WARNING), "too few problems to tell")


def test_pairs_of_another_model_are_a_warning_that_names_it(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    pairs = fixtures.add_pairs(experiment)
    pairs.off_policy = True
    pairs.sampler = "another-model"
    only(texts(report_of(experiment), Level.WARNING), "off-policy: another-model wrote")


def test_a_report_opens_with_five_findings_at_most_and_tells_each_once(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.build())
    groups = (report.main_findings, report.nothing_said, report.further_findings)
    told = [finding for group in groups for finding in group]
    assert sorted(told, key=report.findings.index) == list(report.findings)
    assert len(report.main_findings) == 5
    weights = [finding.weight for finding in report.main_findings]
    assert weights == sorted(weights, reverse=True)
    left = [f.weight for f in report.further_findings]
    assert max(left) <= min(weights)


def test_what_cannot_be_said_is_no_main_finding(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.small(range(12), {20: range(13)}))
    assert any("not distinguishable" in one.text for one in report.nothing_said)
    assert not any("not distinguishable" in one.text for one in report.main_findings)


def test_markdown_opens_with_the_answer_and_folds_the_rest(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.build())
    opening, _, rest = render_markdown(report).decode().partition("<details>")
    for finding in (*report.main_findings, *report.nothing_said):
        assert text(finding.text) in opening
    for finding in report.further_findings:
        assert text(finding.text) in rest
    # Outside of the folds there are only headings and findings.
    assert "| condition" not in opening
    assert rest.count("<details>") + 1 == rest.count("</details>") == rest.count("<summary>")
