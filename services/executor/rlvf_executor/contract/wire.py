"""Encoding of plain data between a candidate and its judge.

A value is encoded only if it is of an *exact* built-in type, so that no method of a candidate's
class ever runs in the judge: an object that claims to equal everything cannot be sent. Decoding
builds plain values only; data cannot name a class or run code. Both directions limit size and
depth.

Types: None, bool, int, float, complex, str (lone surrogates too), bytes, bytearray, range, list,
tuple, dict, set, frozenset, and the views `keys`, `values` and `items` of a dict. From the standard
library, `defaultdict` is sent as dict, to which it compares equal; `Counter`, `OrderedDict`,
`deque`, `Fraction` and `Decimal` as themselves, rebuilt from their items or digits. The built-in
types themselves, `int`, `str` and the others above, are sent by name. Dates, times and durations
of `datetime`, without a zone or in UTC, are sent as numbers (`dates.py`).

Where numpy is loaded, its arrays and scalars of numbers, truth values, text, dates and durations
are sent as their bytes (`arrays.py`). Where both sides began with pandas, its DataFrame, Series,
Index, Timestamp and Timedelta are sent as their parts, if those are plain data (`tables.py`); their
parts are never references.

Where both sides agree, an object that is not plain data can be sent as a *reference*: a number, a
description for people, and whether it is one of Python's own iterators, whose items the other side
may ask for. The object stays in its process.

The judge trusts itself, so the other direction, judge to candidate, uses a faster encoding
(`encode_for_candidate`).

An encoded value is a tag byte and its payload; lengths are 4 bytes, big-endian. A list or tuple
whose items are all floats, or all integers of 64 bits, is sent as one block, many times faster.
"""

import marshal
import struct
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, ItemsView, Iterable, KeysView, ValuesView
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rlvf_executor.contract import arrays, dates, policy, tables

if TYPE_CHECKING:
    from fractions import Fraction


class NotPlainData(Exception):
    """A value cannot be sent, or bytes are not a value."""


class _TooMuch(NotPlainData):
    """A value is plain data, but too large or too deep."""


class Reference(NamedTuple):
    """An object of the candidate's process: its number there, and a description for people."""

    number: int
    text: str
    iterates: bool = False
    """Whether it is an iterator of one of Python's own types."""


Refer: TypeAlias = Callable[[object], Reference | None]

_LENGTH = struct.Struct(">I")
_INT64 = struct.Struct(">q")
_DOUBLE = struct.Struct(">d")
_COMPLEX = struct.Struct(">dd")


def encode(
    value: object,
    *,
    max_bytes: int = policy.MAX_VALUE_BYTES,
    max_depth: int = policy.MAX_VALUE_DEPTH,
    refer: Refer | None = None,
) -> bytes:
    """Encodes one value.

    `refer` returns the reference of an object that is not plain data, or None where it has none.

    Raises:
        NotPlainData: a type that is not listed above, too deep (cyclic values are), or too large.
    """
    encoder = _Encoder(max_bytes, max_depth, refer)
    encoder.add(value, 0)
    return bytes(encoder.out)


def encode_reference(reference: "Reference") -> bytes:
    """Encodes a value that is one reference."""
    text = reference.text.encode("utf-8", "backslashreplace")
    tag = b"j" if reference.iterates else b"h"
    return tag + _INT64.pack(reference.number) + _LENGTH.pack(len(text)) + text


def encode_for_candidate(value: object, *, refer: Refer | None = None) -> bytes:
    """Encodes a value that a judge sends; `decode_from_judge` is the counterpart.

    As `encode`, but plain values are sent in the format of `marshal`, which is many times faster.
    The reader has to trust the writer, so this is not for what a candidate sends.
    """
    if _room_after(value, 0, policy.MAX_VALUE_BYTES) >= 0:
        encoded = _MARSHALLED + marshal.dumps(value, _MARSHAL_VERSION)  # type: ignore[arg-type]
        if len(encoded) <= policy.MAX_VALUE_BYTES:
            return encoded
    return encode(value, refer=refer)


def decode_from_judge(
    data: bytes, *, resolve: Callable[["Reference"], object] | None = None
) -> object:
    """Decodes one value that a judge sent. Raises NotPlainData."""
    if data[:1] == _MARSHALLED:
        return marshal.loads(data[1:])
    return decode(data, resolve=resolve)


