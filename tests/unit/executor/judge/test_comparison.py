"""Comparing answers: cases by EvalPlus' semantics, standard output by tokens, lines or bytes."""

import math

import pytest

from rlvf_executor.contract.rules import Comparison, Rule, StreamComparison, StreamRule, Tolerance
from rlvf_executor.judge.comparison import agrees
from rlvf_executor.supervisor.stream_comparison import difference

EXACT = Rule()
NEAR = Rule(tolerance=Tolerance(1e-4, 1e-7))
FLOATS_ONLY = Rule(float_tolerance=Tolerance(1e-6, 1e-7), flat_floats_only=True)
FLOATS = Rule(float_tolerance=Tolerance(1e-6))
BOTH = Rule(tolerance=Tolerance(1.5), float_tolerance=Tolerance(1e-6))
ABOUT = 0.3 + 1e-7


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


TOKENS = StreamRule()
NEAR_TOKENS = StreamRule(float_tolerance=Tolerance(1e-6, 0.0))
LINES = StreamRule(StreamComparison.LINES)
ANY_CASE = StreamRule(float_tolerance=Tolerance(1e-6, 0.0), ignore_case=True)
LINES_IN_ANY_CASE = StreamRule(StreamComparison.LINES, ignore_case=True)
BYTES = StreamRule(StreamComparison.EXACT)


@pytest.mark.parametrize(
    ("output", "expected", "rule", "right"),
    [
        (b"1  2\n3", b"1 2 3\n\n", TOKENS, True),
        (b"1 2", b"1 2 3", TOKENS, False),
        (b"1 2 3 4", b"1 2 3", TOKENS, False),
        (b"12", b"1 2", TOKENS, False),
        (b"YES", b"yes", TOKENS, False),
        (b"", b"", TOKENS, True),
        (b"", b"0", TOKENS, False),
        (b"0.5", b"0.50", TOKENS, False),
        (b"1\xc2\xa02", b"1 2", TOKENS, False),
        (b"0.5000001", b"0.5", NEAR_TOKENS, True),
        (b"0.50001", b"0.5", NEAR_TOKENS, False),
        (b"5e-1", b".5", NEAR_TOKENS, True),
        (b"1", b"1.0000001", NEAR_TOKENS, True),
        (b"01", b"1", NEAR_TOKENS, False),
        (b"nan", b"nan", NEAR_TOKENS, True),
        (b"nan", b"0.5", NEAR_TOKENS, False),
        (b"inf", b"infinity", NEAR_TOKENS, False),
        (b"1e999", b"2e999", NEAR_TOKENS, False),
        (b"1_0.0", b"10.0", NEAR_TOKENS, False),
        (b"0.5x", b"0.5", NEAR_TOKENS, False),
        (b"Yes\nNO", b"YES no", ANY_CASE, True),
        (b"Yes", b"No", ANY_CASE, False),
        (b"Yes 5E-1", b"yES 0.5", ANY_CASE, True),
        ("Ä".encode(), "ä".encode(), ANY_CASE, False),
        (b"yes  no", b"YES no", LINES_IN_ANY_CASE, False),
        (b"yes no \n", b"YES no", LINES_IN_ANY_CASE, True),
        (b"yes", b"YES", LINES, False),
        (b"a \r\nb\n\n", b"a\nb", LINES, True),
        (b"a\n\nb", b"a\nb", LINES, False),
        (b" a", b"a", LINES, False),
        (b"a  b", b"a b", LINES, False),
        (b"a\n", b"a\n", BYTES, True),
        (b"a\n", b"a", BYTES, False),
        (b"a\r\n", b"a\n", BYTES, False),
        (b"a ", b"a", BYTES, False),
    ],
)
def test_standard_output(output: bytes, expected: bytes, rule: StreamRule, right: bool) -> None:
    assert (difference(output, expected, rule) == "") is right


def test_a_difference_says_where_it_is() -> None:
    assert difference(b"1 2 4", b"1 2 3", TOKENS) == "token 3 is '4', expected '3'"
    assert difference(b"1", b"1 2", TOKENS) == "the output ends after token 1, expected '2' next"
    assert difference(b"1 2", b"1", TOKENS) == "token 2 is '2', expected the end"
    assert difference(b"x" * 500 + b"\xff", b"y", BYTES).startswith("line 1 is 'xxx")
