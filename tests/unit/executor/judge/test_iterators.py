# ruff: noqa: E501 -- programs and their uses in one line each read better than wrapped.
"""Answers that are iterators, where the test iterates them."""

import socket
import threading
from collections import deque
from collections.abc import Iterable

import pytest

from rlvf_executor.contract import policy, wire
from rlvf_executor.contract.report import ERROR, FAILED, GONE, MEMORY, PASSED, UNFORESEEN, Report
from rlvf_executor.contract.rules import Comparison, Rule
from rlvf_executor.judge import judging
from rlvf_executor.judge.calls_ahead import NOTHING

from .judges import asserts, cases, check, graded, scripted, serve

DOUBLES = "def f(x):\n    for one in x: yield one * 2\n"


@pytest.mark.parametrize(
    ("source", "use"),
    [
        (DOUBLES, "tuple(f([1, 2, 3])) == (2, 4, 6)"),
        (DOUBLES, "list(f([1, 2, 3])) == [2, 4, 6] and tuple(f([])) == ()"),
        ("def f(x): return map(str, x)", "sorted(f([2, 1])) == ['1', '2']"),
        ("def f(x): return filter(None, x)", "[*f([0, 1])] == [1]"),
        ("def f(x): return zip(x, x)", "dict(f([1, 2])) == {1: 1, 2: 2}"),
        ("def f(x): return enumerate(x)", "all(i == one for i, one in f([0, 1, 2]))"),
        ("def f(x): return reversed(x)", "list(f([1, 2])) == [2, 1]"),
        ("def f(x): return iter(x)", "sum(f([1, 2])) == 3 and 2 in f([1, 2])"),
        ("def f(x): return iter({1: 2}.items())", "next(f(0)) == (1, 2)"),
        ("from itertools import *\ndef f(x): return chain(x, count(9))", "next(f([])) == 9"),
        ("import re\ndef f(x): return (m.group() for m in re.finditer('a', x))", "len(list(f('aa'))) == 2"),
        ("def f(x): return range(x)", "list(f(3)) == [0, 1, 2] and f(3) == range(3) and f(3) != [0, 1, 2]"),
        ("def f(x): return {1: x}.keys()", "f(0) == {1} and list(f(0)) == [1] and f(0) != [1] and len(f(0)) == 1"),
        ("def f(x): return {1: x}.items()", "sorted(f(0)) == [(1, 0)] and (1, 0) in f(0)"),
        ("def f(x): return {1: x}.values()", "list(f([2])) == [[2]] and f(0) != [0]"),
        ("from collections import *\ndef f(x): return deque(x, 5)", "list(f([1, 2])) == [1, 2] and f([1]) != [1]"),
        # Items are asked for as they are wanted: there is no end, and no fourth item.
        ("from itertools import *\ndef f(x): return count()", "list(zip(f(0), 'ab')) == [(0, 'a'), (1, 'b')]"),
        (
            "def f(x):\n    yield from (1, 2, 3)\n    while True: pass\n",
            "(lambda g: [next(g), next(g), next(g)])(f(0)) == [1, 2, 3]",
        ),
        ("def f(x): return iter(range(x))", "list(f(99_999)) == [*range(99_999)]"),
        (
            "def f(x):\n    yield from range(x)\n    raise KeyError\n",
            "[b for a, b in zip(range(300), f(300))] == [*range(300)]",
        ),
        ("def f(x): return (object() for _ in range(x))", "len(list(f(3000))) == 3000"),
        # In a container, in itself, and given back.
        ("def f(x): return [map(int, x), {1: map(int, x)}]", "[list(f('12')[0]), list(f('3')[1][1])] == [[1, 2], [3]]"),
        ("def f(x): return (iter([i]) for i in x)", "[list(one) for one in f([1, 2])] == [[1], [2]]"),
        ("def f(x): return (i + 1 for i in x)", "list(f(f([1, 2]))) == [3, 4]"),
        # Python's own answers to what an iterator is.
        (DOUBLES, "f([1]) != [2] and not f([1]) == [2] and bool(f([])) and f([1]) not in [[2]]"),
        (DOUBLES, "(lambda g: iter(g) is g and g == g and list(g) == [2] and list(g) == [])(f([1]))"),
        ("def f(x):\n    try: yield 1\n    finally: x.append(2)\n", "(lambda g: next(g) == 1 and g.close() is None)(f([]))"),
    ],
)  # fmt: skip
def test_an_iterator_is_iterated_as_in_one_process(source: str, use: str) -> None:
    assert graded(source, check(f"def check(f): assert {use}")) == Report(PASSED)
    assert graded(source, asserts(f"assert {use}")) == Report(PASSED)
    assert graded(source, asserts(f"assert {use}", entry_point="f")) == Report(PASSED)
    wrong = f"def check(f): assert not ({use})"
    assert graded(source, check(wrong)).kind == FAILED


