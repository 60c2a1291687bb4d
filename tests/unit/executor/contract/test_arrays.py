"""numpy's arrays and scalars as plain data."""

import subprocess
import sys
from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from rlvf_executor.contract import arrays, wire
from rlvf_executor.contract.rules import Comparison, Rule, Tolerance
from rlvf_executor.judge.comparison import agrees
from rlvf_executor.judge.value_digests import digest_of

EQUAL = Rule(Comparison.EQUAL, None, None, False)
NEAR = Rule(Comparison.EQUAL, Tolerance(1e-3, 0.0), None, False)

_KINDS = st.sampled_from([np.dtype(name) for name in (*arrays._ITEM_BYTES, "<U1", "<U5")])
_ARRAYS = _KINDS.flatmap(
    lambda kind: arrays_of.arrays(kind, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=3))
)


@given(_ARRAYS)
def test_an_array_arrives_as_it_was(
    array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]",
) -> None:
    for decoded in (
        wire.decode(wire.encode(array)),
        wire.decode_from_judge(wire.encode_for_candidate(array)),
    ):
        assert type(decoded) is np.ndarray
        assert (decoded.dtype, decoded.shape) == (array.dtype, array.shape)
        assert decoded.tobytes() == array.tobytes()
        assert decoded.flags.writeable


@pytest.mark.parametrize(
    "scalar", [np.int64(-3), np.float32(0.5), np.bool_(True), np.complex128(1j), np.uint8(255)]
)
def test_a_scalar_arrives_as_it_was(scalar: np.generic) -> None:
    decoded = wire.decode(wire.encode([scalar]))
    assert isinstance(decoded, list)
    assert (type(decoded[0]), decoded[0]) == (type(scalar), scalar)


def test_another_byte_order_and_layout_keep_the_values() -> None:
    big = np.arange(6, dtype=">i4").reshape(2, 3).T
    decoded = wire.decode(wire.encode(big))
    assert isinstance(decoded, np.ndarray)
    assert decoded.tolist() == big.tolist()


class _Named(np.ndarray[tuple[int, ...], np.dtype[np.float64]]):
    pass


@pytest.mark.parametrize(
    "value",
    [
        np.array([object()], dtype=object),
        np.zeros(2, dtype=[("a", "i4")]),
        np.zeros(2).view(_Named),
        np.zeros(2).view(np.ma.MaskedArray),
        np.datetime64("2026-01"),
        np.array([b"bytes"]),
    ],
    ids=["objects", "records", "a subclass", "masked", "a month", "bytes"],
)
def test_what_could_hold_more_than_numbers_is_not_plain_data(value: object) -> None:
    with pytest.raises(wire.NotPlainData):
        wire.encode(value)


@pytest.mark.parametrize(
    "parts",
    [
        ["|O8", [1], bytes(8), False],
        ["<i8", [2], bytes(8), False],
        ["<i8", [-1, -1], bytes(8), False],
        ["<i8", [True], bytes(8), False],
        ["<i8", [1] * 33, bytes(8), False],
        ["<i8", [1], bytes(8), True],
        ["<i8", [2**62, 4], b"", False],
        ["<i8", 1, bytes(8), False],
        ["<i8", range(2**60), bytes(8), False],
        ["<U0", [2**40], b"", False],
        ["<U-1", [1], bytes(4), False],
        ["<U1", [1], b"\xff\xff\xff\x7f", False],
        ["<U2", [1], bytes(4), False],
        ["<U", [1], bytes(4), False],
        ["<U²", [1], bytes(8), False],
        ["<U999999999", [0], b"", False],
        ["<M8[Y]", [1], bytes(8), False],
        ["<M8", [1], bytes(8), False],
        ["<i8", [1], [0], False],
        [],
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_refused(parts: list[object]) -> None:
    forged = b"A" + wire.encode(parts)[1:]
    with pytest.raises(wire.NotPlainData):
        wire.decode(forged)


def test_a_forged_truth_value_is_true_or_false() -> None:
    forged = b"A" + wire.encode(["|b1", [2], b"\x02\x00", False])[1:]
    decoded = wire.decode(forged)
    assert isinstance(decoded, np.ndarray)
    assert decoded.view("u1").tolist() == [1, 0]


def test_an_array_is_refused_where_numpy_is_not_loaded() -> None:
    encoded = wire.encode(np.arange(3))
    code = (
        "from rlvf_executor.contract import wire\n"
        f"try: wire.decode({encoded!r})\n"
        "except wire.NotPlainData as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "not an encoded value: an array, where there is no numpy\n"


@pytest.mark.parametrize(
    ("output", "expected", "right"),
    [
        (np.array([1, 2]), np.array([1, 2]), True),
        (np.array([1.0, 2.0]), np.array([1, 2]), True),
        (np.array([1, 3]), np.array([1, 2]), False),
        (np.array([[1, 2]]), np.array([1, 2]), False),
        (np.array([1]), np.array(1), False),
        (np.array([]), np.array([[]]), False),
        ([1, 2], np.array([1, 2]), False),
        (np.array([1, 2]), [1, 2], False),
        (deque([np.array([1, 2])]), deque([np.array([1, 2])]), True),
        (deque([np.array([1, 2])]), deque([np.array([1, 3])]), False),
        (np.int64(3), 3, True),
        (3, np.int64(3), True),
        (np.bool_(True), True, True),
        (np.array([np.nan]), np.array([np.nan]), False),
        ([np.array([1]), {"a": np.array([2.0])}], [np.array([1]), {"a": np.array([2])}], True),
        ([np.array([1]), {"a": np.array([2.5])}], [np.array([1]), {"a": np.array([2])}], False),
    ],
)
def test_arrays_agree_by_shape_and_values(output: object, expected: object, right: bool) -> None:
    assert agrees(output, expected, EQUAL) is right


@pytest.mark.parametrize(
    ("output", "right"),
    [
        (np.array([[1.0001, 2.0]]), True),
        (np.array([[1.01, 2.0]]), False),
        (np.array([1.0001, 2.0]), False),
        ([[1.0001, 2.0]], False),
    ],
)
def test_arrays_agree_within_a_tolerance(output: object, right: bool) -> None:
    assert agrees(output, np.array([[1.0, 2.0]]), NEAR) is right


def test_large_arrays_are_compared_by_their_digests() -> None:
    large = np.arange(10_000)
    assert digest_of(large) == digest_of(large.astype(float))
    assert digest_of(large) != digest_of(large.reshape(100, 100))
    assert digest_of(large) != digest_of(large.tolist())
    assert digest_of([np.int64(1)]) == digest_of([1])
