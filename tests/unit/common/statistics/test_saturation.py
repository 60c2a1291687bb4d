import pytest

from rlvf_common.statistics.results import EvaluationResult, TaskResult
from rlvf_common.statistics.saturation import Saturation, find_saturation

TASKS = 400


def _run(passing: int, seed: int = 0) -> EvaluationResult:
    """Passes so many tasks, easy ones first, but for a few that another seed fails."""
    return EvaluationResult(
        "b",
        tuple(
            TaskResult(f"{task}", 0, "passed" if task < passing and task % 97 != seed else "failed")
            for task in range(TASKS)
        ),
    )


def _found(*passing: int, seeds: int = 1) -> Saturation:
    return find_saturation(
        [
            (100.0 * rung, [_run(count, seed) for seed in range(seeds)])
            for rung, count in enumerate(passing)
        ]
    )


def test_a_ladder_that_rises_and_stays_saturates() -> None:
    found = _found(100, 180, 260, 262, 261)
    assert found.turn == 200
    assert found.early == pytest.approx(80 / TASKS, abs=0.005)
    assert found.late == pytest.approx(0.5 / TASKS, abs=0.005)
    assert found.late_ci95.low < found.late < found.late_ci95.high
    assert found.p_value < 1e-6
    # So does one that falls again.
    assert _found(100, 180, 260, 240, 220).p_value < 1e-6


@pytest.mark.parametrize(
    "passing",
    [
        (100, 150, 200, 250, 300),  # the same amount from rung to rung
        (100, 180, 260, 300, 340),  # half as much, and not less
        (100, 100, 100, 180, 260),  # later only
        (260, 260, 260, 260, 260),  # never
        (300, 260, 220, 220, 220),  # falls, and stays
    ],
)
def test_a_ladder_that_does_not_saturate_is_not_said_to(passing: tuple[int, ...]) -> None:
    assert _found(*passing).p_value > 0.5


def test_the_middle_of_a_ladder_of_four_rungs_is_its_upper_one() -> None:
    found = _found(100, 180, 260, 262)
    assert found.turn == 200
    assert found.early == pytest.approx(80 / TASKS, abs=0.005)
    assert found.late == pytest.approx(2 / TASKS, abs=0.005)


def test_runs_that_disagree_make_it_uncertain() -> None:
    alike = _found(100, 180, 260, 262, 261, seeds=3)
    rungs = [(float(size), [_run(count) for count in counts]) for size, counts in enumerate(
        [(100,), (180,), (170, 260, 350), (262,), (160, 261, 362)]
    )]  # fmt: skip
    assert alike.p_value < 1e-6
    assert find_saturation(rungs).p_value > 0.05


def test_two_rungs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 3 rungs"):
        _found(1, 2)
