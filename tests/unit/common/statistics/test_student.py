"""Student's t against printed tables."""

import math

import pytest

from rlvf_common.statistics.student import student_quantile, student_tail


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    # R. A. Fisher, "Statistical Methods for Research Workers", table IV, P = 0.05.
    [(1, 12.706), (2, 4.303), (3, 3.182), (7, 2.365), (20, 2.086), (30, 2.042), (1e7, 1.960)],
)
def test_quantiles_are_those_of_the_tables(freedom: float, quantile: float) -> None:
    assert student_quantile(0.95, freedom) == pytest.approx(quantile, abs=6e-4)


def test_tail_of_one_degree_of_freedom_is_cauchys_and_of_two_has_a_root() -> None:
    for t in (0.01, 0.5, 1.0, 3.0, 40.0):
        assert student_tail(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t))
        assert student_tail(t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t))
        assert student_tail(-t, 2) == student_tail(t, 2)


@pytest.mark.parametrize("freedom", [1, 1.5, 9, 163.3, 5000])
def test_quantile_and_tail_are_inverse(freedom: float) -> None:
    for confidence in (0.5, 0.95, 0.999):
        quantile = student_quantile(confidence, freedom)
        assert student_tail(quantile, freedom) == pytest.approx(1 - confidence)


def test_what_is_no_distribution_is_refused() -> None:
    with pytest.raises(ValueError, match="degrees of freedom"):
        student_tail(1, 0)
    with pytest.raises(ValueError, match="confidence"):
        student_quantile(1.0, 5)