@pytest.mark.parametrize(
    ("source", "use", "kind"),
    [
        (DOUBLES, "tuple(f([1, 2])) == (1, 2)", FAILED),
        (DOUBLES, "f([1, 2]) == [2, 4]", FAILED),
        (DOUBLES, "len(f([1, 2])) == 2", FAILED),
        (DOUBLES, "f([1, 2])[0] == 2", FAILED),
        ("def f(x):\n    yield 1\n    raise KeyError(x)\n", "list(f(2)) == [1]", ERROR),
        ("def f(x):\n    yield 1\n    raise StopIteration\n", "list(f(2)) == [1]", ERROR),
        ("def f(x):\n    yield 1\n    raise SystemExit(0)\n", "list(f(2)) == [1]", ERROR),
        ("def f(x):\n    yield 1\n    raise MemoryError\n", "list(f(2)) == [1]", MEMORY),
        ("def f(x):\n    while True: yield 'x' * 10**6\n", "list(f(2)) == [1]", MEMORY),
        ("def f(x):\n    while True: yield x\n", "list(f(2)) == [1]", MEMORY),
        ("def f(x): yield 'x' * (17 << 20)", "list(f(2)) == [1]", ERROR),
        # Items that were asked for at once, and what comes after them.
        ("def f(x):\n    yield from range(300)\n    raise KeyError\n", "list(f(2)) == [*range(300)]", ERROR),
        ("def f(x):\n    yield from range(300)\n    raise MemoryError\n", "list(f(2)) == [*range(300)]", MEMORY),
        ("def f(x):\n    yield from range(300)\n    raise SystemExit\n", "list(f(2)) == [*range(300)]", ERROR),
        ("def f(x):\n    yield from range(300)\n    yield object()\n", "list(f(2)) == [*range(301)]", ERROR),
        ("def f(x): return iter(range(9999))", "list(f(2)) == [*range(9998)]", FAILED),
        ("def f(x):\n    yield object()\n", "list(f(2)) == [1]", ERROR),
        # An object of the program's own class is never taken at its word.
        ("class I:\n    def __iter__(s): return s\n    def __next__(s): raise StopIteration\n"
         "def f(x): return I()", "list(f(2)) == []", ERROR),
        ("class E(int):\n    def __eq__(s, o): return True\ndef f(x): yield E()", "list(f(2)) == [7]", ERROR),
        ("class L(list):\n    def __eq__(s, o): return True\ndef f(x): return iter(L([1]))", "list(f(2)) == [7]", FAILED),
    ],
)  # fmt: skip
def test_what_an_iterator_gives_is_compared_like_every_answer(
    source: str, use: str, kind: str
) -> None:
    assert graded(source, check(f"def check(f): assert {use}")).kind == kind
    assert graded(source, asserts(f"assert {use}", entry_point="f")).kind == kind


def test_a_wrong_iterator_is_shown_with_its_items() -> None:
    report = graded(DOUBLES, check("def check(f): assert list(f([1, 'a'])) == [1]"))
    assert "type 'generator'" in report.detail
    assert report.detail.endswith(": 2, 'aa'>)")


def test_cases_compare_an_iterator_as_python_does() -> None:
    pairs = [("([1, 2],)", "[2, 4]"), ("([3],)", "[6]")]
    assert graded(DOUBLES, cases(*pairs)).kind == FAILED
    assert graded(DOUBLES, cases(*pairs, rule=Rule(Comparison.SET_EQUAL))).kind == PASSED
    failing = "def f(x):\n    yield 2\n    yield 2 // (x[0] - 3) and 4\n"
    report = graded(failing, cases(*pairs, rule=Rule(Comparison.SET_EQUAL)))
    assert report.kind == ERROR
    assert report.detail.startswith("inputs[1]: f([3]): the program raised ZeroDivisionError")


