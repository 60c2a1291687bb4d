"""Comparing what a program answered with what was expected: plain functions of plain data.

The semantics of tolerances are those of EvalPlus (github.com/evalplus/evalplus, v0.3.1,
evalplus/eval/__init__.py, `unsafe_execute`), which compares by `==` first and by `numpy.allclose`
after that: the same type, the same length, and |output - expected| <= atol + rtol * |expected| for
every number. Written anew without numpy, and stricter in one thing: arrays are not broadcast, so
that `[[1], [2]]` is not near `[[1, 1], [2, 2]]`.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Tolerance(NamedTuple):
    """How far a number may be off: `absolute + relative * |expected|`."""

    absolute: float = 0.0
    relative: float = 0.0


class Comparison(StrEnum):
    """How the output of a case is compared, named as in the contract."""

    EQUAL = "equal"
    SET_EQUAL = "set_equal"
    UNORDERED = "unordered"
    NOT_NONE = "not_none"


class Rule(NamedTuple):
    """Everything that decides whether an output is right. None: that tolerance is not set."""

    comparison: Comparison = Comparison.EQUAL
    tolerance: Tolerance | None = None
    float_tolerance: Tolerance | None = None
    flat_floats_only: bool = False
    """Whether `float_tolerance` is for floats, and lists and tuples of floats alone."""


def agrees(output: object, expected: object, rule: Rule) -> bool:
    """Whether an output is right. Both are plain data, but for NOT_NONE, where `output` is any."""
    match rule.comparison:
        case Comparison.NOT_NONE:
            wanted = expected is not None
            return (output if isinstance(output, bool) else output is not None) == wanted
        case Comparison.UNORDERED:
            return type(output) is type(expected) and _same_elements(output, expected)
        case Comparison.SET_EQUAL:
            if _elements(output) == _elements(expected):
                return True
        case Comparison.EQUAL:
            if output == expected:
                return True
    if type(output) is not type(expected):
        return False
    has_floats = _is_floats if rule.flat_floats_only else _has_floats
    if rule.float_tolerance is not None and has_floats(expected):
        return _has_near_floats(output, expected, rule.float_tolerance, rule.tolerance)
    return rule.tolerance is not None and _near(output, expected, rule.tolerance)


def _elements(value: object) -> object:
    """The set of a value's elements, or the value itself where it has no such set."""
    try:
        return set(value)  # type: ignore[call-overload]
    except TypeError:
        return value


def _same_elements(output: object, expected: object) -> bool:
    """Whether two values of one type hold the same elements, each as often."""
    if not isinstance(output, Sequence) or not isinstance(expected, Sequence):
        return output == expected
    if len(output) != len(expected):
        return False
    try:
        return Counter(output) == Counter(expected)
    except TypeError:  # Elements that have no hash are compared one by one.
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
    """Whether the floats in two values are near each other, and all else is the same."""
    if isinstance(expected, list | tuple):
        return (
            type(output) is type(expected)
            and len(output) == len(expected)
            and all(
                _has_near_floats(one, other, floats, integers)
                for one, other in zip(output, expected, strict=True)
            )
        )
    if isinstance(expected, dict):
        return (
            isinstance(output, dict)
            and output.keys() == expected.keys()
            and all(
                _has_near_floats(output[key], value, floats, integers)
                for key, value in expected.items()
            )
        )
    if output == expected:
        return True
    tolerance = floats if isinstance(expected, float | complex) else integers
    return tolerance is not None and _near(output, expected, tolerance)


def _near(output: object, expected: object, tolerance: Tolerance) -> bool:
    if isinstance(expected, list | tuple):
        return (
            isinstance(output, list | tuple)
            and len(output) == len(expected)
            and all(
                _near(one, other, tolerance) for one, other in zip(output, expected, strict=True)
            )
        )
    if not isinstance(output, int | float | complex):
        return False
    if not isinstance(expected, int | float | complex):
        return False
    return is_near(output, expected, tolerance)


def is_near(output: complex, expected: complex, tolerance: Tolerance) -> bool:
    """Whether one number is near another."""
    if output == expected:
        return True
    try:
        allowed = tolerance.absolute + tolerance.relative * abs(expected)
        distance = abs(output - expected)
        return math.isfinite(distance) and math.isfinite(abs(expected)) and distance <= allowed
    except OverflowError:  # An integer that no float can hold.
        return False


class StreamComparison(StrEnum):
    """How a program's output is compared, named as in the contract."""

    TOKENS = "tokens"
    LINES = "lines"
    EXACT = "exact"


class StreamRule(NamedTuple):
    """Everything that decides whether an output is right."""

    comparison: StreamComparison = StreamComparison.TOKENS
    float_tolerance: Tolerance | None = None
    any_exit_status: bool = False
    ignore_case: bool = False


# A finite number in decimal; `float` itself reads `nan`, `infinity`, `1_0`, digits of any script.
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE_NUMBER = re.compile(rb"[+-]?[0-9]+")


def difference(output: bytes, expected: bytes, rule: StreamRule) -> str:
    """Where an output first differs from what was expected, for people; empty where it agrees."""
    if rule.ignore_case:  # What is shown is in lower case then too.
        output, expected = output.lower(), expected.lower()
    match rule.comparison:
        case StreamComparison.EXACT:
            return _first_difference(
                output.splitlines(keepends=True), expected.splitlines(keepends=True), "line", None
            )
        case StreamComparison.LINES:
            return _first_difference(_lines(output), _lines(expected), "line", None)
        case StreamComparison.TOKENS:
            return _first_difference(
                output.split(), expected.split(), "token", rule.float_tolerance
            )


def _lines(text: bytes) -> list[bytes]:
    lines = [line.rstrip() for line in text.split(b"\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _first_difference(
    output: list[bytes], expected: list[bytes], unit: str, tolerance: Tolerance | None
) -> str:
    for index, (got, want) in enumerate(zip(output, expected, strict=False)):
        if got != want and not (tolerance is not None and _near_tokens(got, want, tolerance)):
            return f"{unit} {index + 1} is {_shown(got)}, expected {_shown(want)}"
    if len(output) < len(expected):
        return (
            f"the output ends after {unit} {len(output)}, "
            f"expected {_shown(expected[len(output)])} next"
        )
    if len(output) > len(expected):
        return f"{unit} {len(expected) + 1} is {_shown(output[len(expected)])}, expected the end"
    return ""


def _near_tokens(got: bytes, want: bytes, tolerance: Tolerance) -> bool:
    if not (_NUMBER.fullmatch(got) and _NUMBER.fullmatch(want)):
        return False
    if _WHOLE_NUMBER.fullmatch(got) and _WHOLE_NUMBER.fullmatch(want):
        return False
    numbers = float(got), float(want)
    # Beyond the range of floats all numbers would be the same infinity.
    return all(map(math.isfinite, numbers)) and is_near(*numbers, tolerance)


def _shown(part: bytes) -> str:
    return repr(part[:100].decode("utf-8", "backslashreplace")) + ("..." if len(part) > 100 else "")