def _room_after(value: Any, depth: int, room: int) -> int:
    """A lower bound on what is left of `room` bytes after `marshal` has written a value.

    Negative where there is not enough, and where `marshal` does not give the same value back: it
    turns some types into others, and writes sets in another order.
    """
    kind = type(value)
    if kind is int:
        return room - 5 - int(value.bit_length() // 8)
    if kind is str or kind is bytes:
        return room - 5 - len(value)
    if kind in _MARSHALLED_BYTES:
        return room - _MARSHALLED_BYTES[kind]
    if kind is dict:
        room = _room_after(list(value), depth, room)
        return room if room < 0 else _room_after(list(value.values()), depth, room)
    if (kind is not list and kind is not tuple) or depth >= policy.MAX_VALUE_DEPTH:
        return -1
    room -= 5
    if len(value) >= _BLOCK_ITEMS:
        kinds = set(map(type, value))
        if kinds == {int}:
            return room - 5 * len(value) - sum(map(int.bit_length, value)) // 8
        if kinds == {float}:
            return room - _MARSHALLED_BYTES[float] * len(value)
    for one in value:
        room = _room_after(one, depth + 1, room)
        if room < 0:
            break
    return room


_MARSHALLED = b"="
# The last version without references: an object that occurs twice arrives as two.
_MARSHAL_VERSION = 2
_MARSHALLED_BYTES: dict[type, int] = {type(None): 1, bool: 1, float: 9, complex: 17}


class _Encoder:
    def __init__(self, max_bytes: int, max_depth: int, refer: Refer | None) -> None:
        self.out = bytearray()
        self.max_bytes = max_bytes
        self.max_depth = max_depth
        self.refer = refer

    def add(self, value: object, depth: int) -> None:
        # `type(value)`, not isinstance: __class__ can lie, and a subclass can override anything.
        kind = type(value)
        out = self.out
        if value is None:
            out += b"N"
        elif value is True:
            out += b"T"
        elif value is False:
            out += b"F"
        elif kind is int:
            self._add_int(value)  # type: ignore[arg-type]
        elif kind is str:
            self._add_sized(b"s", value.encode("utf-8", "surrogatepass"))  # type: ignore[attr-defined]
        elif kind is float:
            out += b"d" + _DOUBLE.pack(value)
        elif kind in _SEQUENCES:
            self._add_items(_SEQUENCES[kind], value, depth)  # type: ignore[arg-type]
        elif kind in _MAPPINGS:
            # The exact type is known, so nothing of a subclass can run. Only OrderedDict's own
            # method has its order.
            items: Any = OrderedDict.items if kind is OrderedDict else dict.items
            parts = [part for pair in items(value) for part in pair]
            self._add_items(_MAPPINGS[kind], parts, depth)
        elif kind in _VIEWS:
            self._add_items(_VIEWS[kind], value, depth)  # type: ignore[arg-type]
        elif kind is bytes:
            self._add_sized(b"b", value)  # type: ignore[arg-type]
        elif kind is bytearray:
            self._add_sized(b"B", bytes(value))  # type: ignore[call-overload]
        elif kind is complex:
            out += b"c" + _COMPLEX.pack(value.real, value.imag)  # type: ignore[attr-defined]
        elif kind is range:
            self._add_items(b"r", [value.start, value.stop, value.step], depth)  # type: ignore[attr-defined]
        elif kind is _loaded("fractions", "Fraction"):
            self._add_items(b"q", [value._numerator, value._denominator], depth)  # type: ignore[attr-defined]
        elif kind is _loaded("decimal", "Decimal"):
            self._add_sized(b"D", kind.__str__(value).encode("ascii"))
        elif kind is type and value in _TYPE_NAMES:
            self._add_sized(b"y", _TYPE_NAMES[value].encode())
        elif (array := arrays.take_apart(value)) is not None:
            self._add_items(b"A", array, depth)
        elif (date := dates.take_apart(value)) is not None:
            self._add_items(b"x", date, depth)
        elif (table := tables.take_apart(value)) is not None:
            self._add_table(value, table, depth)
        else:
            self._add_reference(value)

    def _add_table(self, value: object, parts: list[object], depth: int) -> None:
        """Adds an object of pandas; as a reference if one of its parts is not plain data."""
        begin, refer, self.refer = len(self.out), self.refer, None
        try:
            self._add_items(b"P", parts, depth)
        except _TooMuch:
            raise
        except NotPlainData:
            del self.out[begin:]
            self.refer = refer
            self._add_reference(value)
        finally:
            self.refer = refer

    def _add_reference(self, value: object) -> None:
        reference = self.refer(value) if self.refer is not None else None
        if reference is None:
            raise NotPlainData(describe(value))
        self.out += encode_reference(reference)

    def _add_int(self, value: int) -> None:
        if -(2**63) <= value < 2**63:
            self.out += b"i" + _INT64.pack(value)
        else:
            self._add_sized(b"I", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))

    def _add_sized(self, tag: bytes, payload: bytes) -> None:
        if len(self.out) + len(payload) > self.max_bytes:
            raise _TooMuch(f"the value takes more than {self.max_bytes} bytes")
        self.out += tag + _LENGTH.pack(len(payload)) + payload

    def _add_items(self, tag: bytes, items: Iterable[object], depth: int) -> None:
        if depth >= self.max_depth:
            raise _TooMuch(
                f"the value is nested deeper than {self.max_depth} levels, or contains itself"
            )
        # A copy, because another thread of the candidate may change the value meanwhile.
        parts = tuple(items)
        if len(parts) >= _BLOCK_ITEMS and self._add_block(tag, parts):
            return
        self.out += tag + _LENGTH.pack(len(parts))
        for part in parts:
            self.add(part, depth + 1)
            if len(self.out) > self.max_bytes:
                raise _TooMuch(f"the value takes more than {self.max_bytes} bytes")

    def _add_block(self, tag: bytes, parts: tuple[object, ...]) -> bool:
        """Adds a list or tuple of numbers of one kind; False where it is something else."""
        kinds = set(map(type, parts))
        code = _BLOCK_CODES.get(kinds.pop()) if tag in _BLOCK_TAGS and len(kinds) == 1 else None
        if code is None:
            return False
        if len(self.out) + 8 * len(parts) > self.max_bytes:
            raise _TooMuch(f"the value takes more than {self.max_bytes} bytes")
        try:
            packed = struct.pack(f">{len(parts)}{code}", *parts)
        except struct.error:  # An integer of more than 64 bits.
            return False
        self.out += _BLOCK_TAGS[tag] + code.encode() + _LENGTH.pack(len(parts)) + packed
        return True


