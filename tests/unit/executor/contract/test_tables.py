"""pandas' objects as plain data."""

import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlvf_executor.contract import tables, wire
from rlvf_executor.contract.rules import Comparison, Rule, Tolerance
from rlvf_executor.judge.comparison import agrees
from rlvf_executor.judge.value_digests import digest_of

EQUAL = Rule(Comparison.EQUAL, None, None, False)
NEAR = Rule(Comparison.EQUAL, Tolerance(1e-3, 0.0), None, False)
NEAR_FLOATS = Rule(Comparison.EQUAL, None, Tolerance(1e-3, 0.0), False)


@pytest.fixture(autouse=True, scope="module")
def _agreed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_pandas", "_numpy"):
            patch.setattr(tables, name, None)
        patch.setattr(tables, "_kinds", {})
        tables.agree()
        yield


def _same(decoded: Any, value: Any) -> None:
    """Asserts that two objects differ in nothing."""
    assert type(decoded) is type(value)
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(decoded, value, check_exact=True, check_freq=True)
        _same(decoded.columns, value.columns)
        _same(decoded.index, value.index)
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(decoded, value, check_exact=True, check_freq=True)
        assert list(map(type, decoded)) == list(map(type, value))
        _same(decoded.index, value.index)
    else:
        # A level of labels may be a range or an array of the same numbers.
        exact = "equiv" if isinstance(value, pd.MultiIndex) else True
        pd.testing.assert_index_equal(decoded, value, exact=exact)
        assert getattr(decoded, "freq", None) == getattr(value, "freq", None)


def _there_and_back(value: object) -> tuple[object, object]:
    return (
        wire.decode(wire.encode(value)),
        wire.decode_from_judge(wire.encode_for_candidate(value)),
    )


_COMPARABLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.binary(max_size=3)
    | st.datetimes()
    | st.dates()
    | st.sampled_from([pd.NaT, pd.NA, pd.Timestamp(0), np.int8(3), np.float32(0.5)])
)
_SCALARS = _COMPARABLE | st.just(math.nan)
# pandas' assertions say that [nan] differs from [nan].
_LABELS = _SCALARS | st.tuples(_COMPARABLE, _COMPARABLE)
_CELLS = _SCALARS | st.lists(_COMPARABLE, max_size=2) | st.dictionaries(st.text(), _COMPARABLE)


def _objects(cells: list[object]) -> "np.ndarray[Any, Any]":
    made = np.empty(len(cells), object)
    for number, cell in enumerate(cells):
        made[number] = cell
    return made


def _texts(kind: object, size: int) -> st.SearchStrategy[object]:
    texts = st.lists(st.none() | st.text(max_size=3), min_size=size, max_size=size)
    return texts.map(lambda given: pd.array(given, dtype=kind))


