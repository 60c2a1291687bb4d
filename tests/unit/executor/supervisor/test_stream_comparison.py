"""Whether the output of a whole program is right."""

import pytest

from rlvf_executor.contract.rules import StreamComparison, StreamRule, Tolerance
from rlvf_executor.supervisor.stream_comparison import difference

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
