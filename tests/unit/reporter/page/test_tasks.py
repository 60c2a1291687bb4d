"""What became of every task, and the answers that show it."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_reporter.evidence import load_evidence
from rlvf_reporter.page.tasks import Change, Grid, grids_of
from rlvf_reporter.report import Report

ReportOf = Callable[[Any], Report]


@pytest.fixture
def grid_of(report_of: ReportOf) -> Callable[[Any], Grid]:
    """The grid of an experiment with one benchmark."""

    def grid_of(experiment: Any) -> Grid:
        report = report_of(experiment)
        [grid] = grids_of(report, load_evidence(experiment.request, experiment.read))
        return grid

    return grid_of


def test_a_flip_is_shown_by_an_answer_of_each_outcome(
    fixtures: ModuleType, grid_of: Callable[[Any], Grid]
) -> None:
    experiment = fixtures.Experiment()
    request = experiment.request
    request.experiment = "Fixture: three samples"
    before = fixtures.result("humaneval", 4, lambda t, s: t == 1 or (t == 0 and s == 1), samples=3)
    after = fixtures.result("humaneval", 4, lambda t, s: t == 0 and s > 0, samples=3)
    request.conditions.append(fixtures.condition(experiment, "base", "m", before))
    request.conditions.append(fixtures.condition(experiment, "other", "n", after))
    request.head_to_head.append(fixtures.head_to_head("base", "other"))
    grid = grid_of(experiment)
    [contrast] = grid.contrasts
    improved, regressed, neither, _ = grid.tasks
    assert improved.changes == [Change.IMPROVED]
    assert [cell.passed for cell in improved.cells] == [1, 2]
    shown = [side for side in improved.sides(contrast, Change.IMPROVED) if side]
    assert [(side.verdict, side.sample) for side in shown] == [("failed", 0), ("passed", 1)]
    assert [side.text for side in shown] == [
        "    x = 1\n    return 'base'  # 0",
        "    x = 1\n    return 'other'  # 1",
    ]
    assert regressed.changes == [Change.REGRESSED]
    assert [side.passed for side in regressed.sides(contrast, Change.REGRESSED) if side] == [
        True,
        False,
    ]
    assert neither.changes == [Change.BOTH_FAIL]
    assert not neither.flipped


def test_changes_are_counted_as_the_comparison_counts_them(
    fixtures: ModuleType, grid_of: Callable[[Any], Grid]
) -> None:
    arms = {"arm": 0.5, "control": 0.4}
    grid = grid_of(fixtures.controlled(0.3, arms, {"arm": "control"}, tasks=40, seeds=2))
    for number, contrast in enumerate(grid.contrasts):
        found = contrast.comparison.found
        changes = [task.changes[number] for task in grid.tasks]
        assert changes.count(Change.IMPROVED) == len(found.improved)
        assert changes.count(Change.REGRESSED) == len(found.regressed)
        assert changes.count(Change.BOTH_PASS) == found.both_pass
        assert changes.count(Change.BOTH_FAIL) == found.both_fail


def test_the_runs_of_a_recipe_are_one_column_and_the_primary_comparison_comes_first(
    fixtures: ModuleType, grid_of: Callable[[Any], Grid]
) -> None:
    arms = {"arm": 0.5, "control": 0.4}
    primary = ("base", "control")
    grid = grid_of(
        fixtures.controlled(0.3, arms, {"arm": "control"}, tasks=20, seeds=2, primary=primary)
    )
    assert grid.columns == ["base", "arm", "control"]
    assert [len(cell.answers) for cell in grid.tasks[0].cells] == [4, 8, 8]
    assert [(c.before, c.after) for c in grid.contrasts] == [(0, 2), (2, 1), (0, 1)]


def test_tasks_that_most_answers_pass_come_first_in_the_picture(
    fixtures: ModuleType, grid_of: Callable[[Any], Grid]
) -> None:
    grid = grid_of(fixtures.small({2, 3}, {20: {1, 3}}, tasks=5))
    assert grid.by_ease == [3, 1, 2, 0, 4]


def test_answers_of_another_evaluation_are_refused(
    fixtures: ModuleType, report_of: ReportOf
) -> None:
    experiment = fixtures.small(range(30), {20: range(31)})
    first, second = experiment.request.conditions
    second.completions.CopyFrom(first.completions)
    with pytest.raises(InvalidArgument) as refused:
        report_of(experiment)
    assert refused.value.field == "conditions[1].completions"
