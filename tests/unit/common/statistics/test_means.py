import pytest

from rlvf_common.statistics.means import mean_of


def test_students_own_example() -> None:
    """Hours of sleep gained by ten patients with one drug over another (Student 1908, table 1)."""
    found = mean_of([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert found.estimate == pytest.approx(1.58)
    assert found.ci95 == pytest.approx((0.7001, 2.4599), abs=1e-4)
    assert found.p_value == pytest.approx(0.00283, abs=1e-5)


def test_values_that_are_all_the_same_are_certain() -> None:
    assert mean_of([2.0, 2.0, 2.0]).p_value == 0
    assert mean_of([2.0, 2.0, 2.0]).ci95 == (2, 2)
    assert mean_of([0.0, 0.0, 0.0]).p_value == 1