def _columns(size: int) -> st.SearchStrategy[Any]:
    """Contents of columns of this length, of every kind."""

    def items(one: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
        return st.lists(one, min_size=size, max_size=size)

    small = st.integers(0, 100)
    numbers = st.sampled_from(["int8", "uint16", "int64", "float32", "float64", "bool", "c16"])
    times = st.sampled_from(["M8[s]", "M8[ns]", "M8[us]", "m8[ms]", "m8[s]"])
    nullable = st.sampled_from(["Int8", "UInt64", "Float32", "Float64", "boolean"])
    of_times = items(small | st.just(-(2**63)))
    stamps = of_times.map(lambda it: np.array(it, "i8"))
    return st.one_of(
        st.tuples(items(small), numbers).map(lambda it: np.array(it[0]).astype(it[1])),
        st.tuples(stamps, times).map(lambda it: it[0].view(it[1])),
        stamps.map(lambda it: pd.DatetimeIndex(it.view("M8[ms]")).tz_localize("UTC")),
        st.tuples(items(st.none() | st.integers(0, 1)), nullable).map(
            lambda it: pd.array(it[0], it[1])
        ),
        items(_CELLS).map(_objects),
        _texts("str", size),
        _texts("string", size),
        st.tuples(items(st.none() | st.sampled_from("abc")), st.booleans()).map(
            lambda it: pd.Categorical(it[0], ["c", "a", "b"], ordered=it[1])
        ),
    )


def _series(contents: Any, index: pd.Index, name: object = None) -> pd.Series:
    return pd.Series(contents, index, getattr(contents, "dtype", None), name=name)


@st.composite
def _indexes(draw: Callable[[Any], Any], size: int) -> pd.Index:
    name = draw(_LABELS)
    kind = draw(st.sampled_from(["any", "range", "dates", "several", "labels", "tuples"]))
    if kind == "range":
        start, step = draw(st.integers(-3, 3)), draw(st.sampled_from([-2, 1, 5]))
        return pd.RangeIndex(start, start + size * step, step, name=name)
    if kind == "dates":
        step = draw(st.sampled_from(["D", "2h", "-3min", "W-TUE", "ME", "QS-FEB", "B"]))
        zone = draw(st.sampled_from([None, "UTC"]))
        return pd.date_range("2026-01-06 01:00", periods=size, freq=step, tz=zone, name=name)
    if kind == "several":
        levels = [draw(_indexes(size)) for _ in range(2)]
        # pandas cannot make levels of some objects that it cannot sort.
        flat = [one for one in levels if one.nlevels == 1 and one.dtype != object]
        names = draw(st.permutations([*range(len(flat)), name]))
        return pd.MultiIndex.from_arrays([*flat, range(size)], names=names)
    if kind == "labels":
        labels = _objects([draw(_LABELS) for _ in range(size)])
        return pd.Index(labels, object, name=name, tupleize_cols=False)
    if kind == "tuples":
        return pd.Index(_objects([(n, "x") for n in range(size)]), tupleize_cols=False)
    contents = draw(_columns(size))
    if contents.dtype in (np.dtype(object), np.dtype("c16")):
        contents = np.arange(size) % 2  # Labels that occur twice.
    return pd.Index(contents, dtype=contents.dtype, name=name)


@st.composite
def _values(draw: Callable[[Any], Any]) -> object:
    size = draw(st.integers(0, 4))
    index = draw(_indexes(size))
    kind = draw(st.sampled_from(["index", "series", "frame"]))
    if kind == "index":
        return index
    if kind == "series":
        return _series(draw(_columns(size)), index, draw(_LABELS))
    width = draw(st.integers(0, 4))
    columns = {n: _series(draw(_columns(size)), index) for n in range(width)}
    frame = pd.DataFrame(columns, index=index)
    frame.columns = draw(_indexes(width))
    return frame


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_values())
def test_an_object_arrives_as_it_was(value: object) -> None:
    for decoded in _there_and_back(value):
        _same(decoded, value)


@pytest.mark.parametrize("names", [[1, 0], [0, pd.NA], [pd.NA, pd.NaT], [None, 0]], ids=str)
def test_levels_keep_their_order_whatever_their_names(names: list[Any]) -> None:
    value = pd.MultiIndex.from_arrays([[1, 2], ["a", "b"]], names=names)
    for decoded in _there_and_back(value):
        _same(decoded, value)


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2026-01-02 03:04:05.123456789"),
        pd.Timestamp("2026-01-02", tz="UTC"),
        pd.Timestamp("1600-01-01").as_unit("s"),
        pd.Timedelta("-1D 00:00:00.000000001"),
        pd.Timedelta(5, "s").as_unit("ms"),
        pd.NaT,
        pd.NA,
        np.datetime64("2026-01-02"),
        np.timedelta64(5, "h"),
        np.str_("text"),
        np.str_(""),
    ],
    ids=repr,
)
def test_a_scalar_arrives_as_it_was(value: Any) -> None:
    for decoded in _there_and_back(value):
        assert (type(decoded), repr(decoded)) == (type(value), repr(value))
        assert getattr(decoded, "unit", "") == getattr(value, "unit", "")


def test_what_comes_back_is_the_reader_s_own() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    decoded = wire.decode(wire.encode([frame, frame]))
    assert isinstance(decoded, list)
    decoded[0].loc[0, "a"] = 9
    assert (frame["a"].tolist(), decoded[1]["a"].tolist()) == ([1, 2], [1, 2])


