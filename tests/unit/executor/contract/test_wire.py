"""The codec for plain data."""

import math
import tracemalloc
from collections import Counter, OrderedDict, defaultdict, namedtuple
from collections.abc import Iterable
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_executor.contract import policy, wire

_HASHABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.floats(allow_nan=False),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)
_TEXT = st.text(st.characters(exclude_categories=()))  # Lone surrogates too.
_VALUES = st.recursive(
    _HASHABLE | _TEXT | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.dictionaries(_HASHABLE, inner, max_size=4)
        | st.sets(_HASHABLE, max_size=4)
    ),
    max_leaves=20,
)


def _typed(value: object) -> object:
    """A value with the types of all its parts, because True == 1 == 1.0."""
    if isinstance(value, dict):
        return dict, [(_typed(key), _typed(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [_typed(item) for item in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(repr(_typed(item)) for item in value)
    return type(value), repr(value)


@given(_VALUES)
def test_what_is_decoded_is_what_was_encoded(value: object) -> None:
    assert _typed(wire.decode(wire.encode(value))) == _typed(value)


@given(_VALUES)
def test_what_a_candidate_decodes_is_what_its_judge_encoded(value: object) -> None:
    assert _typed(wire.decode_from_judge(wire.encode_for_candidate(value))) == _typed(value)


@pytest.mark.parametrize(
    "value", [bytearray(b"x"), [range(3)], {1: Decimal("0.10")}, (Counter("a"),)]
)
def test_what_is_no_constant_reaches_a_candidate_as_before(value: object) -> None:
    received = wire.decode_from_judge(wire.encode_for_candidate(value))
    assert _typed(received) == _typed(wire.decode(wire.encode(value)))


def items(value: object) -> list[object]:
    """What a collection that was received holds, in its order."""
    assert isinstance(value, Iterable)
    return list(value)


@given(st.sets(st.integers(0, 20)))
def test_a_set_has_one_order_whatever_is_sent_with_it(value: set[int]) -> None:
    alone, _ = items(wire.decode_from_judge(wire.encode_for_candidate((value, None))))
    beside, _ = items(wire.decode_from_judge(wire.encode_for_candidate((value, range(1)))))
    assert items(alone) == items(beside) == items(wire.decode(wire.encode(value)))


def test_what_is_too_large_is_not_written_out_first() -> None:
    many_times = [[0] * 1000] * 20_000  # 100 MB for `marshal`, which does not know them again.
    tracemalloc.start()
    with pytest.raises(wire.NotPlainData, match="takes more than"):
        wire.encode_for_candidate(many_times)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * policy.MAX_VALUE_BYTES


def test_an_argument_that_is_there_twice_arrives_as_two() -> None:
    once: list[int] = []
    first, second = items(wire.decode_from_judge(wire.encode_for_candidate([once, once])))
    assert first is not second


def test_a_reference_among_constants_reaches_a_candidate() -> None:
    reference = wire.Reference(7, "an object")
    sent = wire.encode_for_candidate([1, object()], refer=lambda value: reference)
    assert wire.decode_from_judge(sent, resolve=lambda one: one.number) == [1, 7]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = wire.decode(data)
    except wire.NotPlainData:
        return
    wire.encode(value)


@given(_VALUES, st.data())
def test_damaged_bytes_never_raise_anything_else(value: object, data: st.DataObject) -> None:
    encoded = bytearray(wire.encode(value))
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] = data.draw(st.integers(0, 255))
    try:
        wire.decode(bytes(encoded))
    except wire.NotPlainData:
        return


@pytest.mark.parametrize(
    "value",
    [math.inf, -math.inf, -0.0, 10**6000, -(10**6000), "\udc80", range(1, 9, 3), bytearray(b"x")],
    ids=lambda value: type(value).__name__,
)
def test_unusual_values_keep_their_type_and_sign(value: object) -> None:
    assert wire.encode(wire.decode(wire.encode(value))) == wire.encode(value)
    assert type(wire.decode(wire.encode(value))) is type(value)


def test_nan_stays_nan() -> None:
    decoded = wire.decode(wire.encode(math.nan))
    assert isinstance(decoded, float)
    assert math.isnan(decoded)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Counter("aab"), Counter(a=2, b=1)),
        (Counter(a=0, b=-1), Counter(b=-1)),
        (defaultdict(list, {1: [2]}), {1: [2]}),
        (OrderedDict(b=1, a=2), OrderedDict(b=1, a=2)),
        (Fraction(1, 3), Fraction(1, 3)),
        (Decimal("1.50"), Decimal("1.50")),
    ],
)
def test_a_few_standard_types_become_what_they_equal(value: object, plain: object) -> None:
    decoded = wire.decode(wire.encode(value))
    assert decoded == plain
    assert type(decoded) is type(plain)


