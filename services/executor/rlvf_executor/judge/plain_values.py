"""Converts values of numpy and pandas to Python's own for comparison, in the judge's process."""

import sys
from collections import Counter, OrderedDict, deque
from typing import Any

from rlvf_executor.contract import arrays, tables

_NAN = float("nan")
_MISSING = ("NaT", "NA")


class Grid(list[object]):
    """The items of an array, or the columns of a frame, as nested lists. It is equal only to a grid
    of the same kind, shape and labels."""

    def __init__(self, items: list[object], outline: tuple[object, ...]) -> None:
        super().__init__(items)
        self.outline = outline
        """The shape of an array; the kind and the labels of a pandas object."""

    @property
    def has_labels(self) -> bool:
        """Whether it is an object of pandas, not an array."""
        return self.outline[0] != "array"

    def __eq__(self, other: object) -> bool:
        return type(other) is Grid and self.outline == other.outline and list.__eq__(self, other)

    __hash__ = None


def plain(value: object) -> Any:
    """The value with arrays and frames replaced by `Grid`s, and scalars by Python's own.

    Every missing value in a frame becomes None: NaN, NaT, NA or None.
    """
    if "numpy" not in sys.modules:
        return value
    kind: Any = type(value)
    if kind is list or kind is tuple or kind is deque:
        return kind(map(plain, value))  # type: ignore[call-overload]
    if kind is dict or kind is Counter or kind is OrderedDict:
        made: Any = kind()
        for key, item in value.items():  # type: ignore[attr-defined]
            made[key] = plain(item)
        return made
    name = tables.kind_of(value)
    if name in _MISSING:
        return _NAN
    if name in ("Timestamp", "Timedelta"):
        return value
    if name:
        return _grid(name, value)
    if arrays.take_apart(value) is None:
        return value
    array: Any = _in_microseconds(value)
    if issubclass(kind, sys.modules["numpy"].generic):
        return array.item()
    # `tolist` of an array without dimensions is its item.
    return Grid(array.tolist() if array.shape else [array.item()], ("array", *array.shape))


def _in_microseconds(value: Any) -> Any:
    """Dates and durations in microseconds, Python's own unit, unless that loses precision."""
    if value.dtype.kind not in "Mm":
        return value
    rounded = value.astype(f"{value.dtype.kind}8[us]")
    numpy: Any = sys.modules["numpy"]
    return rounded if numpy.array_equal(rounded, value, equal_nan=True) else value


def _grid(name: str, value: Any) -> Grid:
    if name == "DataFrame":
        columns: list[object] = [_cells(column) for _, column in value.items()]
        return Grid(columns, (name, tuple(_cells(value.index)), tuple(_cells(value.columns))))
    if name == "Series":
        return Grid(_cells(value), (name, tuple(_cells(value.index))))
    return Grid(_cells(value), ("Index",))


def _cells(values: Any) -> list[object]:
    return [_cell(one) for one in values.tolist()]


def _cell(value: Any) -> object:
    kind = type(value)
    if kind is float:
        return value if value == value else None
    if kind is tuple:
        return tuple(map(_cell, value))
    return None if tables.kind_of(value) in _MISSING else plain(value)
