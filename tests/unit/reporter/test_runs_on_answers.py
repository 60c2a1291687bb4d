"""A training run on answers: it has no margin, and no loss to begin at."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_reporter.page.curves import curve_figures
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Level, Report

ReportOf = Callable[[Any], Report]
LOSSES = [0.9, 0.8, 0.7, 0.6]


@pytest.fixture
def experiment(fixtures: ModuleType) -> Any:
    """A base and a model that learned from 20 answers."""
    made = fixtures.small(range(30), {20: range(31)})
    fixtures.set_likelihood(made, LOSSES)
    return made


def texts(report: Report, level: Level) -> list[str]:
    return [finding.text for finding in report.findings if finding.level is level]


def test_it_is_noted_by_its_loss_and_no_preference_rule_judges_it(
    experiment: Any, report_of: ReportOf
) -> None:
    report = report_of(experiment)
    [note] = [text for text in texts(report, Level.NOTE) if text.startswith("dpo-20 trained")]
    assert "on 20 answers in" in note
    assert ": loss 0.9000 at the first step, 0.6000 at the last, 0.7500 on average, nats" in note
    assert "margin" not in note
    assert not [t for t in texts(report, Level.WARNING) if "dpo-20" in t and "loss" in t]


def test_the_entropy_before_and_after_is_noted_where_it_is_known(
    experiment: Any, report_of: ReportOf
) -> None:
    assert not [t for t in texts(report_of(experiment), Level.NOTE) if "entropy" in t]
    summary = experiment.request.training[0].run.summary
    summary.first_entropy, summary.last_entropy = 0.41, 0.3
    [note] = [t for t in texts(report_of(experiment), Level.NOTE) if "entropy" in t]
    assert note.endswith("went from 0.410 to 0.300 nats.")


def test_every_form_leaves_out_the_margin(experiment: Any, report_of: ReportOf) -> None:
    report = report_of(experiment)
    [training] = json.loads(render_json(report))["training"]
    assert (training["last_margin"], training["indifference"]) == (None, None)
    for form in (render_markdown(report).decode(), render_html(report).decode()):
        assert "A run on answers has no margin" in form
        assert "preference term alone" not in form
        assert "not a number" not in form


def test_its_curves_are_loss_log_probability_and_gradient(
    experiment: Any, report_of: ReportOf
) -> None:
    [training] = report_of(experiment).training
    figures = curve_figures(training)
    assert [figure.title for figure in figures] == [
        "Loss (nats a token)",
        "Log-probability of an answer (nats)",
        "Gradient norm",
    ]
    assert figures[0].rule is None


def test_beside_a_run_on_pairs_both_kinds_of_loss_are_explained(
    fixtures: ModuleType, experiment: Any, report_of: ReportOf
) -> None:
    experiment.request.training.append(fixtures.training(experiment, "dpo-40", 40, 4, 0.5))
    report = report_of(experiment)
    for form in (render_markdown(report).decode(), render_html(report).decode()):
        assert "A run on answers has no margin" in form
        assert "preference term alone" in form


def test_what_the_trainer_warned_of_is_a_warning(
    fixtures: ModuleType, experiment: Any, report_of: ReportOf
) -> None:
    fixtures.set_likelihood(experiment, LOSSES, "3 of 20 answers cut at max_length")
    assert "Training of dpo-20 (4 steps): 3 of 20 answers cut at max_length." in texts(
        report_of(experiment), Level.WARNING
    )


def test_a_diverged_run_says_how_many_answers_it_was_for(
    experiment: Any, report_of: ReportOf
) -> None:
    summary = experiment.request.training[0].run.summary
    summary.stopped_because = trainer_pb2.STOPPED_BECAUSE_DIVERGED
    [text] = [t for t in texts(report_of(experiment), Level.WARNING) if "diverged" in t]
    assert "not the effect of 20 answers" in text


@pytest.mark.parametrize(("name", "value"), [("mean_loss", 0.1), ("last_margin", 0.5)])
def test_a_summary_that_its_metrics_contradict_is_refused(
    experiment: Any, report_of: ReportOf, name: str, value: float
) -> None:
    setattr(experiment.request.training[0].run.summary, name, value)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == f"training[0].run.summary.{name}"


def test_metrics_of_pairs_are_not_those_of_answers(experiment: Any, report_of: ReportOf) -> None:
    experiment.request.training[0].run.summary.loss = trainer_pb2.LOSS_SIGMOID
    with pytest.raises(InvalidArgument, match="preference_loss"):
        report_of(experiment)


def test_a_validated_run_says_which_checkpoint_it_is(experiment: Any, report_of: ReportOf) -> None:
    training = experiment.request.training[0]
    training.run.summary.stopped_because = trainer_pb2.STOPPED_BECAUSE_ASKED
    for step, passed in ((2, 10), (4, 30), (6, 20)):
        training.validation.add(step=step, passed=passed, samples=80)
    report = report_of(experiment)
    for form in (render_markdown(report).decode(), render_html(report).decode()):
        assert "The adapter is that of step 4, the best checkpoint on problems held out" in form
        assert "12.5% after step 2, 37.5% after step 4, 25.0% after step 6 passed" in form
    [record] = json.loads(render_json(report))["training"]
    assert record["stopped_because"] == "best checkpoint"
    assert record["validation"][1] == {"step": 4, "passed": 30, "samples": 80}


@pytest.mark.parametrize(
    ("checkpoints", "complaint"),
    [
        ([(4, 5, 8), (2, 5, 8)], "must have positive, ascending steps"),
        ([(2, 5, 8)], "has no checkpoint after step 4, where the run is"),
        ([(4, 9, 8)], "must have samples, of which at most all pass"),
    ],
)
def test_a_validation_that_cannot_be_is_refused(
    experiment: Any,
    report_of: ReportOf,
    checkpoints: list[tuple[int, int, int]],
    complaint: str,
) -> None:
    for step, passed, samples in checkpoints:
        experiment.request.training[0].validation.add(step=step, passed=passed, samples=samples)
    with pytest.raises(InvalidArgument, match=complaint):
        report_of(experiment)
