"""Digests of plain data, in the judge, for expected values that are too large to keep.

Two values have the same digest if and only if they are `==`: `1`, `1.0`, `True` and `Decimal(1)`
have one digest, and the order of sets and dicts does not matter. The exceptions:

* NaN equals NaN, and a view of a dict's values one of equal items in the same order.
* A Decimal of more than `_MOST_DIGITS` digits, or whose last digit is more places than that from
  the point, equals only Decimals. To compare it with other numbers could take a gigabyte.
* `OrderedDict` and `Counter`: see `Digest.is_of`.
"""

import hashlib
import math
import struct
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import ItemsView, Iterable, KeysView, ValuesView
from typing import Any, NamedTuple, Self

from rlvf_executor.contract import wire
from rlvf_executor.judge.plain_values import Grid, plain

_NUMBERS = frozenset({bool, int, float})
# Floats hold every integer up to this exactly.
_EXACT_IN_A_FLOAT = 2**53
_MOST_DIGITS = 4096


class Digest(NamedTuple):
    """Replaces an expected value."""

    sha256: bytes
    sha256_as_dicts: bytes
    """With `OrderedDict` and `Counter` as dicts; the same as `sha256` if there are none."""
    text: str
    """The value, shortened for people."""

    @classmethod
    def of(cls, value: object, text: str) -> Self:
        """Raises as `digest_of`."""
        return cls(*_both(value), text)

    def is_of(self, output: object) -> bool:
        """Whether an output is `==` the value. Raises as `digest_of`.

        Python's `==` is not transitive here: two OrderedDicts of different order are unequal, and
        both equal one dict. So if both values hold an OrderedDict or a Counter, they must hold them
        at the same places: one in the place of a dict does not equal it.
        """
        sha256, as_dicts = _both(output)
        either_has_none = sha256 == as_dicts or self.sha256 == self.sha256_as_dicts
        return sha256 == self.sha256 or (either_has_none and as_dicts == self.sha256_as_dicts)


def digest_of(value: object) -> bytes:
    """SHA-256 of one value of plain data. Raises NotPlainData, or `Stop` for a handle."""
    return _Digester().digest(value)


def _both(value: object) -> tuple[bytes, bytes]:
    digester = _Digester()
    digest = digester.digest(value)
    return digest, _Digester(as_dicts=True).digest(value) if digester.met_a_dict_type else digest


class _Digester:
    def __init__(self, *, as_dicts: bool = False) -> None:
        """`as_dicts`: `OrderedDict` and `Counter` count as dicts."""
        self._as_dicts = as_dicts
        self.met_a_dict_type = False

    def digest(self, value: object) -> bytes:
        return hashlib.sha256(self._canonical(plain(value))).digest()

    def _canonical(self, value: object) -> bytes:
        """Bytes that are the same for equal values; containers have the digests of their parts."""
        if isinstance(value, Grid):
            return b"a" + self.digest(value.outline) + self.digest(list(value))
        if isinstance(value, list | tuple | deque):
            tag = b"l" if isinstance(value, list) else b"t" if isinstance(value, tuple) else b"Q"
            numbers = _as_floats(value)
            if numbers is not None:
                return tag + b"n" + numbers
            return tag + b"v" + self._joined(value)
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, set | frozenset | KeysView | ItemsView):
            return b"s" + _sorted(map(self.digest, value))
        if isinstance(value, ValuesView):
            return b"w" + self._joined(value)
        if isinstance(value, range):
            # The step of one item does not matter, nor do the bounds of none.
            return b"r" + wire.encode([*value[:1], *value[-1:], *[value.step] * bool(value[1:])])
        if isinstance(value, bytearray):
            return b"v" + wire.encode(bytes(value))
        return _moment(value) or _scalar(_number(value))

    def _mapping(self, value: dict[object, object]) -> bytes:
        if isinstance(value, Counter | OrderedDict):
            self.met_a_dict_type = True
            if not self._as_dicts:
                pairs = [self.digest(key) + self.digest(item) for key, item in value.items()]
                if isinstance(value, OrderedDict):
                    return b"o" + b"".join(pairs)
                zero = self.digest(0)
                return b"k" + _sorted(pair for pair in pairs if not pair.endswith(zero))
        return b"m" + _sorted(self.digest(key) + self.digest(it) for key, it in value.items())

    def _joined(self, values: Iterable[object]) -> bytes:
        return b"".join(map(self.digest, values))


def _number(value: Any) -> Any:
    """A number as one of the types int, bool, float and complex if it is exact there. A complex
    number that remains has an imaginary part, and no part of it is -0.0."""
    if isinstance(value, complex):
        return value.real if value.imag == 0 else complex(value.real + 0.0, value.imag + 0.0)
    if isinstance(value, _class("decimal", "Decimal")):
        if not value.is_finite():
            return math.nan if value.is_nan() else float(value)
        if not value or _is_long(value):
            return value or 0
    elif not isinstance(value, _class("fractions", "Fraction")):
        return value
    numerator, denominator = value.as_integer_ratio()
    if denominator == 1:
        return numerator
    try:
        near = numerator / denominator
    except OverflowError:
        return value
    return near if near.as_integer_ratio() == (numerator, denominator) else value


def _scalar(value: Any) -> bytes:
    """The bytes of what `_number` returned, or of another value that is no container."""
    if isinstance(value, _class("decimal", "Decimal")) and _is_long(value):
        return b"D" + wire.encode(_parts(value))
    if isinstance(value, _class("decimal", "Decimal") | _class("fractions", "Fraction")):
        return b"q" + wire.encode(value.as_integer_ratio())
    if isinstance(value, float | complex) and value != value:
        return b"n"
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        return b"v" + wire.encode(int(value))
    return b"v" + wire.encode(value)


def _class(module: str, name: str) -> type[Any]:
    """A class of a module that few values need; one without instances if it is not loaded."""
    found: type[Any] = getattr(sys.modules.get(module), name, _Nothing)
    return found


class _Nothing:
    """Has no instances."""


def _is_long(value: Any) -> bool:
    _, digits, exponent = _parts(value)
    return max(len(digits), abs(exponent)) > _MOST_DIGITS


def _parts(value: Any) -> tuple[str, str, int]:
    """Sign, digits without zeros at the end, and exponent of the last digit; not for zero."""
    text, _, exponent = f"{value:e}".partition("e")
    whole, _, places = text.lstrip("-").partition(".")
    digits = (whole + places).rstrip("0")
    return text[: text.startswith("-")], digits, int(exponent) - len(digits) + 1


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


def _as_floats(values: Iterable[Any]) -> bytes | None:
    """Numbers as packed floats, if all are exact as floats; else None. A fast path.

    Whether it is taken depends on the values alone, not on their types.
    """
    kinds = set(map(type, values))
    if not kinds <= _NUMBERS:
        if not kinds <= _NUMBERS | {
            complex, _class("decimal", "Decimal"), _class("fractions", "Fraction")
        }:  # fmt: skip
            return None
        values = list(map(_number, values))
        if not set(map(type, values)) <= _NUMBERS:
            return None
    if not all(-_EXACT_IN_A_FLOAT <= one <= _EXACT_IN_A_FLOAT for one in values):
        return None
    # Adding zero turns -0.0 into 0.0.
    floats = [one + 0.0 for one in values]
    return struct.pack(f">{len(floats)}d", *floats) if floats else None


def _sorted(digests: Iterable[bytes]) -> bytes:
    return b"".join(sorted(digests))
