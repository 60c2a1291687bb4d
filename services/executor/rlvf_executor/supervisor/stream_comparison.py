"""Comparison of a program's output with the expected one, in the supervisor: functions of bytes."""

import math
import re
from typing import assert_never

from rlvf_executor.contract.rules import StreamComparison, StreamRule, Tolerance

# A finite number in decimal; `float` itself reads `nan`, `infinity`, `1_0`, digits of any script.
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE_NUMBER = re.compile(rb"[+-]?[0-9]+")


def difference(output: bytes, expected: bytes, rule: StreamRule) -> str:
    """Where an output first differs from the expected one, for people; empty where they agree."""
    if rule.ignore_case:  # The message then is in lower case too.
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
        case unknown:
            # Nothing would read as agreement.
            assert_never(unknown)


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
    # All numbers beyond the range of floats would be the same infinity.
    return all(map(math.isfinite, numbers)) and tolerance.allows(*numbers)


def _shown(part: bytes) -> str:
    return repr(part[:100].decode("utf-8", "backslashreplace")) + ("..." if len(part) > 100 else "")