def test_attributes_and_flags_are_dropped() -> None:
    frame = pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False)
    frame.attrs["note"] = object()
    decoded = wire.decode(wire.encode(frame))
    assert isinstance(decoded, pd.DataFrame)
    assert (decoded.attrs, decoded.flags.allows_duplicate_labels) == ({}, True)


class _Frame(pd.DataFrame):
    def equals(self, other: object) -> bool:
        return True


class _Column(pd.Series):
    pass


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "value",
    [
        _Frame({"a": [1]}),
        _Column([1]),
        pd.DataFrame({"a": [_Anything()]}),
        pd.DataFrame({"a": [[_Anything()]]}),
        pd.DataFrame({"a": [int]}),
        pd.DataFrame([[1]], columns=pd.Index([int], dtype=object)),
        pd.DataFrame([[1]], index=pd.Index([len], dtype=object)),
        pd.Series([1], name=frozenset({1})),
        pd.Series([np.array(1)], dtype=object),
        pd.period_range("2026", periods=2, freq="D"),
        pd.interval_range(0, 2),
        pd.Series(pd.arrays.SparseArray([0, 1])),
        pd.date_range("2026", periods=2, tz="Europe/Berlin"),
        pd.Timestamp("2026", tz="Europe/Berlin"),
        pd.Series(np.array([2**50], "M8[s]")),
        pd.RangeIndex(2**20 + 1),
        pd.DataFrame({"a": [1]}).groupby("a"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_types_and_contents_are_not_plain_data(value: object) -> None:
    with pytest.raises(wire.NotPlainData, match="is not plain data"):
        wire.encode(value)


def test_a_frame_with_an_object_of_a_program_is_one_reference() -> None:
    inside = _Anything()
    seen: list[object] = []

    def refer(value: object) -> wire.Reference:
        seen.append(value)
        return wire.Reference(len(seen), "")

    frame = pd.DataFrame({"a": [1, 2], "b": [inside, None]})
    encoded = wire.encode([1, frame, inside], refer=refer)
    decoded = wire.decode(encoded, resolve=lambda reference: reference.number)
    assert decoded == [1, 1, 2]
    assert seen[0] is frame
    assert seen[1] is inside


def test_a_frame_that_is_too_large_or_deep_is_told_so() -> None:
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    for frame, reason in (
        (pd.DataFrame(np.zeros((1000, 10))), "takes more than 1000 bytes"),
        (pd.DataFrame({"a": [deep]}), "nested deeper"),
    ):
        with pytest.raises(wire.NotPlainData, match=reason):
            wire.encode(frame, max_bytes=1000, refer=lambda _: wire.Reference(0, ""))


def test_labels_that_contain_themselves_are_no_plain_data() -> None:
    label: tuple[object, ...] = ()
    for _ in range(10_000):
        label = (label,)
    with pytest.raises(wire.NotPlainData):
        wire.encode(pd.Series([1], name=label))


_INTS = ["array", np.array([1, 2])]
_ROWS = ["range", 0, 2, 1, None]
_AB = ["labels", ["objects", ["a", "b"]], None, None]


def _decode(*parts: object) -> object:
    return wire.decode(b"P" + wire.encode(list(parts))[1:])


def test_parts_that_fit_are_put_together() -> None:
    frame = _decode("pandas.DataFrame", [_INTS, _INTS], _ROWS, _AB)
    assert isinstance(frame, pd.DataFrame)
    assert frame.to_dict("list") == {"a": [1, 2], "b": [1, 2]}


def _index(*column: object, name: object = None, step: object = None) -> tuple[str, list[object]]:
    return "pandas.Index", ["labels", list(column), name, step]


_DAYS = np.array(["2026-01-01", "2026-01-02"], "M8[us]")


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("pandas.Panel",),
        ("DataFrame", [_INTS], _ROWS, _AB),
        ("pandas.DataFrame", [_INTS], _ROWS, _AB),
        ("pandas.DataFrame", [_INTS, ["array", np.array([1])]], _ROWS, _AB),
        ("pandas.DataFrame", [_INTS, 5], _ROWS, _AB),
        ("pandas.DataFrame", [_INTS, []], _ROWS, _AB),
        ("pandas.DataFrame", [], ["range", 0, 2**40, 1, None], ["range", 0, 0, 1, None]),
        ("pandas.DataFrame", range(2**60), _ROWS, _AB),
        ("pandas.Series", _INTS, _ROWS, [1]),
        ("pandas.Series", _INTS, _ROWS, int),
        ("pandas.Series", _INTS, ["range", 0, 3, 1, None], None),
        ("pandas.Series", ["array", np.zeros((2, 1))], _ROWS, None),
        ("pandas.Series", ["array", np.array(["a", "b"])], _ROWS, None),
        ("pandas.Series", ["array", np.array([1, 2], "M8[D]")], _ROWS, None),
        ("pandas.Series", ["array", np.array([1, 2**50], "M8[s]")], _ROWS, None),
        ("pandas.Series", ["array", np.array([1, -(2**60)], "m8[s]")], _ROWS, None),
        ("pandas.Series", ["array", [1, 2]], _ROWS, None),
        ("pandas.Series", ["objects", (1, 2)], _ROWS, None),
        ("pandas.Series", ["objects", range(2**60)], _ROWS, None),
        ("pandas.Series", ["objects", [1, int]], _ROWS, None),
        ("pandas.Series", ["objects", [1, np.array(2)]], _ROWS, None),
        ("pandas.Series", ["datetime64[us]", [1, 2]], _ROWS, None),
        ("pandas.Series", ["utc", np.array([1, 2])], _ROWS, None),
        ("pandas.Series", ["texts", "python", False, ["a", 1]], _ROWS, None),
        ("pandas.Series", ["texts", "os", False, ["a", "b"]], _ROWS, None),
        ("pandas.Series", ["texts", "python", 0, ["a", "b"]], _ROWS, None),
        ("pandas.Series", ["masked", np.array([1, 2]), np.array([0, 1])], _ROWS, None),
        ("pandas.Series", ["masked", np.array([1, 2]), np.array([True])], _ROWS, None),
        ("pandas.Series", ["masked", np.array([1, 2], "c16"), np.zeros(2, "?")], _ROWS, None),
        ("pandas.Series", ["masked", _DAYS, np.zeros(2, "?")], _ROWS, None),
        ("pandas.Series", ["categories", np.array([0, 2], "i1"), _AB, False], _ROWS, None),
        ("pandas.Series", ["categories", np.array([0, -2], "i1"), _AB, False], _ROWS, None),
        ("pandas.Series", ["categories", np.array([0.0, 1]), _AB, False], _ROWS, None),
        (
            "pandas.Series",
            ["categories", np.zeros(2, "i1"), list(_index("objects", ["a", "a"])[1]), False],
            _ROWS,
            None,
        ),
        ("pandas.Index", ["range", 0, 2**60, 1, None]),
        ("pandas.Index", ["range", 0, -(2**60), -1, None]),
        ("pandas.Index", ["range", 2**70, 2**70 + 2, 1, None]),
        ("pandas.Index", ["range", 0, 2, 0, None]),
        ("pandas.Index", ["range", 0, True, 1, None]),
        ("pandas.Index", ["range", 0, 2.0, 1, None]),
        ("pandas.Index", ["levels"]),
        ("pandas.Index", ["levels", []]),
        ("pandas.Index", ["levels", _AB, ["range", 0, 3, 1, None]]),
        ("pandas.Index", ["levels", ["levels", _AB], _AB]),
        ("pandas.Index", ["levels", *[_AB] * 33]),
        _index("objects", [[1], 2]),
        _index("objects", [int, 2]),
        _index("objects", [{1: 2}]),
        _index("objects", [(1, [2])]),
        _index("objects", [np.array([1])]),
        _index("array", np.array([1], "f2")),
        _index("array", np.array([1]), name={}),
        _index("array", np.array([1, 2]), step=["D", 1]),
        _index("array", _DAYS, step=["D", 0]),
        _index("array", _DAYS, step=["D", 2]),
        _index("array", _DAYS, step=["D", 10**9]),
        _index("array", _DAYS, step=["__import__", 1]),
        _index("array", _DAYS, step="D"),
        ("pandas.Timestamp", 2**63, "ns", False),
        ("pandas.Timestamp", -(2**63), "ns", False),
        ("pandas.Timestamp", 2**50, "s", False),
        ("pandas.Timestamp", True, "s", False),
        ("pandas.Timestamp", 1, "D", False),
        ("pandas.Timestamp", 1, "s", "Europe/Berlin"),
        ("pandas.Timedelta", 2**50, "s"),
        ("pandas.Timedelta", "1 day", "s"),
        ("pandas.NaT", 1),
        ("pandas.eval", "1"),
    ],
    ids=lambda parts: str(parts)[:70],
)
def test_parts_that_do_not_fit_are_refused(parts: tuple[object, ...]) -> None:
    with pytest.raises(wire.NotPlainData):
        _decode(*parts)


