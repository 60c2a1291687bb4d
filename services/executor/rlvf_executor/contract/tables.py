"""Converts pandas' DataFrame, Series, Index, Timestamp and Timedelta to plain data and back; for
all processes.

If pandas was imported before the fork, in candidate and judge (`agree`), an object of exactly one
of its types is taken apart into labels, names and columns of plain data. Otherwise, and with other
contents (periods, intervals, zones other than UTC, objects of a program's own classes), it is sent
like any other object. `attrs` and `flags` are dropped.

The parts may be forged, so only what is listed here is built: types are looked up by name, never
imported; lengths and ranges are checked; labels are scalars or tuples of them. Nothing here imports
pandas.
"""

import sys
from collections.abc import Callable
from typing import Any

_MAX_LABELS = 2**20
"""The longest axis. A range takes no room when it is sent, but does in a test that reads it."""
_MAX_LEVELS = 32
_MAX_MULTIPLE = 10_000

MENTION = b"pandas."
"""Occurs in the encoding of every such value, which shows that processes with pandas are needed."""

_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
# Ranges in seconds: the years 1 to 9999, and those of a timedelta. In ns all 64 bits are within.
_LIMITS = {"M": (-62_135_596_800, 253_402_300_799), "m": (-86_399_999_913_600, 86_399_999_999_999)}
_NOT_A_TIME = -(2**63)
_NUMBERS = frozenset((
    "|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8",
    "<c16",
))  # fmt: skip
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_STEPS = frozenset((
    "ns", "us", "ms", "s", "min", "h", "D", "B", "W", "MS", "ME", "BMS", "BME",
    *(f"W-{day}" for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")),
    *(f"{step}-{month}" for step in ("QS", "QE", "YS", "YE") for month in _MONTHS),
))  # fmt: skip
"""pandas' names of the steps of a regular index."""

_pandas: Any = None
_numpy: Any = None
_kinds: dict[type, str] = {}


class _NotPlain(Exception):
    """A pandas object has contents that cannot be sent by value."""


def agree() -> None:
    """Sends pandas' objects by value from now on, if pandas is loaded.

    Must be called before any program runs, and in processes whose counterparts have pandas too.
    """
    global _pandas, _numpy
    _pandas, _numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if _pandas is not None:
        _kinds.update({getattr(_pandas, name): name for name in (*_INDEXES, *_TAKERS)})
        _kinds.update({type(_pandas.NaT): "NaT", type(_pandas.NA): "NA"})


def kind_of(value: object) -> str:
    """The name of the pandas type of a value, such as `Series`; "" for other values and for
    subclasses."""
    return _kinds.get(type(value), "")


def take_apart(value: object) -> list[object] | None:
    """The name of the type, and its parts; None for other values."""
    name = _kinds.get(type(value))
    if name is None:
        return None
    try:
        if name in ("NaT", "NA"):
            parts: list[object] = []
        elif name in _INDEXES:
            name, parts = "Index", [_axis(value)]
        else:
            parts = _TAKERS[name](value)
    except _NotPlain:
        return None
    return [f"pandas.{name}", *parts]


def put_together(parts: list[object]) -> object:
    """The object of these parts, which may be forged. Raises ValueError if they are not those of
    one."""
    if _pandas is None:
        raise ValueError("an object of pandas, where there is no pandas")
    try:
        match parts:
            case ["pandas.NaT"]:
                return _pandas.NaT
            case ["pandas.NA"]:
                return _pandas.NA
            case ["pandas.Timestamp", int(count), str(unit), bool(in_utc)] if unit in _UNITS:
                stamp = _pandas.Timestamp(_moment("M", count, unit))
                return stamp.tz_localize("UTC") if in_utc else stamp
            case ["pandas.Timedelta", int(count), str(unit)] if unit in _UNITS:
                return _pandas.Timedelta(_moment("m", count, unit))
            case ["pandas.Index", list(axis)]:
                return _axis_of(axis)
            case ["pandas.Series", list(column), list(axis), name]:
                return _series(column, _axis_of(axis), _label(name))
            case ["pandas.DataFrame", list(columns), list(axis), list(labels)]:
                return _frame(columns, _axis_of(axis), _axis_of(labels))
    except MemoryError:
        raise
    except Exception as error:  # pandas raises errors of many kinds.
        raise ValueError(f"{parts[0]!s:.40}: {error!s:.200}") from None
    raise ValueError("an object of pandas whose parts do not fit together")


# Taking apart.


def _take_frame(frame: Any) -> list[object]:
    labels, axis = _axis(frame.columns), _axis(frame.index)
    return [[_column(column) for _, column in frame.items()], axis, labels]


def _take_series(series: Any) -> list[object]:
    return [_column(series), _axis(series.index), _label(series.name)]


def _take_timestamp(stamp: Any) -> list[object]:
    in_utc = stamp.tzinfo is not None
    if stamp.fold or (in_utc and not _is_utc(stamp.tzinfo)):
        raise _NotPlain
    return [int(stamp.asm8.view("i8")), stamp.unit, in_utc]


def _take_timedelta(delta: Any) -> list[object]:
    return [int(delta.asm8.view("i8")), delta.unit]


_INDEXES = (
    "Index", "RangeIndex", "DatetimeIndex", "TimedeltaIndex", "CategoricalIndex", "MultiIndex"
)  # fmt: skip
_TAKERS: dict[str, Callable[[Any], list[object]]] = {
    "DataFrame": _take_frame,
    "Series": _take_series,
    "Timestamp": _take_timestamp,
    "Timedelta": _take_timedelta,
}


def _axis(index: Any) -> list[object]:
    kind = _kinds.get(type(index))
    if kind not in _INDEXES or len(index) > _MAX_LABELS:
        raise _NotPlain
    if kind == "RangeIndex":
        return ["range", index.start, index.stop, index.step, _label(index.name)]
    if kind == "MultiIndex":
        if index.nlevels > _MAX_LEVELS:
            raise _NotPlain
        # A level's name is taken off first: pandas prefers names that are numbers to positions.
        unnamed = index.set_names([None] * index.nlevels)
        levels = (unnamed.get_level_values(n).rename(name) for n, name in enumerate(index.names))
        return ["levels", *map(_axis, levels)]
    column, step = _column(index), getattr(index, "freq", None)
    if column[0] == "objects":
        for label in column[1]:
            _label(label)
    return ["labels", column, _label(index.name), None if step is None else _taken_step(step)]


def _taken_step(step: Any) -> list[object]:
    if step.rule_code not in _STEPS or not 0 < abs(step.n) <= _MAX_MULTIPLE:
        raise _NotPlain
    return [step.rule_code, step.n]


def _column(values: Any) -> list[Any]:
    """The kind of a Series' or an Index's contents, and the contents."""
    kind: Any = values.dtype
    name = type(kind).__name__
    if isinstance(kind, _numpy.dtype) and kind.kind == "O":
        cells = values.to_numpy().tolist()
        for cell in cells:
            _cell(cell)
        return ["objects", cells]
    if isinstance(kind, _numpy.dtype):
        return ["array", _array(_numpy.asarray(values))]
    if name == "DatetimeTZDtype" and _is_utc(kind.tz):
        return ["utc", _array(_numpy.asarray(values, f"M8[{kind.unit}]"))]
    if name == "StringDtype":
        texts = [one if type(one) is str else None for one in values.tolist()]
        return ["texts", kind.storage, kind.na_value is _pandas.NA, texts]
    if name == "CategoricalDtype":
        held = values.array
        return ["categories", held.codes, _axis(kind.categories), bool(kind.ordered)]
    if name.removesuffix("Dtype") in _MASKED:
        held = values.array
        data = held.to_numpy(kind.numpy_dtype, na_value=kind.numpy_dtype.type(0))
        return ["masked", _array(data), _array(_numpy.asarray(held.isna()))]
    raise _NotPlain


_MASKED = frozenset((
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64",
    "Boolean",
))  # fmt: skip


# Putting together. Refused parts raise _NotPlain, TypeError or ValueError.


def _frame(columns: list[object], axis: Any, labels: Any) -> object:
    if len(columns) != len(labels):
        raise ValueError("another number of columns than labels")
    series = {}
    for number, column in enumerate(columns):
        if type(column) is not list:
            raise TypeError("a column that is no list of parts")
        series[number] = _series(column, axis, None)
    frame = _pandas.DataFrame(series, index=axis)
    frame.columns = labels
    return frame


def _series(column: list[object], axis: Any, name: object) -> object:
    contents = _contents(column)
    if len(contents) != len(axis):
        raise ValueError("another number of values than labels")
    return _pandas.Series(contents, index=axis, dtype=contents.dtype, name=name, copy=False)


def _axis_of(parts: list[object]) -> Any:
    match parts:
        case ["range", *bounds, name]:
            numbers = [one for one in bounds if type(one) is int and abs(one) < 2**63]
            if len(numbers) == len(bounds) == 3 and len(range(*numbers)) <= _MAX_LABELS:
                return _pandas.RangeIndex(range(*numbers), name=_label(name))
        case ["levels", *levels] if 0 < len(levels) <= _MAX_LEVELS:
            axes = [_axis_of(one) for one in levels if type(one) is list and one[0] != "levels"]
            if len(axes) == len(levels) and len({len(one) for one in axes}) == 1:
                names = [one.name for one in axes]
                return _pandas.MultiIndex.from_arrays(axes, names=names)
        case ["labels", list(column), name, step]:
            contents = _contents(column)
            if column[0] == "objects":
                for label in contents:
                    _label(label)
            if len(contents) <= _MAX_LABELS:
                kind = contents.dtype
                index = _pandas.Index(contents, kind, False, _label(name), tupleize_cols=False)
                if step is None:
                    return index
                if _kinds.get(type(index)) in ("DatetimeIndex", "TimedeltaIndex"):
                    index.freq = _step(step)  # This checks that the labels have this step.
                    return index
    raise ValueError("labels whose parts do not fit together")


def _step(parts: object) -> object:
    match parts:
        case [str(name), int(count)] if name in _STEPS and 0 < abs(count) <= _MAX_MULTIPLE:
            return _pandas.tseries.frequencies.to_offset(name) * count
    raise ValueError("an unknown step")


def _contents(parts: list[object]) -> Any:
    """The numpy or pandas array that `_column` took apart."""
    match parts:
        case ["array", array]:
            return _array(array)
        case ["objects", list(cells)]:
            found = _numpy.empty(len(cells), object)
            for number, cell in enumerate(cells):
                found[number] = _cell(cell)
            return found
        case ["utc", array] if _array(array).dtype.kind == "M":
            return _pandas.DatetimeIndex(array).tz_localize("UTC").array
        case ["texts", "python" | "pyarrow" as storage, bool(with_na), list(texts)]:
            if {type(one) for one in texts} <= {str, type(None)}:
                missing = _pandas.NA if with_na else _numpy.nan
                return _pandas.array(texts, _pandas.StringDtype(storage, missing))
        case ["categories", codes, list(axis), bool(ordered)]:
            if _array(codes).dtype.kind == "i":
                # This checks that each code is that of a category, and that categories differ.
                return _pandas.Categorical.from_codes(codes, _axis_of(axis), ordered)
        case ["masked", data, mask] if _array(mask).dtype == bool:
            kinds = {"b": "Boolean", "i": "Integer", "u": "Integer", "f": "Floating"}
            return getattr(_pandas.arrays, f"{kinds[_array(data).dtype.kind]}Array")(data, mask)
    raise ValueError("values whose parts do not fit together")


# Checks in both directions.


def _array(value: Any) -> Any:
    """The value, if it is an array of one dimension with numbers, dates or durations that pandas
    can display."""
    if type(value) is not _numpy.ndarray or value.ndim != 1:
        raise _NotPlain
    kind = value.dtype.newbyteorder("<").str
    if kind in _NUMBERS:
        return value
    unit = kind[4:-1]
    if kind[:3] not in ("<M8", "<m8") or unit not in _UNITS:
        raise _NotPlain
    if unit != "ns":
        counts = value.view("i8")
        known = counts[counts != _NOT_A_TIME]
        low, high = _limits(kind[1], unit)
        if known.size and not (low <= known.min() and known.max() <= high):
            raise _NotPlain
    return value


def _limits(kind: str, unit: str) -> tuple[int, int]:
    low, high = _LIMITS[kind]
    return low * _UNITS[unit], (high + 1) * _UNITS[unit] - 1


def _moment(kind: str, count: int, unit: str) -> object:
    low, high = _limits(kind, unit) if unit != "ns" else (_NOT_A_TIME + 1, 2**63 - 1)
    if type(count) is not int or not low <= count <= high:
        raise ValueError("a time that is out of range")
    return {"M": _numpy.datetime64, "m": _numpy.timedelta64}[kind](count, unit)


def _is_utc(zone: object) -> bool:
    return zone is sys.modules["datetime"].UTC


def _cell(value: Any) -> Any:
    """The value, if it may be in a column of objects: not a type, because pandas calls callables;
    and not an array without dimensions, which numpy would replace by its item."""
    if type(value) is type or (type(value) is _numpy.ndarray and value.ndim == 0):
        raise _NotPlain
    return value


def _label(value: Any, depth: int = 0) -> object:
    """The value, if it may be a label or a name: a scalar, or a tuple of them. Nothing in it can be
    called or changed."""
    kind = type(value)
    if kind is tuple and depth < _MAX_LEVELS:
        for one in value:
            _label(one, depth + 1)
    elif kind not in _LABELS and _kinds.get(kind) not in ("Timestamp", "Timedelta", "NaT", "NA"):
        module: Any = sys.modules["datetime"]
        if kind not in (module.datetime, module.date, module.time, module.timedelta) and not (
            issubclass(kind, (_numpy.number, _numpy.bool_, _numpy.str_))
        ):
            raise _NotPlain
    return value


_LABELS: frozenset[type] = frozenset((type(None), bool, int, float, complex, str, bytes))
