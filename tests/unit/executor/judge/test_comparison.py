"""Comparing answers: cases by EvalPlus' semantics, standard output by tokens, lines or bytes."""

import math
from collections import Counter, OrderedDict
from typing import Any

import pytest

from rlvf_executor.contract.rules import Comparison, Rule, Tolerance
from rlvf_executor.judge.comparison import agrees

EXACT = Rule()
NEAR = Rule(tolerance=Tolerance(1e-4, 1e-7))
FLOATS_ONLY = Rule(float_tolerance=Tolerance(1e-6, 1e-7), flat_floats_only=True)
FLOATS = Rule(float_tolerance=Tolerance(1e-6))
BOTH = Rule(tolerance=Tolerance(1.5), float_tolerance=Tolerance(1e-6))
ABOUT = 0.3 + 1e-7


def counts(**of: Any) -> Counter[str]:
    """A Counter, whose values may be of any type."""
    return Counter(of)


@pytest.mark.parametrize(
    ("output", "expected", "rule", "right"),
    [
        (1, 1.0, EXACT, True),
        (True, 1, EXACT, True),
        ([1, (2, 3)], [1, (2, 3)], EXACT, True),
        ((1, 2), [1, 2], EXACT, False),
        (0.1 + 0.2, 0.3, EXACT, False),
        (0.0, -0.0, EXACT, True),
        (math.nan, math.nan, EXACT, False),
        # A tolerance of the suite holds for every case.
        (0.30005, 0.3, NEAR, True),
        (0.3002, 0.3, NEAR, False),
        ([1, 2.00001], [1.0, 2], NEAR, True),
        ([[1.0], [2.0]], [[1.00001], [2]], NEAR, True),
        ([1.0, 2.0], (1.0, 2.00001), NEAR, False),
        ([1.0], [1.0, 2.0], NEAR, False),
        ([[1.0], [2.0]], [[1.0, 1.0], [2.0, 2.0]], NEAR, False),
        (1, 1.00001, NEAR, False),
        ("a", "b", NEAR, False),
        (["a", 1.0], ["a", 1.00001], NEAR, False),
        (None, 1.0, NEAR, False),
        ({1: 1.0}, {1: 1.00001}, NEAR, False),
        # Types of the standard library are equal as Python has it, and near likewise.
        (OrderedDict(b=2, a=1), OrderedDict(a=1, b=2), EXACT, False),
        (OrderedDict(b=2, a=1), {"a": 1, "b": 2}, EXACT, True),
        (counts(a=1, b=0), counts(a=1), EXACT, True),
        (counts(a=1, b=0), {"a": 1}, EXACT, False),
        (OrderedDict(b=2, a=0.1 + 0.2), OrderedDict(b=2, a=0.3), FLOATS, True),
        (OrderedDict(a=0.1 + 0.2, b=2), OrderedDict(b=2, a=0.3), FLOATS, False),
        (OrderedDict(a=0.1 + 0.2, b=2), {"b": 2, "a": 0.3}, FLOATS, True),
        ({"b": 2, "a": 0.1 + 0.2}, OrderedDict(a=0.3, b=2), FLOATS, True),
        (counts(a=0.1 + 0.2, b=0), counts(a=0.3), FLOATS, True),
        (counts(a=0.1 + 0.2, b=1), counts(a=0.3), FLOATS, False),
        (counts(a=0.1 + 0.2, b=0), {"a": 0.3}, FLOATS, False),
        ([counts(a=0.1 + 0.2)], [counts(a=0.3, b=0.0)], FLOATS, True),
        (math.nan, math.nan, NEAR, False),
        (math.inf, math.inf, NEAR, True),
        (math.inf, 1e308, NEAR, False),
        (1e308, math.inf, NEAR, False),
        (math.inf, -math.inf, NEAR, False),
        (10**400, 10**400 + 1, NEAR, False),
        (10**400, 10**400, NEAR, True),
        (1.0, 10**400, NEAR, False),
        (1 + 1j, 1 + 1.00001j, NEAR, True),
        # A tolerance for floats holds for floats, and lists and tuples of floats only.
        (0.3 + 1e-7, 0.3, FLOATS_ONLY, True),
        ([0.3 + 1e-7], [0.3], FLOATS_ONLY, True),
        ((0.3 + 1e-7,), (0.3,), FLOATS_ONLY, True),
        ([1, 0.3 + 1e-7], [1, 0.3], FLOATS_ONLY, False),
        ([[0.3 + 1e-7]], [[0.3]], FLOATS_ONLY, False),
        (10**9, 10**9 + 1, FLOATS_ONLY, False),
        ([], [0.3], FLOATS_ONLY, False),
        # A tolerance for floats holds for each of them, wherever it is.
        (ABOUT, 0.3, FLOATS, True),
        (0.30001, 0.3, FLOATS, False),
        ([[ABOUT], [ABOUT, 1]], [[0.3], [0.3, 1]], FLOATS, True),
        ([1, ABOUT], [1, 0.3], FLOATS, True),
        ([2, ABOUT], [1, 0.3], FLOATS, False),
        ({"a": {"b": [ABOUT]}}, {"a": {"b": [0.3]}}, FLOATS, True),
        ({"a": ABOUT, "b": 1}, {"a": 0.3}, FLOATS, False),
        ({"b": ABOUT}, {"a": 0.3}, FLOATS, False),
        ({0.3: ABOUT}, {0.3: 0.3}, FLOATS, True),
        ({ABOUT: 1.0}, {0.3: 1.0}, FLOATS, False),
        (("a", ABOUT), ("a", 0.3), FLOATS, True),
        (("b", ABOUT), ("a", 0.3), FLOATS, False),
        ([(ABOUT,)], [[0.3]], FLOATS, False),
        ([ABOUT], [0.3, 0.3], FLOATS, False),
        ([[0.3], ABOUT], [0.3, 0.3], FLOATS, False),
        ([ABOUT, {1}, None], [0.3, {1}, None], FLOATS, True),
        ([ABOUT, {2}, None], [0.3, {1}, None], FLOATS, False),
        ([ABOUT + 1j], [0.3 + 1j], FLOATS, True),
        ([math.nan], [-math.nan], FLOATS, False),
        ([math.nan], [0.3], FLOATS, False),
        ([math.inf, ABOUT], [math.inf, 0.3], FLOATS, True),
        ([0, ABOUT], [1e-7, 0.3], FLOATS, True),
        (["0.3"], [0.3], FLOATS, False),
        ([10**9], [10**9 + 1], FLOATS, False),
        ([2, ABOUT], [1, 0.3], BOTH, True),
        ([2, 0.4], [1, 0.3], BOTH, False),
        ([3, ABOUT], [1, 0.3], BOTH, False),
    ],
)
def test_equal_or_near(output: object, expected: object, rule: Rule, right: bool) -> None:
    assert agrees(output, expected, rule) is right


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        ([1, 2, 2], (2, 1), True),
        ({1, 2}, [2, 1], True),
        ([1], [1, 2], False),
        ([[1], [2]], [[2], [1]], False),
        (5, [5], False),
        (None, [], False),
    ],
)
def test_compared_as_sets(output: object, expected: object, right: bool) -> None:
    assert agrees(output, expected, Rule(Comparison.SET_EQUAL)) is right


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        ([1, 2, 2], [2, 1, 2], True),
        ([1, 2, 2], [1, 1, 2], False),
        ([1, 2], [1, 2, 2], False),
        ((1, 2), [1, 2], False),
        ([[1], [2], [1]], [[1], [1], [2]], True),
        ([[1], [2], [2]], [[1], [1], [2]], False),
        ("ab", "ba", True),
        (3, 3, True),
        ({1: 2}, {1: 2}, True),
        (OrderedDict(b=2, a=1), OrderedDict(a=1, b=2), True),
        (OrderedDict(b=2, a=1), {"a": 1, "b": 2}, True),
        (OrderedDict(a=1), OrderedDict(a=2), False),
    ],
)
def test_compared_without_order(output: object, expected: object, right: bool) -> None:
    assert agrees(output, expected, Rule(Comparison.UNORDERED)) is right


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        (object(), True, True),
        (None, True, False),
        (None, None, True),
        (object(), None, False),
        (False, True, False),
        (False, None, True),
        (True, None, False),
        (0, True, True),
    ],
)
def test_compared_as_something_or_none(output: object, expected: object, right: bool) -> None:
    assert agrees(output, expected, Rule(Comparison.NOT_NONE)) is right