def _loaded(module: str, name: str) -> object:
    """A class of a module that few programs import; None unless this program has imported it."""
    return getattr(sys.modules.get(module), name, None)


# A shorter list is not worth a check for a block.
_BLOCK_ITEMS = 8
_BLOCK_TAGS = {b"l": b"L", b"t": b"U"}
_BLOCK_CODES: dict[type, str] = {int: "q", float: "d"}
_SEQUENCES: dict[type, bytes] = {
    list: b"l", tuple: b"t", set: b"S", frozenset: b"Z", deque: b"Q"
}  # fmt: skip
_VIEWS: dict[type, bytes] = {
    type(getattr(kind(), view)()): tag
    for kind in (dict, OrderedDict)
    for view, tag in (("keys", b"k"), ("values", b"v"), ("items", b"w"))
}
_MAPPINGS: dict[type, bytes] = {dict: b"m", defaultdict: b"m", Counter: b"C", OrderedDict: b"O"}


def is_iterator(value: object) -> bool:
    """Whether a value is an iterator of one of Python's own types: a generator, `map`, `chain`."""
    kind = type(value)
    return bool(kind.__flags__ & _IMMUTABLE_TYPE) and hasattr(kind, "__next__")


# Py_TPFLAGS_IMMUTABLETYPE: set for all types that are written in C, and for no others.
_IMMUTABLE_TYPE = 1 << 8


def describe(value: object) -> str:
    """A sentence about a value that is not plain data; runs none of the value's own code."""
    # type.__name__ itself, because a metaclass may define a property of that name.
    name = type.__dict__["__name__"].__get__(type(value))
    kind = f"a value of type {name[:100]!r}" if type(name) is str else "a value"
    return f"{kind} is not plain data"