@pytest.mark.parametrize(
    "parts",
    [
        ("pandas.Series", ["objects", ["HANDLE", 1]], _ROWS, None),
        ("pandas.Series", ["objects", [["HANDLE"], 1]], _ROWS, None),
        ("pandas.Series", _INTS, _ROWS, "HANDLE"),
        _index("objects", ["HANDLE"]),
    ],
    ids=["a cell", "in a cell", "a name", "a label"],
)
@pytest.mark.parametrize("iterates", [False, True])
def test_references_in_an_object_are_refused(parts: tuple[object, ...], iterates: bool) -> None:
    reference = wire.encode_reference(wire.Reference(1, "", iterates))
    forged = wire.encode([list(parts), "HANDLE"]).replace(wire.encode("HANDLE"), reference)
    start = len(wire.encode([])) + 1
    within = forged[: start - 1] + b"P" + forged[start:]
    with pytest.raises(wire.NotPlainData, match="unknown tag"):
        wire.decode(within, resolve=lambda _: "resolved")


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    encoded = wire.encode(pd.Series(["text"], dtype="str"))
    with pytest.raises(wire.NotPlainData):
        wire.decode(encoded.replace(b"text", b"te\xff\xff"))


@settings(deadline=None)
@given(_values(), st.data())
def test_changed_bytes_are_a_value_or_refused(value: object, data: st.DataObject) -> None:
    encoded = bytearray(wire.encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(encoded) - 1))
        encoded[place] = data.draw(st.integers(0, 255))
    try:
        decoded = wire.decode(bytes(encoded))
    except wire.NotPlainData:
        return
    # What was put together can be sent, shown and compared.
    repr(decoded)
    agrees(decoded, value, EQUAL)
    wire.encode(decoded)


