"""Differences, p-values and durations as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_common.statistics import formatting as fmt
from rlvf_common.statistics.intervals import Interval


def test_a_difference_is_signed_in_points_and_zero_is_not() -> None:
    assert fmt.points(1 / 164) == "+0.6 pp"
    assert fmt.points(-1 / 164) == "−0.6 pp"
    assert fmt.points(-0.0001) == "0.0 pp"
    assert fmt.points_interval(Interval(-0.012, 0.024)) == "−1.2 to +2.4 pp"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1.0, "1.00"),
        (0.55, "0.55"),
        (0.1136, "0.11"),
        (0.031, "0.031"),
        (6e-5, "6.0e−5"),
        (0.0, "0.000"),
    ],
)
def test_a_p_value_has_two_digits_that_matter(p: float, text: str) -> None:
    assert fmt.p_value(p) == text


@given(st.floats(0.001, 1))
def test_rounding_never_moves_a_p_value_across_the_level(p: float) -> None:
    assert (float(fmt.p_value(p)) < 0.05) == (p < 0.05) or abs(p - 0.05) < 1e-8


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (99, "99 s"),
        (100, "2 min"),
        (3_540, "59 min"),
        (3_590, "1 h 0 min"),
        (12_000, "3 h 20 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_a_duration_is_written_in_its_largest_units(seconds: float, text: str) -> None:
    assert fmt.duration(seconds) == text


def test_counts_are_whole_and_other_numbers_keep_their_digits() -> None:
    assert fmt.count(1234) == fmt.count(1234.0) == "1,234"
    assert fmt.count(2_000_000.0) == "2,000,000"
    assert fmt.count(0.5) == "0.5"
    assert (fmt.plural(1.0, "pair"), fmt.plural(1.5, "pair")) == ("1 pair", "1.5 pairs")