def decode(
    data: bytes,
    *,
    max_depth: int = policy.MAX_VALUE_DEPTH,
    resolve: Callable[["Reference"], object] | None = None,
) -> object:
    """Decodes one value.

    `resolve` returns the object for each reference; without it references are refused.

    Raises:
        NotPlainData: the bytes are not exactly one value.
    """
    decoder = _Decoder(data, max_depth, resolve)
    try:
        value = decoder.value(0)
    except NotPlainData:
        raise
    except (struct.error, ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise NotPlainData(f"not an encoded value: {error}") from None
    if decoder.position != len(data):
        raise NotPlainData("not an encoded value: bytes are left over")
    return value


class _Decoder:
    def __init__(
        self, data: bytes, max_depth: int, resolve: Callable[["Reference"], object] | None
    ) -> None:
        self.data = data
        self.position = 0
        self.max_depth = max_depth
        self.resolve = resolve

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise NotPlainData("not an encoded value: it is cut short")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def _sized(self) -> bytes:
        (size,) = _LENGTH.unpack(self._take(4))
        return self._take(size)

    def _items(self, depth: int) -> list[object]:
        if depth >= self.max_depth:
            raise NotPlainData("not an encoded value: it is nested too deep")
        (count,) = _LENGTH.unpack(self._take(4))
        # Every item takes at least one byte: a larger count is wrong, and would cost memory.
        if count > len(self.data) - self.position:
            raise NotPlainData("not an encoded value: it is cut short")
        return [self.value(depth + 1) for _ in range(count)]

    def _block(self) -> tuple[int | float, ...]:
        code = self._take(1).decode("ascii")
        if code not in _BLOCK_CODES.values():
            raise NotPlainData("not an encoded value: a block of an unknown kind")
        (count,) = _LENGTH.unpack(self._take(4))
        return struct.unpack(f">{count}{code}", self._take(8 * count))

    def value(self, depth: int) -> object:
        tag = self._take(1)
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag == b"i":
            return _INT64.unpack(self._take(8))[0]
        if tag == b"s":
            return self._sized().decode("utf-8", "surrogatepass")
        if tag == b"d":
            return _DOUBLE.unpack(self._take(8))[0]
        if tag in _BUILDERS:
            return _BUILDERS[tag](self._items(depth))
        if tag in _BLOCK_BUILDERS:
            return _BLOCK_BUILDERS[tag](self._block())
        if tag == b"I":
            return int.from_bytes(self._sized(), "big", signed=True)
        if tag == b"b":
            return self._sized()
        if tag == b"B":
            return bytearray(self._sized())
        if tag == b"c":
            return complex(*_COMPLEX.unpack(self._take(16)))
        if tag == b"D":
            from decimal import Decimal

            return Decimal(self._sized().decode("ascii"))
        if tag == b"y":
            return _TYPES[self._sized().decode("ascii")]
        if tag == b"P":
            return self._table(depth)
        if tag in (b"h", b"j") and self.resolve is not None:
            (number,) = _INT64.unpack(self._take(8))
            text = self._sized().decode("utf-8", "replace")
            return self.resolve(Reference(number, text, tag == b"j"))
        raise NotPlainData(f"not an encoded value: unknown tag {tag!r}")

    def _table(self, depth: int) -> object:
        resolve, self.resolve = self.resolve, None
        try:
            return tables.put_together(self._items(depth))
        finally:
            self.resolve = resolve


def _mapping(items: list[object]) -> dict[object, object]:
    return dict(zip(items[::2], items[1::2], strict=True))


def _counter(items: list[object]) -> Counter[object]:
    counts: Any = _mapping(items)
    return Counter(counts)


def _ordered(items: list[object]) -> OrderedDict[object, object]:
    return OrderedDict(_mapping(items))


def _keys(items: list[object]) -> KeysView[object]:
    return dict.fromkeys(items).keys()


def _values(items: list[object]) -> ValuesView[object]:
    return dict(enumerate(items)).values()


def _pairs(items: list[object]) -> ItemsView[object, object]:
    return dict(items).items()  # type: ignore[arg-type]


def _integers(items: list[object], count: int) -> list[int]:
    integers = [item for item in items if type(item) is int]
    if len(items) != count or len(integers) != count:
        raise NotPlainData(f"not an encoded value: {count} integers are wanted")
    return integers


def _range(items: list[object]) -> range:
    return range(*_integers(items, 3))


def _fraction(items: list[object]) -> "Fraction":
    from fractions import Fraction

    numerator, denominator = _integers(items, 2)
    return Fraction(numerator, denominator)


_TYPE_NAMES: dict[object, str] = {
    kind: kind.__name__
    for kind in (
        bool, int, float, complex, str, bytes, bytearray, range, list, tuple, dict, set, frozenset,
        type(None), object, type,
    )
}  # fmt: skip
_TYPES = {name: kind for kind, name in _TYPE_NAMES.items()}
_BLOCK_BUILDERS: dict[bytes, Callable[[tuple[int | float, ...]], object]] = {
    b"L": list,
    b"U": tuple,
}
_CONSTANTS: dict[bytes, object] = {b"N": None, b"T": True, b"F": False}
_BUILDERS: dict[bytes, Callable[[list[object]], object]] = {
    b"l": list,
    b"t": tuple,
    b"m": _mapping,
    b"C": _counter,
    b"O": _ordered,
    b"S": set,
    b"Z": frozenset,
    b"Q": deque,
    b"k": _keys,
    b"v": _values,
    b"w": _pairs,
    b"r": _range,
    b"q": _fraction,
    b"A": arrays.put_together,
    b"x": dates.put_together,
}
