"""Numbers as people read them, and axes with round ticks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_common.statistics.intervals import Interval
from rlvf_reporter import formatting as fmt
from rlvf_reporter.page.scales import axis


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
    ("seconds", "text"), [(0.4, "0 s"), (45, "45 s"), (1380, "23 min"), (5400, "1 h 30 min")]
)
def test_a_duration_is_told_in_its_own_size(seconds: float, text: str) -> None:
    assert fmt.duration(seconds) == text


def test_a_value_that_is_no_number_is_named() -> None:
    assert fmt.number(math.nan) == "not a number"
    assert fmt.number(math.inf) == "infinite"
    assert fmt.number(-0.5, 1) == "−0.5"


@given(st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=20))
def test_an_axis_holds_every_value_between_round_ticks(values: list[float]) -> None:
    made = axis(values, 0, 100)
    for value in values:
        if math.isfinite(value):
            assert made.low - made.step / 1e6 <= value <= made.high + made.step / 1e6
            assert 0 <= made.at(value) <= 100
    assert 2 <= len(made.ticks) <= 8
    assert len({f"{tick:.{made.decimals}f}" for tick in made.ticks}) == len(made.ticks)
