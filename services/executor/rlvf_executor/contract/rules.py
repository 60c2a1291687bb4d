"""How an output is compared with what was expected: the rules, as a request sets them."""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Self


class Tolerance(NamedTuple):
    """How far a number may be off: `absolute + relative * |expected|`."""

    absolute: float = 0.0
    relative: float = 0.0

    def allows(self, output: complex, expected: complex) -> bool:
        """Whether one number is near another."""
        if output == expected:
            return True
        try:
            allowed = self.absolute + self.relative * abs(expected)
            distance = abs(output - expected)
            return math.isfinite(distance) and math.isfinite(abs(expected)) and distance <= allowed
        except OverflowError:  # An integer that no float can hold.
            return False


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

    @classmethod
    def read(cls, values: Sequence[Any]) -> Self:
        """The rule that JSON made a list of."""
        comparison, tolerance, float_tolerance, flat_floats_only = values
        return cls(
            Comparison(comparison), _read(tolerance), _read(float_tolerance), flat_floats_only
        )


class StreamComparison(StrEnum):
    """How a program's output is compared, named as in the contract."""

    TOKENS = "tokens"
    LINES = "lines"
    EXACT = "exact"


class StreamRule(NamedTuple):
    """Everything that decides whether a program's output is right."""

    comparison: StreamComparison = StreamComparison.TOKENS
    float_tolerance: Tolerance | None = None
    any_exit_status: bool = False
    ignore_case: bool = False

    @classmethod
    def read(cls, values: Sequence[Any]) -> Self:
        """The rule that JSON made a list of."""
        comparison, float_tolerance, any_exit_status, ignore_case = values
        return cls(
            StreamComparison(comparison), _read(float_tolerance), any_exit_status, ignore_case
        )


def _read(tolerance: Sequence[float] | None) -> Tolerance | None:
    return None if tolerance is None else Tolerance(*tolerance)
