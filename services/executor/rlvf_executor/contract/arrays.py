"""Converts numpy's arrays and scalars to plain data and back, if numpy is loaded; for all
processes.

Only arrays of numbers, truth values, text, dates and durations are converted, since arrays of
objects could hold anything. Nothing here imports numpy, so that programs of the environment without
packages do not pay for it.
"""

import math
import sys
from typing import Any

_ITEM_BYTES = {
    "|b1": 1, "|i1": 1, "|u1": 1, "<i2": 2, "<u2": 2, "<i4": 4, "<u4": 4, "<i8": 8, "<u8": 8,
    "<f2": 2, "<f4": 4, "<f8": 8, "<c8": 8, "<c16": 16,
    **{f"<{k}8[{u}]": 8 for k in "Mm" for u in ("D", "h", "m", "s", "ms", "us", "ns")},
}  # fmt: skip
"""Sizes of items by numpy's names of their types, little-endian (`numpy.dtype.str`)."""
_TEXT = "<U"
_BYTES_OF_A_CHARACTER = 4
_MAX_DIMENSIONS = 32


def _item_bytes(kind: str) -> int:
    """The size of an item; 0 for a type that is not sent."""
    if kind.startswith(_TEXT):
        characters = kind.removeprefix(_TEXT)
        # Longer numbers exceed the maximum size of a value.
        if len(characters) <= 8 and characters.isascii() and characters.isdecimal():
            return _BYTES_OF_A_CHARACTER * int(characters)
    return _ITEM_BYTES.get(kind, 0)


def take_apart(value: object) -> list[object] | None:
    """Type, shape and bytes of an array or scalar, and whether it is a scalar; None for other
    values."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    # Not isinstance, which would ask a handle on a candidate's object for its class.
    is_scalar = issubclass(type(value), numpy.generic)
    if not is_scalar and type(value) is not numpy.ndarray:
        return None
    array: Any = numpy.asarray(value)
    # Sent as little-endian, whatever its byte order is.
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if not _item_bytes(array.dtype.str):
        return None
    return [array.dtype.str, list(array.shape), array.tobytes(), is_scalar]


def put_together(parts: list[object]) -> object:
    """The array or scalar of these parts, which may be forged. Raises ValueError if they are not
    those of one."""
    numpy = sys.modules.get("numpy")
    match parts:
        case [str(kind), list(shape), bytes(data), bool(is_scalar)] if numpy is not None:
            sizes = [one for one in shape if type(one) is int and one >= 0]
            if (
                not _item_bytes(kind)
                or len(sizes) != len(shape)
                or len(shape) > (0 if is_scalar else _MAX_DIMENSIONS)
                or math.prod(sizes) * _item_bytes(kind) != len(data)
            ):
                raise ValueError("an array whose parts do not fit together")
            if kind.startswith(_TEXT) and (numpy.frombuffer(data, "<u4") > sys.maxunicode).any():
                raise ValueError("an array of text with what is no character")
            # Every byte but 0 is true; numpy itself would misread forged bytes other than 0 and 1.
            flat = (
                numpy.frombuffer(data, "|u1") != 0
                if kind == "|b1"
                else numpy.frombuffer(data, kind)
            )
            return flat[0] if is_scalar else flat.reshape(sizes).copy()
    raise ValueError("an array, where there is no numpy")
