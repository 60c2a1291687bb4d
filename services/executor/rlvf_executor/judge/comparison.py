"""Comparison of outputs with expected values, in the judge: plain functions of plain data.

Tolerances are those of EvalPlus (github.com/evalplus/evalplus, v0.3.1, evalplus/eval/__init__.py,
`unsafe_execute`), which compares by `==` first and by `numpy.allclose` then: the same type, the
same length, and |output - expected| <= atol + rtol * |expected| for every number. Written without
numpy, and stricter in one point: arrays are not broadcast, so `[[1], [2]]` is not near `[[1, 1],
[2, 2]]`.
"""

from collections import Counter, OrderedDict
from collections.abc import Sequence

from rlvf_executor.contract.rules import Comparison, Rule, Tolerance
from rlvf_executor.judge.plain_values import Grid, plain


def agrees(output: object, expected: object, rule: Rule) -> bool:
    """Whether an output is right. Both are plain data; for NOT_NONE `output` may be any object.

    An array of numpy agrees with an array of the same shape only, a scalar of numpy as the number.
    A pandas object agrees with one of the same kind and labels; each missing value with a missing
    one, each other value if it is equal, or near. Types of columns and names do not matter.
    """
    output, expected = plain(output), plain(expected)
    match rule.comparison:
        case Comparison.NOT_NONE:
            wanted = expected is not None
            return (output if isinstance(output, bool) else output is not None) == wanted
        case Comparison.UNORDERED:
            return _kind(output) is _kind(expected) and _same_elements(output, expected)
        case Comparison.SET_EQUAL:
            if _elements(output) == _elements(expected):
                return True
        case Comparison.EQUAL:
            if output == expected:
                return True
    if _kind(output) is not _kind(expected):
        return False
    has_floats = _is_floats if rule.flat_floats_only else _has_floats
    if rule.float_tolerance is not None and has_floats(expected):
        return _has_near_floats(output, expected, rule.float_tolerance, rule.tolerance)
    return rule.tolerance is not None and _near(output, expected, rule.tolerance)


def _kind(value: object) -> type:
    """The type of a value; that of a dict for `Counter` and `OrderedDict`, which may equal one."""
    return dict if isinstance(value, dict) else type(value)


def _elements(value: object) -> object:
    """The set of a value's elements, or the value itself if there is no such set."""
    try:
        return set(value)  # type: ignore[call-overload]
    except TypeError:
        return value


def _same_elements(output: object, expected: object) -> bool:
    """Whether two values of one type hold the same elements equally often."""
    if isinstance(output, OrderedDict) and isinstance(expected, OrderedDict):
        return dict.__eq__(output, expected)  # In any order.
    if not isinstance(output, Sequence) or not isinstance(expected, Sequence):
        return output == expected
    if len(output) != len(expected):
        return False
    try:
        return Counter(output) == Counter(expected)
    except TypeError:  # Elements without a hash are compared one by one.
        rest = list(expected)
    for element in output:
        try:
            rest.remove(element)
        except ValueError:
            return False
    return True


def _is_floats(value: object) -> bool:
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def _has_floats(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_floats, value))
    if isinstance(value, dict):
        return any(map(_has_floats, value.values()))
    return isinstance(value, float | complex)


def _has_near_floats(
    output: object, expected: object, floats: Tolerance, integers: Tolerance | None
) -> bool:
    """Whether the floats in two values are near each other, and everything else is equal."""
    if isinstance(expected, list | tuple):
        return (
            type(output) is type(expected)
            and _outline(output) == _outline(expected)
            and len(output) == len(expected)
            and all(
                _has_near_floats(one, other, floats, integers)
                for one, other in zip(output, expected, strict=True)
            )
        )
    if isinstance(expected, dict):
        return (
            isinstance(output, dict)
            and _same_keys(output, expected)
            and all(
                _has_near_floats(output[key], expected[key], floats, integers)
                for key in output.keys() | expected.keys()
            )
        )
    if output == expected:
        return True
    tolerance = floats if isinstance(expected, float | complex) else integers
    return tolerance is not None and _near(output, expected, tolerance)


def _same_keys(output: dict[object, object], expected: dict[object, object]) -> bool:
    """Whether the keys are equal as Python's `==` of these types wants it."""
    if isinstance(output, Counter) and isinstance(expected, Counter):
        return True  # A key that is missing counts zero.
    if isinstance(output, OrderedDict) and isinstance(expected, OrderedDict):
        return list(output) == list(expected)
    return output.keys() == expected.keys()


def _outline(value: object) -> object:
    return value.outline if isinstance(value, Grid) else None


def _near(output: object, expected: object, tolerance: Tolerance) -> bool:
    if isinstance(expected, Grid) and expected.has_labels:
        # Text and numbers are side by side: what is no number is equal.
        return _has_near_floats(output, expected, tolerance, tolerance)
    if isinstance(expected, list | tuple):
        return (
            isinstance(output, list | tuple)
            and _outline(output) == _outline(expected)
            and len(output) == len(expected)
            and all(
                _near(one, other, tolerance) for one, other in zip(output, expected, strict=True)
            )
        )
    if not isinstance(output, int | float | complex):
        return False
    if not isinstance(expected, int | float | complex):
        return False
    return tolerance.allows(output, expected)
