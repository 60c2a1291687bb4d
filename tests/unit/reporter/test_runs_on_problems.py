"""A training run on problems: its rewards say how it went, and its loss says nothing."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf_reporter.page.curves import curve_figures
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.render_json import render_json
from rlvf_reporter.render_markdown import render_markdown
from rlvf_reporter.report import Level, Report

ReportOf = Callable[[Any], Report]


@pytest.fixture
def experiment(fixtures: ModuleType) -> Any:
    """A base and a model that learned from rewards in four steps."""
    made = fixtures.small(range(30), {20: range(31)})
    fixtures.set_rewards(made, [0.25, 0.5, 0.5, 0.75])
    return made


def test_it_is_noted_by_its_rewards_and_what_they_cost(
    experiment: Any, report_of: ReportOf
) -> None:
    notes = [one.text for one in report_of(experiment).findings if one.level is Level.NOTE]
    [note] = [text for text in notes if text.startswith("dpo-20 trained")]
    assert "on 20 problems in" in note
    assert "mean reward 0.250 over the first steps and 0.750 over the last" in note
    assert "of 256 graded answers" in note
    assert "margin" not in note


def test_every_form_has_its_rewards(experiment: Any, report_of: ReportOf) -> None:
    report = report_of(experiment)
    [training] = json.loads(render_json(report))["training"]
    assert (training["reward"], training["samples_graded"]) == ([0.25, 0.75], 256)
    assert (training["last_margin"], training["indifference"]) == (None, None)
    markdown = render_markdown(report).decode()
    assert "learned from rewards" in markdown
    assert "A run on answers" not in markdown
    page = render_html(report).decode()
    assert "not a number" not in page
    assert "learned from rewards" in page
    assert "A run on answers" not in page
    assert "Records are problems." in page


def test_its_curves_are_reward_outcomes_entropy_and_gradient(
    experiment: Any, report_of: ReportOf
) -> None:
    [training] = report_of(experiment).training
    assert [figure.title for figure in curve_figures(training)] == [
        "Policy loss",
        "Reward",
        "Share of groups of one outcome",
        "Entropy (nats a token)",
        "Gradient norm",
    ]
