"""The interval and the test over tasks and runs. Their error rates are tested in
test_coverage.py."""

import pytest

from rlvf_common.statistics.runs import contrast_of_runs

_BASE = [[1.0] * 60 + [0.0] * 104]


def _run(lost: int) -> list[float]:
    return [0.0] * lost + [1.0] * (60 - lost) + [0.0] * 104


@pytest.mark.parametrize("lost", [(2, 9, 30), (20, 24, 40), (30, 31, 50)])
def test_the_p_value_is_the_level_whose_interval_just_reaches_zero(lost: tuple[int, ...]) -> None:
    found = contrast_of_runs([_BASE, [_run(count) for count in lost]], (-1, 1))
    assert len(found.parts) == 2
    assert found.estimate < 0
    assert found.interval(1 - found.p_value).high == pytest.approx(0, abs=1e-6)


def test_runs_that_do_not_differ_add_nothing_and_one_run_says_nothing() -> None:
    one = contrast_of_runs([_BASE, [_run(9)]], (-1, 1))
    alike = contrast_of_runs([_BASE, [_run(9), _run(9)]], (-1, 1))
    assert one.interval() == pytest.approx(alike.interval())
    assert one.p_value == pytest.approx(alike.p_value)


def test_where_nothing_moves_nothing_is_claimed() -> None:
    found = contrast_of_runs([_BASE, _BASE * 2], (-1, 1))
    assert found.p_value == 1
    assert found.interval() == pytest.approx((-0.0229, 0.0229), abs=1e-4)


def test_rounding_is_no_difference() -> None:
    """Thirds and fifths that are the same in both conditions, added up in different orders."""
    rates = [[(task % 6) / 5 for task in range(164)] for _ in range(3)]
    found = contrast_of_runs([rates[:1], rates], (-1, 1))
    assert found.p_value == pytest.approx(1, abs=1e-6)
    assert found.interval().high > 0.02


@pytest.mark.parametrize(("tasks", "p_value"), [(20, 2.0**-19), (3, 0.25)])
def test_where_all_tasks_move_alike_the_p_value_is_that_of_the_sign_flip_test(
    tasks: int, p_value: float
) -> None:
    found = contrast_of_runs([[[0.0] * tasks] * 3, [[1.0] * tasks] * 3], (-1, 1))
    assert found.p_value == p_value
    assert found.interval().low > 0


def test_where_all_rates_move_a_little_the_p_value_belongs_to_the_interval() -> None:
    found = contrast_of_runs([[[0.0] * 40] * 3, [[0.05] * 40] * 3], (-1, 1))
    assert found.interval(1 - found.p_value).low == pytest.approx(0, abs=1e-6)


def test_no_interval_reaches_beyond_what_rates_can_give() -> None:
    few = [[1.0] * 5 + [0.0] * 5, [0.0] * 10]
    low, high = contrast_of_runs([few, few[::-1]], (-1, 1)).interval()
    assert (low, high) == (-1, 1)
    low, high = contrast_of_runs([few, few, few], (-0.5, 0, 0.5)).interval()
    assert (low, high) == (-0.5, 0.5)


def test_one_task_is_too_few() -> None:
    with pytest.raises(ValueError, match="at least 2 tasks"):
        contrast_of_runs([[[1.0]], [[0.0]]], (-1, 1))