def test_an_ordered_dict_arrives_in_its_own_order() -> None:
    """Which is not that of the dict below it."""
    value = OrderedDict(a=1, b=2)
    value.move_to_end("a")
    received = wire.decode_from_judge(wire.encode_for_candidate([value]))
    assert received == [OrderedDict(b=2, a=1)]
    assert received != [OrderedDict(a=1, b=2)]


def test_the_views_of_an_ordered_dict_are_those_of_a_dict_in_its_order() -> None:
    value = OrderedDict(a=1, b=2)
    value.move_to_end("a")
    for view in (value.keys(), value.values(), value.items()):
        received = wire.decode(wire.encode(view))
        assert items(received) == list(view)
    assert wire.decode(wire.encode(value.keys())) == {"a", "b"}


class _Ordered(OrderedDict[object, object]):
    pass


class _Counts(Counter[object]):
    pass


@pytest.mark.parametrize("value", [_Ordered(a=1), _Counts("a")])
def test_a_program_s_own_dicts_are_not_those_of_the_standard_library(value: object) -> None:
    with pytest.raises(wire.NotPlainData):
        wire.encode(value)


class _Int(int):
    pass


class _Str(str):
    pass


class _List(list[object]):
    pass


class _Colour(IntEnum):
    RED = 1


_Point = namedtuple("_Point", "x")


class _Liar:
    __class__ = int  # type: ignore[assignment]


@pytest.mark.parametrize(
    "value",
    [
        _Int(1), _Str("a"), _List(), _Colour.RED, _Point(1), _Liar(), object(), _Int, len, iter([]),
        NotImplemented, ...,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_anything_but_an_exact_built_in_type_is_refused(value: object) -> None:
    with pytest.raises(wire.NotPlainData):
        wire.encode([value])


def test_a_cyclic_value_is_refused() -> None:
    cyclic: list[object] = []
    cyclic.append(cyclic)
    with pytest.raises(wire.NotPlainData, match="contains itself"):
        wire.encode(cyclic)


@pytest.mark.parametrize(
    "value",
    ["x" * 2000, list(range(2000)), 1 << 20_000, {n: n for n in range(500)}],
    ids=lambda value: type(value).__name__,
)
def test_a_large_value_is_refused(value: object) -> None:
    with pytest.raises(wire.NotPlainData, match="more than 1000 bytes"):
        wire.encode(value, max_bytes=1000)


def test_a_count_beyond_the_data_allocates_nothing() -> None:
    with pytest.raises(wire.NotPlainData):
        wire.decode(b"l\xff\xff\xff\xff")


def nested(depth: int) -> object:
    """An empty list in so many others."""
    value: object = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (memoryview(b"x"), "type 'memoryview' is not plain data"),
        ([_Int(1)], "type '_Int' is not plain data"),
        ("x" * (policy.MAX_VALUE_BYTES + 1), "takes more than"),
        (nested(policy.MAX_VALUE_DEPTH), "nested deeper"),
    ],
    ids=["buffer", "subclass", "large", "deep"],
)
def test_what_is_not_plain_data_is_not_sent_to_a_candidate_either(
    value: object, message: str
) -> None:
    with pytest.raises(wire.NotPlainData, match=message):
        wire.encode_for_candidate(value)
