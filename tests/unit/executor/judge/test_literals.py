"""Reading literals without running anything."""

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_executor.judge import literals

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.tuples(inner),
    max_leaves=10,
)


@given(_VALUES)
def test_what_python_writes_is_read_back(value: object) -> None:
    assert repr(literals.parse(repr(value))) == repr(value)


@given(st.text(st.sampled_from("()[],'\"0123456789.eE+- \\abj{}:_"), max_size=12))
def test_anything_is_read_as_python_reads_it_or_refused(text: str) -> None:
    try:
        expected = repr(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        with pytest.raises(literals.BadLiteral):
            literals.parse(text)
        return
    assert repr(literals.parse(text)) == expected


def test_infinity_and_nan_are_read() -> None:
    value = literals.parse("(inf, [-inf], {'inf': nan})")
    assert isinstance(value, tuple)
    assert value[:2] == (math.inf, [-math.inf])
    assert math.isnan(value[2]["inf"])


@pytest.mark.parametrize(
    "text",
    [
        "", "print(1)", "__import__('os')", "x", "(1", "1)(", "[i for i in 'a']", "lambda: 0",
        "(1).real", "f'{1}'", "{[]: 1}", "(" * 500, "[" * 100_000, "\0", "9" * 5000, "inf()",
    ],
    ids=lambda text: text[:16],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(literals.BadLiteral):
        literals.parse(text)
