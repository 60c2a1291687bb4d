"""Planted effects: one beyond its control, one equal to its control, none at all; and the outcome
that was declared before the run."""

import json
import re
from collections.abc import Callable
from statistics import fmean
from types import ModuleType
from typing import Any

import pytest

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.statistics.intervals import holm
from rlvf_reporter.findings.find import headline
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Level, Outcome, Report

ReportOf = Callable[[Any], Report]
CONTROL = {"rft": "rft-unverified"}
BEYOND = {"rft": 0.55, "rft-unverified": 0.42}
FORM = {"rft": 0.45, "rft-unverified": 0.45}
NOTHING = {"rft": 0.30, "rft-unverified": 0.30}


def _texts(report: Report, level: Level = Level.RESULT) -> list[str]:
    return [finding.text for finding in report.findings if finding.level is level]


def _conclusions(report: Report) -> dict[str, str]:
    return {row["arm"]: row["conclusion"] for row in json.loads(render_json(report))["arms"]}


def test_an_effect_beyond_its_control_is_said_to_work(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.controlled(0.3, BEYOND, CONTROL))
    (text,) = (text for text in _texts(report) if text.startswith("rft works on humaneval"))
    base, control = (
        next(h for h in report.head_to_head if (h.treatment, h.baseline) == ("rft", name))
        for name in ("base", "rft-unverified")
    )
    assert f"it is better than base, +{100 * base.found.delta:.1f} pp (95% interval" in text
    assert (
        "and better than its control rft-unverified, the same training without verification, "
        f"+{100 * control.found.delta:.1f} pp (95% interval" in text
    )
    assert text.count("adjusted over 3 comparisons") == 2
    assert _conclusions(report) == {"rft": "works"}
    # Both comparisons are told, so nobody tells them again.
    assert sum("rft " in text and "base" in text for text in _texts(report)) == 1


def test_an_effect_equal_to_its_control_is_said_to_be_form(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.controlled(0.3, FORM, CONTROL))
    (text,) = (text for text in _texts(report) if "form, not verification" in text)
    assert text.startswith("On humaneval rft is better than base, +")
    assert "), but it cannot be told from its control rft-unverified, the same training" in text
    assert re.search(r"could have shown a difference of about \d+\.\d pp \(power 80%\)", text)
    assert not any("works" in text for text in _texts(report))
    assert _conclusions(report) == {"rft": "form, not verification"}


def test_nothing_is_claimed_of_an_arm_without_effect(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.controlled(0.3, NOTHING, CONTROL))
    assert _conclusions(report) == {"rft": "not better than its base"}
    text = next(text for text in _texts(report) if "no difference is distinguishable" in text)
    assert "rft against base, rft-unverified against base, rft against rft-unverified" in text
    for claim in ("works", "improves", "is better than", "form, not verification"):
        assert not any(claim in text for text in _texts(report))
    # It was asked: the control was compared.
    (unasked,) = (text for text in _texts(report, Level.NOTE) if "does not test this" in text)
    assert "verification" not in unasked


