"""The trend over a ladder."""

import math

import pytest

from rlvf_common.statistics.results import EvaluationResult, TaskResult
from rlvf_common.statistics.trend import Rung, find_trend


def _run(passing: int, noise: int = 0, tasks: int = 164) -> EvaluationResult:
    """Passes the first `passing` tasks, and the last `noise`."""
    return EvaluationResult(
        "humaneval",
        tuple(
            TaskResult(
                f"t{task:03}", 0, "passed" if task < passing or task >= tasks - noise else "failed"
            )
            for task in range(tasks)
        ),
    )


def _ladder(*passing: int) -> list[Rung]:
    return [Rung(500.0 * rung, (_run(count),)) for rung, count in enumerate(passing)]


def test_a_ladder_that_falls_is_told_in_one_sentence() -> None:
    found = find_trend(_ladder(80, 76, 72, 68))
    assert found.slope == pytest.approx(-4 / 164)
    assert found.ci95.low < found.slope < found.ci95.high < 0
    assert found.pass_at_1 == pytest.approx([80 / 164, 76 / 164, 72 / 164, 68 / 164])
    assert found.p_value < 0.001
    assert (found.sizes, found.tasks, found.differences) == ([0, 500, 1000, 1500], 164, [])
    assert found.sentence.startswith("pass@1 on humaneval falls by 2.4 pp a rung from 0 to 1,500 (")
    assert "within-task permutation test" in found.sentence
    assert found.sentence.endswith("4 rungs, n = 164 tasks): distinguishable.")


@pytest.mark.parametrize("passing", [(70, 75, 70), (6, 7, 7, 6)])
def test_a_ladder_that_goes_up_and_down_has_no_trend(passing: tuple[int, ...]) -> None:
    found = find_trend(_ladder(*passing))
    assert (found.slope, found.p_value) == (0, 1)
    assert "stays the same" in found.sentence
    assert found.sentence.endswith("not distinguishable.")


def test_runs_of_a_rung_that_disagree_hide_a_trend_that_one_run_each_shows() -> None:
    one_each = find_trend(_ladder(80, 74, 68))
    assert one_each.p_value < 0.05
    spread = find_trend(
        [
            Rung(rung, tuple(_run(middle + step, abs(step)) for step in (-12, 0, 11)))
            for rung, middle in enumerate((80, 74, 68))
        ]
    )
    assert "t test over tasks and runs" in spread.sentence
    assert "9 runs" in spread.sentence
    assert spread.p_value > 0.05


@pytest.mark.parametrize(
    ("rungs", "complaint"),
    [
        (_ladder(80, 70), "at least 3 rungs, got 2"),
        ([Rung(size, (_run(70),)) for size in (0, 500, 500)], "must ascend, got 0, 500, 500"),
        ([Rung(size, (_run(70),)) for size in (-1, 0, 500)], "at least 0, got -1"),
        ([Rung(size, (_run(70),)) for size in (0, math.nan, 500)], "at least 0, got nan"),
        ([*_ladder(80, 70), Rung(2000, ())], "size 2000 has no results"),
        ([*_ladder(80, 70), Rung(2000, (_run(9), _run(9)))], "size 2000 has one result twice"),
        ([*_ladder(80, 70), Rung(2000, (_run(9, tasks=163),))], "size 2000 lacks 1 of the tasks"),
    ],
)
def test_what_is_no_ladder_is_refused(rungs: list[Rung], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        find_trend(rungs)


def test_prior_experiments_15b_ladder_falls(
    reported_flags: dict[str, dict[str, bool]],
) -> None:
    """0, 500, 1,000 and 2,052 pairs: single steps are not significant, the ladder is. Of what was
    reported, that is: the flags measure how often a model said nothing."""
    sizes = {0: "base-15b", 500: "dpo-500-15b", 1000: "dpo-1k-15b", 2052: "dpo-2k-15b"}
    found = find_trend(
        [
            Rung(
                size,
                (
                    EvaluationResult(
                        "humaneval",
                        tuple(
                            TaskResult(task, 0, "passed" if flag else "failed")
                            for task, flag in reported_flags[name].items()
                        ),
                    ),
                ),
            )
            for size, name in sizes.items()
        ]
    )
    assert found.pass_at_1 == pytest.approx([138 / 164, 135 / 164, 132 / 164, 128 / 164])
    assert found.p_value < 0.05
    assert "falls by 2.0 pp a rung" in found.sentence
