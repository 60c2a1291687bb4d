"""Numbers that are not finite as text, and axes with round ticks."""

import math

from hypothesis import given
from hypothesis import strategies as st

from rlvf_reporter import formatting as fmt
from rlvf_reporter.page.scales import axis


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