def test_an_arm_whose_control_does_better_is_not_said_to_work(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    arms = {"rft": 0.45, "rft-unverified": 0.60}
    report = report_of(fixtures.controlled(0.3, arms, CONTROL))
    (text,) = (text for text in _texts(report) if "Verification did not do it" in text)
    assert "worse than its control" in text
    assert _conclusions(report) == {"rft": "worse than its control"}


def test_an_arm_that_beats_only_its_control_does_not_work(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    arms = {"rft": 0.45, "rft-unverified": 0.30}
    report = report_of(fixtures.controlled(0.45, arms, CONTROL))
    (text,) = (text for text in _texts(report) if text.startswith("rft does not work"))
    assert "it cannot be told from base" in text
    assert "though it is better than its control" in text
    assert _conclusions(report) == {"rft": "not better than its base"}


def test_an_arm_must_beat_every_control(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.controlled(0.3, {**BEYOND, "rft-shuffled": 0.55}, CONTROL)
    second = fixtures.head_to_head("rft-shuffled", "rft")
    experiment.request.head_to_head.append(second)
    assert _conclusions(report_of(experiment))["rft"] == "works"
    experiment.request.controls.append(second)
    report = report_of(experiment)
    assert _conclusions(report) == {"rft": "form, not verification"}
    (text,) = (text for text in _texts(report) if "form, not verification" in text)
    assert "its controls, the same training without verification: rft-unverified (better), " in text
    assert "; rft-shuffled (not distinguishable), " in text


def test_of_an_arm_without_control_nothing_is_said_of_verification(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.controlled(0.3, {**BEYOND, "dpo": 0.5}, CONTROL))
    (text,) = (text for text in _texts(report) if text.startswith("Nothing can be said"))
    assert text == (
        "Nothing can be said of what verification did for dpo on humaneval: no control of it, the "
        "same training without verification, was compared."
    )
    assert any(text.startswith("dpo improves on base") for text in _texts(report))
    assert _conclusions(report) == {"rft": "works", "dpo": "no control"}
    # Where nothing is claimed, it is a note.
    report = report_of(fixtures.controlled(0.3, {"dpo": 0.3}, {}))
    assert any(t.startswith("Nothing can be said") for t in _texts(report, Level.NOTE))
    assert not any(t.startswith("Nothing can be said") for t in _texts(report))


def test_an_arm_that_was_not_compared_with_its_base_is_not_said_to_work(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.controlled(0.3, BEYOND, CONTROL)
    del experiment.request.head_to_head[0]
    report = report_of(experiment)
    assert any(text.startswith("Whether rft works on humaneval is not") for text in _texts(report))
    assert _conclusions(report) == {"rft": "no base"}


def test_a_control_is_no_arm_itself(fixtures: ModuleType, report_of: ReportOf) -> None:
    """Also where only its data say that it is one."""
    experiment = fixtures.controlled(0.3, BEYOND, {})
    assert set(_conclusions(report_of(experiment))) == {"rft", "rft-unverified"}
    runs = [f"rft-unverified-seed-{seed}" for seed in range(3)]
    fixtures.add_answers(
        experiment,
        "unverified",
        runs,
        passed=90,
        verdicts=pair_generator_pb2.VERDICTS_SHUFFLED,
    )
    assert set(_conclusions(report_of(experiment))) == {"rft"}


@pytest.mark.parametrize(
    ("verdicts", "arms"),
    [
        (pair_generator_pb2.VERDICTS_SHUFFLED, {"rft"}),
        (pair_generator_pb2.VERDICTS_TRUE, {"rft", "rft-unverified"}),
        # Made before pairs said so.
        (pair_generator_pb2.VERDICTS_UNSPECIFIED, {"rft", "rft-unverified"}),
    ],
)
def test_pairs_of_shuffled_verdicts_make_a_control(
    fixtures: ModuleType,
    report_of: ReportOf,
    verdicts: pair_generator_pb2.Verdicts.ValueType,
    arms: set[str],
) -> None:
    experiment = fixtures.controlled(0.3, BEYOND, {})
    runs = [f"rft-unverified-seed-{seed}" for seed in range(3)]
    fixtures.add_pairs(experiment, "pairs", runs).verdicts = verdicts
    assert set(_conclusions(report_of(experiment))) == arms


def test_a_control_of_another_size_is_a_warning(fixtures: ModuleType, report_of: ReportOf) -> None:
    experiment = fixtures.controlled(0.3, BEYOND, CONTROL)
    assert not any("more than verification" in t for t in _texts(report_of(experiment)))
    for run in experiment.request.training[3:]:
        run.run.summary.pairs = 120
    warnings = _texts(report_of(experiment), Level.WARNING)
    assert (
        "rft-unverified was trained on 120 records and rft on 303: they differ in more than "
        "verification." in warnings
    )


def test_controls_are_records_of_report_json(fixtures: ModuleType, report_of: ReportOf) -> None:
    report = report_of(fixtures.controlled(0.3, BEYOND, CONTROL))
    (control,) = json.loads(render_json(report))["controls"]
    compared = report.head_to_head[2]
    assert control == {
        "arm": "rft",
        "control": "rft-unverified",
        "benchmark": "humaneval",
        "delta": compared.found.delta,
        "ci95": list(compared.found.ci95),
        "p_value": compared.found.p_value,
        "p_value_adjusted": compared.p_value_adjusted,
        "outcome": "better",
    }
    assert compared.p_value_adjusted is not None


def test_the_primary_outcome_leaves_the_family(fixtures: ModuleType, report_of: ReportOf) -> None:
    without = report_of(fixtures.controlled(0.3, BEYOND, CONTROL))
    report = report_of(fixtures.controlled(0.3, BEYOND, CONTROL, primary=("base", "rft")))
    first, second, third = report.head_to_head
    assert first.primary
    assert first.p_value_adjusted is None
    assert first.outcome is Outcome.BETTER
    assert [second.p_value_adjusted, third.p_value_adjusted] == holm(
        [second.found.p_value, third.found.p_value]
    )
    # It could have shown more than as one of three, the others more than beside a third.
    for one, other in zip(report.head_to_head, without.head_to_head, strict=True):
        assert one.found.smallest_detectable < other.found.smallest_detectable
        assert one.found.p_value == other.found.p_value


def test_the_primary_outcome_is_judged_by_its_own_p_value(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    """Alone it is a difference; among three it would be none."""
    experiment = fixtures.small(range(30), {20: range(36), 40: range(31), 80: range(30)})
    assert report_of(experiment).head_to_head[0].outcome is Outcome.NOT_DISTINGUISHABLE
    experiment.request.primary.CopyFrom(fixtures.head_to_head("base", "dpo-20"))
    report = report_of(experiment)
    assert report.head_to_head[0].outcome is Outcome.BETTER
    text = next(text for text in _texts(report) if text.startswith("dpo-20 improves on base"))
    assert "p = 0.031, not adjusted" in text
    text = next(text for text in _texts(report) if "no difference is distinguishable" in text)
    assert "adjusted over 2 comparisons" in text
    assert "dpo-20" not in text


def test_the_report_opens_with_the_primary_outcome(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.controlled(0.3, BEYOND, CONTROL, primary=("base", "rft")))
    primary, _, control = report.head_to_head
    opening = headline(report)
    assert opening.startswith(
        "Primary outcome, declared before the run: rft is better than base on humaneval: "
        f"+{100 * primary.found.delta:.1f} pp (95% interval "
    )
    assert (
        "not adjusted; 200 tasks × 4 samples × 3 runs of rft and 4 samples × 1 run of base)"
        in opening
    )
    assert (
        f"; against its control rft-unverified +{100 * control.found.delta:.1f} pp (95% interval"
        in opening
    )
    assert opening.endswith("), better. Of 2 further comparisons: 2 better.")
    # It is not told again beside itself.
    assert opening.count("against") == 1
    assert json.loads(render_json(report))["headline"] == opening
    markdown = render_markdown(report).decode().split("\n")
    assert markdown[2] == opening
    page = render_html(report).decode()
    assert f'<p class="headline">{opening}</p>' in page


def test_a_primary_outcome_against_the_control_tells_the_base_beside_it(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.controlled(0.3, FORM, CONTROL, primary=("rft-unverified", "rft")))
    opening = headline(report)
    assert "rft is not distinguishable from rft-unverified, its control, on humaneval" in opening
    assert "; 200 tasks × 4 samples × 3 runs); against" in opening
    assert "; against base +" in opening
    (control,) = json.loads(render_json(report))["controls"]
    assert control["p_value_adjusted"] is None


def test_the_primary_outcome_is_a_record_of_report_json(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.controlled(0.3, BEYOND, CONTROL, primary=("base", "rft")))
    document = json.loads(render_json(report))
    found = report.head_to_head[0].found
    scores = {row["name"]: row["pass_at_1"] for row in document["conditions"]}
    assert document["primary"] == {
        "arm": "rft",
        "baseline": "base",
        "benchmark": "humaneval",
        "delta": found.delta,
        "ci95": list(found.ci95),
        "p_value": found.p_value,
        "baseline_score": scores["base"],
        "treatment_score": fmean(scores[f"rft-seed-{seed}"] for seed in range(3)),
        "outcome": "better",
    }
    assert document["primary"]["treatment_score"] - document["primary"][
        "baseline_score"
    ] == pytest.approx(found.delta)
    assert [h["role"] for h in document["head_to_head"]] == ["primary", "claim", "claim"]
    assert [h["against_control"] for h in document["head_to_head"]] == [False, False, True]


def test_a_report_without_primary_and_controls_says_so_to_programs(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    report = report_of(fixtures.small(range(30), {20: range(31)}))
    document = json.loads(render_json(report))
    assert document["primary"] is None
    assert document["controls"] == []
    for form in (render_markdown(report), render_html(report)):
        assert "Arms and their controls" not in form.decode()


@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_arms_and_controls_are_a_table(
    fixtures: ModuleType, report_of: ReportOf, render: Callable[[Report], bytes]
) -> None:
    report = report_of(fixtures.controlled(0.3, FORM, CONTROL, primary=("base", "rft")))
    words = re.sub(r"<[^>]+>|[|\s]+", " ", render(report).decode())
    words = re.sub(r" +", " ", words)
    assert "Arms and their controls" in words
    assert "form, not verification" in words[words.index("Arms and their controls") :]
    assert "primary" in words


def _primary(baseline: str, treatment: str) -> Callable[[ModuleType, Any], None]:
    def change(fixtures: ModuleType, experiment: Any) -> None:
        experiment.request.primary.CopyFrom(fixtures.head_to_head(baseline, treatment))

    return change


def _base_again(fixtures: ModuleType, experiment: Any) -> None:
    request = experiment.request
    again = fixtures.condition(
        experiment,
        "base-again",
        "model",
        fixtures.result("humaneval", 200, fixtures.drawn("again", 0.3, 4), samples=4),
    )
    request.conditions.append(again)
    request.head_to_head.append(fixtures.head_to_head("base", "base-again"))
    request.primary.CopyFrom(request.head_to_head[-1])


def _unknown_control(fixtures: ModuleType, experiment: Any) -> None:
    experiment.request.controls[0].baseline = "rft"


def _control_twice(fixtures: ModuleType, experiment: Any) -> None:
    experiment.request.controls.append(experiment.request.controls[0])


def _base_as_control(fixtures: ModuleType, experiment: Any) -> None:
    experiment.request.controls.append(fixtures.head_to_head("base", "rft"))


def _verified_control(fixtures: ModuleType, experiment: Any) -> None:
    fixtures.add_answers(experiment, "answers", ["rft-unverified-seed-1"])


def _verified_pairs_as_control(fixtures: ModuleType, experiment: Any) -> None:
    pairs = fixtures.add_pairs(experiment, "pairs", ["rft-unverified-seed-1"])
    pairs.verdicts = pair_generator_pb2.VERDICTS_TRUE


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_primary("base", "dpo"), "primary"),
        (_primary("rft", "rft-unverified"), "primary"),
        (_base_again, "primary"),
        (_unknown_control, "controls[0]"),
        (_control_twice, "controls[1]"),
        (_base_as_control, "controls[1].baseline"),
        (_verified_control, "controls[0].baseline"),
        (_verified_pairs_as_control, "controls[0].baseline"),
    ],
)
def test_what_is_no_outcome_or_no_control_is_refused(
    fixtures: ModuleType,
    report_of: ReportOf,
    change: Callable[[ModuleType, Any], None],
    field: str,
) -> None:
    experiment = fixtures.controlled(0.3, BEYOND, CONTROL)
    change(fixtures, experiment)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == field