@pytest.mark.parametrize(
    ("oracle", "kind"),
    [
        ("def check(a, o, e): return list(o) == e", PASSED),
        ("def check(a, o, e): return next(o) == e[0]", PASSED),
        ("def check(a, o, e): return list(o) == e[:1]", FAILED),
    ],
)
def test_an_oracle_takes_items_while_later_calls_are_under_way(oracle: str, kind: str) -> None:
    pairs = [
        (f"([{number}, {number + 1}],)", f"[{2 * number}, {2 * number + 2}]")
        for number in range(100)
    ]
    assert graded(DOUBLES, cases(*pairs, oracle=oracle)).kind == kind


def test_an_oracle_reads_an_object_while_later_calls_are_under_way() -> None:
    source = "class Box:\n    def __init__(s, v): s.v = v\ndef f(x): return Box(x)"
    pairs = [(f"({number},)", str(number)) for number in range(100)]
    oracle = "def check(a, o, e): return o.v == e"
    assert graded(source, cases(*pairs, oracle=oracle)) == Report(PASSED)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("    assert tuple(f([1])) == (2,)\n    assert tuple(f([2])) == (4,)\n", UNFORESEEN),
        ("    assert tuple(f([1])) == (2,)\n    assert tuple(f(*[[2]])) == (4,)\n", PASSED),
    ],
)  # fmt: skip
def test_items_are_not_foreseen_and_the_judgement_without_a_forecast_stands(
    body: str, kind: str
) -> None:
    prepared = judging.prepare(check(f"def check(f):\n{body}"))
    forecast = prepared.calls_ahead()
    assert (forecast == NOTHING) == (kind == PASSED)
    for ahead, expected in ((forecast, kind), (NOTHING, PASSED)):
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=serve, args=(DOUBLES, "f", theirs))
        thread.start()
        reports: list[Report] = []
        with ours:
            prepared.judge(ours, reports.append, ahead)
        thread.join(10)
        assert reports[-1].kind == expected


ITERATOR = b"V" + wire.encode_reference(wire.Reference(-5, "x" * 10_000, True))
NINE = b"V" + wire.encode(9)


@pytest.mark.parametrize(
    "messages",
    [
        [ITERATOR],
        [ITERATOR, b"N"],
        [b"N", b"N"],
        [ITERATOR, NINE, NINE, NINE],
        [ITERATOR, ITERATOR, ITERATOR],
        [ITERATOR, b"V" + wire.encode([7, 7])],
        [ITERATOR, b"V" + wire.encode((7,)), b"V" + wire.encode([])],
        [ITERATOR, b"V" + wire.encode([]), b"V" + wire.encode([7])],
        [ITERATOR, b"V"],
        [b"X" + ITERATOR[1:]],
        [b"Vj" + bytes(7)],
        [b"VS\0\0\0\1" + ITERATOR[1:], NINE],
    ],
)
def test_forged_iterators_pass_nothing(messages: list[bytes]) -> None:
    for use in (
        "list(f(1)) == [7]",
        "f(1) == 7",
        "tuple(f(1)) == (7,)",
        "next(f(1)) == 7",
        "set(f(1)) == {7}",
    ):
        report = scripted(check(f"def check(f): assert {use}"), b"R", *messages)
        assert report.kind in (FAILED, ERROR, GONE)
        assert len(report.detail) <= 2000


@pytest.mark.parametrize(
    "value", [{1: 2}.keys(), {1: [2]}.items(), {1: [2]}.values(), deque([1])]
)  # fmt: skip
def test_views_and_deques_are_plain_data(value: Iterable[object]) -> None:
    decoded = wire.decode(wire.encode(value))
    assert isinstance(decoded, Iterable)
    assert type(decoded) is type(value)
    assert list(decoded) == list(value)


def test_items_that_are_together_larger_than_a_value_may_be_are_no_list() -> None:
    half = policy.MAX_VALUE_BYTES // 2 - 100
    source = f"def f(x):\n    for _ in range(x): yield 'x' * {half}\n"
    assert graded(source, check("def check(f): assert len(list(f(2))) == 2")).kind == PASSED
    assert graded(source, check("def check(f): assert len(list(f(3))) == 3")).kind == MEMORY