def test_objects_are_not_sent_where_pandas_was_loaded_later() -> None:
    encoded = wire.encode(pd.Series([1]))
    code = (
        "from rlvf_executor.contract import tables, wire\n"
        "tables.agree()\n"
        "import pandas\n"
        "for one in (pandas.Series([1]), pandas.Timestamp(0), pandas.NaT):\n"
        "    try: wire.encode(one)\n"
        "    except wire.NotPlainData as error: print(error)\n"
        f"try: wire.decode({encoded!r})\n"
        "except wire.NotPlainData as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [
        "a value of type 'Series' is not plain data",
        "a value of type 'Timestamp' is not plain data",
        "a value of type 'NaTType' is not plain data",
        "not an encoded value: an object of pandas, where there is no pandas",
    ]


_FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.5, np.nan]}, index=["r", "s"])


@pytest.mark.parametrize(
    ("output", "right"),
    [
        (_FRAME.copy(), True),
        (_FRAME.astype({"a": float, "b": object, "c": "Float64"}), True),
        (_FRAME.rename_axis("rows").rename_axis("columns", axis=1), True),
        (_FRAME.astype({"b": "category"}), True),
        (_FRAME[["a", "c", "b"]], False),
        (_FRAME.iloc[::-1], False),
        (_FRAME.reset_index(drop=True), False),
        (_FRAME.rename(columns={"a": "A"}), False),
        (_FRAME.fillna({"c": 0.0}), False),
        (_FRAME.assign(a=[1, 3]), False),
        (_FRAME.assign(b=["x", "y"]), False),
        (_FRAME.assign(c=[np.nan, 0.5]), False),
        (_FRAME.assign(d=1), False),
        (_FRAME["a"], False),
        (_FRAME.to_dict("list"), False),
        (_FRAME.to_numpy().tolist(), False),
        (pd.NA, False),
        (None, False),
    ],
    ids=lambda value: str(value).replace("\n", " ")[:40],
)
def test_frames_agree_by_labels_and_values(output: object, right: bool) -> None:
    assert agrees([output], [_FRAME], EQUAL) is right
    assert (digest_of(output) == digest_of(_FRAME)) is right


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        (pd.Series([1, 2]), pd.Series([1.0, 2.0], name="n"), True),
        (pd.Series([1, 2]), pd.Series([1, 2], index=[1, 2]), False),
        (pd.Series([1, 2]), pd.Index([1, 2]), False),
        (pd.Series([1, 2]), np.array([1, 2]), False),
        (pd.Series([1, 2]), [1, 2], False),
        (pd.RangeIndex(2), pd.Index([0, 1]), True),
        (pd.Index([0, 2]), pd.Index([0, 1]), False),
        (pd.Series([], dtype=object), pd.Series([], dtype=float), True),
        (pd.DataFrame(), pd.DataFrame(), True),
        (pd.DataFrame(index=[0]), pd.DataFrame(), False),
        (pd.Series([pd.NaT, None, pd.NA]), pd.Series([np.nan] * 3), True),
        (
            pd.Series(pd.to_datetime(["2026"])),
            pd.Series([pd.Timestamp("2026")], dtype=object),
            True,
        ),
        (pd.MultiIndex.from_tuples([(1, "a")]), pd.Index([(1, "a")], tupleize_cols=False), True),
        (pd.Timestamp("2026"), pd.Timestamp("2026").to_pydatetime(), True),
        (np.datetime64("2026-01-01T00", "ns"), pd.Timestamp("2026"), True),
        (np.datetime64("2026-01-01T00", "s"), pd.Timestamp("2026-01-02"), False),
        (pd.Timedelta("1s"), np.timedelta64(1, "s"), True),
        (np.array(["a", "bc"]), np.array(["a", "bc"], "U9"), True),
        (np.array(["a", "b"]), ["a", "b"], False),
        (np.str_("a"), "a", True),
    ],
    ids=lambda value: str(value).replace("\n", " ")[:40],
)
def test_other_objects_agree_by_kind_labels_and_values(
    output: object, expected: object, right: bool
) -> None:
    assert agrees(output, expected, EQUAL) is right
    assert agrees(expected, output, EQUAL) is right
    assert (digest_of(output) == digest_of(expected)) is right


def test_a_missing_scalar_agrees_with_nothing() -> None:
    for value in (pd.NA, pd.NaT):
        for expected in (value, None, 0, [value], 1.5):
            assert agrees(value, expected, EQUAL) is False


@pytest.mark.parametrize("rule", [NEAR, NEAR_FLOATS])
@pytest.mark.parametrize(
    ("output", "right"),
    [
        (_FRAME.assign(c=[0.5001, None]), True),
        (_FRAME.assign(c=[0.51, None]), False),
        (_FRAME.assign(c=[0.5001, 0.5]), False),
        (_FRAME.assign(b=["y", None], c=[0.5001, None]), False),
        (_FRAME.assign(c=[0.5001, None]).set_axis(["r", "t"]), False),
        (_FRAME.assign(c=[0.5001, None]).rename(columns=str.upper), False),
        (_FRAME.assign(c=[0.5001, None]).to_dict("list"), False),
    ],
)
def test_frames_agree_within_a_tolerance(output: object, right: bool, rule: Rule) -> None:
    assert agrees(output, _FRAME, rule) is right
    assert agrees([{"x": output}], [{"x": _FRAME}], NEAR_FLOATS) is right
