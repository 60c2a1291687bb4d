"""Digests of plain data, in the judge: values have the same digest if and only if they are `==`.

For expected values that are too large to keep. So `1`, `1.0` and `True` have one digest, and the
order of sets and dicts does not matter. Unlike `==`, `nan` equals `nan`.
"""

import hashlib
import struct
import sys
from collections.abc import ItemsView, Iterable, KeysView
from typing import Any, NamedTuple

from rlvf_executor.contract import wire
from rlvf_executor.judge.plain_values import Grid, plain

_NUMBERS = frozenset({bool, int, float})
# Floats hold every integer up to this exactly.
_EXACT_IN_A_FLOAT = 2**53


class Digest(NamedTuple):
    """Replaces an expected value."""

    sha256: bytes
    text: str
    """The value, shortened for people."""


def digest_of(value: object) -> bytes:
    """SHA-256 of one value of plain data. Raises NotPlainData, or `Stop` for a handle."""
    return hashlib.sha256(_canonical(plain(value))).digest()


def _canonical(value: object) -> bytes:
    """Bytes that are the same for equal values; containers have the digests of their parts."""
    if isinstance(value, Grid):
        return b"a" + digest_of(value.outline) + digest_of(list(value))
    if isinstance(value, list | tuple):
        tag = b"l" if isinstance(value, list) else b"t"
        numbers = _as_floats(value)
        if numbers is not None:
            return tag + b"n" + numbers
        return tag + b"v" + b"".join(map(digest_of, value))
    if isinstance(value, dict):
        return b"m" + _sorted(digest_of(key) + digest_of(item) for key, item in value.items())
    if isinstance(value, set | frozenset | KeysView | ItemsView):
        return b"s" + _sorted(map(digest_of, value))
    if isinstance(value, bool):
        return b"v" + wire.encode(int(value))
    if isinstance(value, complex) and value.imag == 0:
        return _canonical(value.real)
    if isinstance(value, float) and value.is_integer():
        return b"v" + wire.encode(int(value))
    if isinstance(value, bytearray):
        return b"v" + wire.encode(bytes(value))
    return _moment(value) or b"v" + wire.encode(value)


def _moment(value: Any) -> bytes:
    """Bytes of a date, a time or a duration, pandas' own too; of another value none."""
    module: Any = sys.modules.get("datetime")
    if module is None:
        return b""
    if isinstance(value, module.timedelta):
        rest = value.microseconds * 1000 + getattr(value, "nanoseconds", 0)
        return b"e" + wire.encode((value.days, value.seconds, rest))
    if isinstance(value, module.datetime | module.time):
        # The only zone is UTC.
        parts = [value.hour, value.minute, value.second, value.microsecond, value.tzinfo is None]
        if isinstance(value, module.datetime):
            parts += [value.year, value.month, value.day, getattr(value, "nanosecond", 0)]
        return b"c" + wire.encode(parts)
    return b"d" + wire.encode(value.toordinal()) if isinstance(value, module.date) else b""


def _as_floats(values: list[object] | tuple[object, ...]) -> bytes | None:
    """Numbers as packed floats, if all are exact as floats; else None. A fast path."""
    if not values or not set(map(type, values)) <= _NUMBERS:
        return None
    if not all(-_EXACT_IN_A_FLOAT <= one <= _EXACT_IN_A_FLOAT for one in values):  # type: ignore[operator]
        return None
    # Adding zero turns -0.0 into 0.0.
    return struct.pack(f">{len(values)}d", *[one + 0.0 for one in values])  # type: ignore[operator]


def _sorted(digests: Iterable[bytes]) -> bytes:
    return b"".join(sorted(digests))
