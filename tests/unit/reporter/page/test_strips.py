"""The pictures of tasks by conditions."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.page.strips import strips
from rlvf_reporter.page.tasks import grids_of
from rlvf_reporter.report import Report


def test_a_strip_shows_what_is_kept_gained_and_lost(
    fixtures: ModuleType, report_of: Callable[[Any], Report]
) -> None:
    experiment = fixtures.small({0, 1, 2}, {20: {0, 1, 4}}, tasks=6)
    report = report_of(experiment)
    [grid] = grids_of(report, load_evidence(experiment.request, experiment.read))
    assert grid.by_ease == [0, 1, 2, 4, 3, 5]
    base, adapter = strips(grid)
    assert base.contrast is None
    assert (base.kept, base.gained, base.lost) == ("M0 0h3V1h-3z", "", "")
    assert adapter.contrast == grid.contrasts[0]
    assert adapter.kept == "M0 0h2V1h-2z"
    assert adapter.lost == "M2 0h1V1h-1z"
    assert adapter.gained == "M3 0h1V1h-1z"


def test_a_bar_is_as_high_as_the_share_that_passes(
    fixtures: ModuleType, report_of: Callable[[Any], Report]
) -> None:
    experiment = fixtures.Experiment()
    request = experiment.request
    request.experiment = "Fixture: four samples"
    for name, passed in (("base", 1), ("other", 3)):
        evaluation = fixtures.result("humaneval", 2, lambda t, s, p=passed: s < p, samples=4)
        request.conditions.append(fixtures.condition(experiment, name, name, evaluation))
    request.head_to_head.append(fixtures.head_to_head("base", "other"))
    report = report_of(experiment)
    [grid] = grids_of(report, load_evidence(experiment.request, experiment.read))
    _, other = strips(grid)
    assert other.kept == "M0 0.75h2V1h-2z"
    assert other.gained == "M0 0.25h2V0.75h-2z"
