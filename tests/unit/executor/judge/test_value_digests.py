"""Digests of large expected values agree with `==`."""

import math
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rlvf_executor.contract import wire
from rlvf_executor.judge.kinds import cases
from rlvf_executor.judge.value_digests import Digest, digest_of

_INTEGERS = st.integers(-3, 3) | st.sampled_from([2**53, 2**53 + 1, 2**60, 10**400])
_DECIMALS = st.builds(
    lambda sign, digits, exponent: Decimal(f"{sign}{digits}e{exponent}"),
    st.sampled_from("+-"),
    st.integers(0, 120),
    st.integers(-3, 3) | st.sampled_from([400, -400]),
)
_FRACTIONS = st.fractions(-3, 3, max_denominator=8)
_REALS = (
    st.booleans()
    | _INTEGERS
    | st.sampled_from([0.0, -0.0, 0.5, 0.1, 1.0, 2.0**60, math.inf, -math.inf, 5e-324])
    | st.floats(allow_nan=False)
    | _DECIMALS
    | _DECIMALS.map(Decimal.normalize)
    | st.sampled_from([Decimal("inf"), Decimal.from_float(0.1), Decimal(2**60)])
    | _FRACTIONS
    | st.just(Fraction(10**400))
)
_PARTS = st.sampled_from([0.0, -0.0, 1.0, 0.5])
_NUMBERS = _REALS | st.builds(complex, _PARTS, _PARTS)
_RANGES = st.builds(range, st.integers(-2, 4), st.integers(-2, 4), st.sampled_from([-2, -1, 1, 2]))
_VALUES = st.recursive(
    _NUMBERS | _RANGES | st.text("ab", max_size=1),
    lambda parts: (
        st.lists(parts, max_size=2)
        | st.lists(parts, max_size=2).map(tuple)
        | st.lists(parts, max_size=2).map(deque)
        | st.dictionaries(st.text("ab", max_size=1), parts, max_size=2)
    ),
    max_leaves=4,
)


@given(_NUMBERS, _NUMBERS)
@example(Decimal("0.50"), Decimal("0.5"))
@example(Decimal("0.50"), 0.5)
@example(Decimal("0.1"), 0.1)
@example(Fraction(1, 2), 0.5)
@example(Fraction(2), 2)
@example(1 + 0j, 1)
@example(complex(-0.0, 1), complex(0.0, 1))
@example(Decimal("-0e9"), 0.0)
def test_numbers_have_one_digest_if_they_are_equal(one: Any, other: Any) -> None:
    for inside in _INSIDE:
        a, b = inside(one), inside(other)
        assert (digest_of(a) == digest_of(b)) is (a == b)


_INSIDE: tuple[Callable[[object], object], ...] = (
    lambda value: value,
    lambda value: [value],
    lambda value: (1, value),
    lambda value: deque([value, 0.5]),
    lambda value: [value, "text"],
    lambda value: {0.5: [value]},
)


@given(_VALUES, _VALUES)
@example(deque([1.0]), deque([1]))
@example(deque([1]), [1])
@example(range(0, 3, 2), range(0, 4, 2))
@example(range(1), range(0, 1, 2))
@example(range(10**30), range(0, 10**30, 1))
@example(range(3), [0, 1, 2])
def test_values_have_one_digest_if_they_are_equal(one: Any, other: Any) -> None:
    assert (digest_of(one) == digest_of(other)) is (one == other)
    assert (digest_of([one]) == digest_of([other])) is ([one] == [other])


@pytest.mark.parametrize("exponent", [999_999, -999_999, 10**17, -(10**17)])
def test_a_decimal_takes_no_more_memory_than_its_digits(exponent: int) -> None:
    """As an integer or a fraction it would have as many digits as the exponent says."""
    value = Decimal(f"1.50e{exponent}")
    assert digest_of(value) == digest_of(Decimal(f"15e{exponent - 1}"))
    assert digest_of([value]) != digest_of([value.copy_negate()])
    assert digest_of(value) != digest_of(Decimal(f"1.51e{exponent}"))
    assert digest_of(Decimal(f"0e{exponent}")) == digest_of(0)


def test_what_equals_nothing_has_the_digest_of_what_it_is() -> None:
    nans = [math.nan, -math.nan, Decimal("nan"), Decimal("snan")]
    assert len(set(map(digest_of, nans))) == 1
    assert digest_of({1: 1.0}.values()) == digest_of({2: 1}.values())
    assert digest_of({1: 1}.values()) != digest_of({1: 2}.values())


def _kept(value: object) -> object:
    packed = cases.pack_expected(value, with_digests=True)
    return cases.decode_expected(wire.encode([packed]))[0]


_FILL = {str(number): number for number in range(10_000)}
_MANY = [("a", 1), ("b", 2), *_FILL.items()]
_SWAPPED = [("b", 2), ("a", 1), *_FILL.items()]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (OrderedDict(_MANY), OrderedDict(_MANY)),
        (OrderedDict(_SWAPPED), OrderedDict(_MANY)),
        (dict(_SWAPPED), OrderedDict(_MANY)),
        (OrderedDict(_SWAPPED), dict(_MANY)),
        (Counter(_FILL), Counter({**_FILL, "zero": 0})),
        (Counter({**_FILL, "0": 5}), Counter(_FILL)),
        (_FILL, Counter(_FILL)),
        ({**_FILL, "zero": 0}, Counter(_FILL)),
        (Counter({**_FILL, "zero": 0}), _FILL),
        ([OrderedDict(a=1.0, b=2), _FILL], [OrderedDict(a=1, b=2), _FILL]),
        ([OrderedDict(b=2, a=1), _FILL], [OrderedDict(a=1, b=2), _FILL]),
        ([OrderedDict(b=2, a=1), _FILL], [{"a": 1, "b": 2}, _FILL]),
        ([Counter(), _FILL], [Counter(a=0), _FILL]),
    ],
)
def test_large_dicts_of_the_standard_library_keep_their_equality(
    output: object, expected: object
) -> None:
    kept = _kept(expected)
    assert isinstance(kept, Digest)
    assert kept.is_of(output) is (output == expected)


def test_such_dicts_at_different_places_do_not_agree_where_only_digests_are_kept() -> None:
    """The limit that the contract states: no digest can follow an `==` that is not transitive."""
    kept = _kept([OrderedDict(a=1), {"b": 2}, _FILL])
    assert isinstance(kept, Digest)
    assert kept.is_of([{"a": 1}, {"b": 2}, _FILL])
    assert not kept.is_of([{"a": 1}, OrderedDict(b=2), _FILL])
