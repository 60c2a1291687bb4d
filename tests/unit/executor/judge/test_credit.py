# ruff: noqa: E501 -- tests and programs in one line each read better than wrapped.
"""How many cases of a test a program passed: what a case is, and what counts as passed."""

import textwrap

import pytest

from rlvf_executor.contract import frames, messages, test_payload, wire
from rlvf_executor.contract.report import COUNTED, ERROR, FAILED, GONE, PASSED, Report

from .judges import asserts, cases, check, graded, scripted

DOUBLE = "def f(x): return 2 * x"


def asking(payload: bytes) -> bytes:
    """The same test, with credit."""
    kind, budgets_calls, _, fields = test_payload.decode(payload)
    return test_payload.encode(kind, budgets_calls=budgets_calls, credit=True, **fields)


def credited(source: str, payload: bytes, entry_point: str = "f") -> tuple[str, int | None, int]:
    """What is said of a candidate, how many cases it passed, and of how many.

    As a supervisor does it: judged first, then counted on with another process of the candidate.
    """
    payload = asking(payload)
    report = graded(source, payload, entry_point)
    passed = report.passed
    if report.goes_on:
        assert passed is not None
        counted = graded(source, test_payload.counting(payload, passed + 1), entry_point)
        assert counted.kind == COUNTED
        passed += counted.passed or 0
    return report.kind, passed, report.total


SOME = """
def check(candidate):
    table = {1: 2}
    assert True, "a heading"
    assert candidate(1) == table[1]
    assert candidate(2) == 4; assert candidate(3) == 6
    four = candidate(4)
    assert four == 8, "named"
"""
ITEMS = asserts("assert f(1) == 2", "assert f(2) == 4; assert f(3) == 6", "four = f(4)", "assert four == 8", entry_point="f")  # fmt: skip
FOUR = {
    "check": check(SOME),
    "asserts": ITEMS,
    "cases": cases(("(1,)", "2"), ("(2,)", "4"), ("(3,)", "6"), ("(4,)", "8")),
}


@pytest.mark.parametrize("test", FOUR.values(), ids=FOUR)
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (DOUBLE, (PASSED, 4, 4)),
        ("def f(x): return 2 * x if x != 1 else 0", (FAILED, 3, 4)),
        ("def f(x): return 2 * x if x != 2 else 0", (FAILED, 3, 4)),
        ("def f(x): return 2 * x if x != 4 else 0", (FAILED, 3, 4)),
        ("def f(x): return 4", (FAILED, 1, 4)),
        ("def f(x): return None", (FAILED, 0, 4)),
        # An exception is the fault of one case.
        ("def f(x): return {1: 2, 3: 6, 4: 8}[x]", (ERROR, 3, 4)),
        # What the program keeps from a case that was wrong does not count against it later.
        ("seen = []\ndef f(x):\n    seen.append(x)\n    return 0 if seen == [1] else 2 * x", (FAILED, 3, 4)),
        # What cannot be asked on after counts no more: an exit, and an answer that is no data.
        ("def f(x):\n    if x == 2: raise SystemExit\n    return 2 * x", (ERROR, 1, 4)),
        ("def f(x): return 2 * x if x != 3 else f", (ERROR, 2, 4)),
        ("def f(x): return [0, 0, 4, f, 8][x]", (FAILED, 1, 4)),
        ("def f(x", (ERROR, 0, 4)),
        ("raise KeyError", (ERROR, 0, 4)),
        ("", (ERROR, 0, 4)),
    ],
)  # fmt: skip
def test_each_case_counts_for_itself(
    test: bytes, source: str, expected: tuple[str, int, int]
) -> None:
    assert credited(source, test) == expected


@pytest.mark.parametrize("test", FOUR.values(), ids=FOUR)
def test_without_credit_nothing_is_said(test: bytes) -> None:
    assert graded(DOUBLE, test) == Report(PASSED)
    wrong = graded("def f(x): return 4", test)
    assert wrong[2:] == Report("")[2:]
    assert wrong[:2] == graded("def f(x): return 4", asking(test))[:2]


@pytest.mark.parametrize("test", FOUR.values(), ids=FOUR)
def test_a_program_that_is_gone_keeps_what_it_had_passed(test: bytes) -> None:
    right = [messages.VALUE + wire.encode(2), messages.VALUE + wire.encode(4)]
    assert scripted(asking(test), messages.READY, *right) == Report(GONE, "", 2, 4)
    assert scripted(asking(test), messages.READY) == Report(GONE, "", 0, 4)
    assert scripted(asking(test)) == Report(GONE, "", 0, 4)
    counting = test_payload.counting(asking(test), 1)
    assert scripted(counting, messages.READY, right[1]) == Report(COUNTED, "", 1, 4)


LOOP = """
def check(candidate):
    for x in range(3):
        assert candidate(x) == 2 * x
    if True:
        assert candidate(5) == 10
    try:
        candidate("a", "b")
    except TypeError:
        pass
    else:
        assert False
    while True:
        assert candidate(6) == 12
        break
    with_a_list = [candidate(7)]
    for one in with_a_list:
        pass
"""
HELPERS = """
def same(output, expected):
    assert output == expected
class Case:
    def assertEqual(self, output, expected): same(output, expected)
def check(candidate):
    def near(output, expected):
        if abs(output - expected) > 1: raise AssertionError("far")
    def indirect(*both): near(*both)
    same(candidate(1), 2)
    near(candidate(2), 4)
    indirect(candidate(3), 6)
    Case().assertEqual(candidate(4), 8)
    for x, expected in ((5, 10), (6, 12)):
        same(candidate(x), expected)
    print(candidate(7))
    candidate(8)
"""


@pytest.mark.parametrize(
    ("test", "wrong", "expected"),
    [
        (LOOP, -1, (PASSED, 4, 4)),
        (LOOP, 1, (FAILED, 3, 4)),
        (LOOP, 5, (FAILED, 3, 4)),
        (LOOP, 6, (FAILED, 3, 4)),
        (LOOP, 7, (PASSED, 4, 4)),
        (HELPERS, -1, (PASSED, 5, 5)),
        (HELPERS, 1, (FAILED, 4, 5)),
        (HELPERS, 2, (FAILED, 4, 5)),
        (HELPERS, 3, (FAILED, 4, 5)),
        (HELPERS, 4, (FAILED, 4, 5)),
        (HELPERS, 6, (FAILED, 4, 5)),
    ],
)  # fmt: skip
def test_a_loop_or_a_helper_s_call_is_one_case(
    test: str, wrong: int, expected: tuple[str, int, int]
) -> None:
    source = f"def f(x): return 2 * x if x != {wrong} else 99"
    assert credited(source, check(test)) == expected


def test_what_is_no_case_has_to_work_for_those_after_it() -> None:
    test = "def check(f):\n    assert f(1) == 2\n    g = f(2)\n    assert g == 4\n    assert f(3) == 6\n"
    source = "def f(x): return {1: 2, 3: 6}[x]"
    assert credited(source, check(test)) == (ERROR, 1, 3)
    assert not graded(source, asking(check(test))).goes_on
    # Also where another case was wrong before.
    source = "def f(x): return {1: 0, 3: 6}[x]"
    assert credited(source, check(test)) == (FAILED, 0, 3)
    source = "def f(x): return {1: 0, 2: 4, 3: 6}[x]"
    assert credited(source, check(test)) == (FAILED, 2, 3)


def test_helpers_of_prompt_and_set_up_assert_too() -> None:
    helper = "def same(output, expected):\n    assert output == expected\n"
    test = "def check(c):\n    same(c(1), 2)\n    same(c(2), 5)\n    same(c(3), 6)\n"
    assert credited(DOUBLE, check(test, support=helper)) == (FAILED, 2, 3)
    items = asserts("same(f(1), 2)", "same(f(2), 5)", "same(f(3), 6)", setup=helper)
    assert credited(DOUBLE, items) == (FAILED, 2, 3)


@pytest.mark.parametrize(
    "test",
    [
        "def check(candidate):\n    candidate(1)\n    return candidate(2)\n",
        "def wrap(g): return g\n@wrap\ndef check(candidate):\n    assert candidate(1) == 2\n",
        "def check(candidate):\n    assert candidate(1) == 2\nold = check\ndef check(c): old(c)\n",
        "check = lambda candidate: candidate(1)\n",
    ],
)
def test_a_test_without_cases_has_no_credit(test: str) -> None:
    report = graded("def f(x): raise KeyError", asking(check(test)))
    assert report[0] == ERROR
    assert report[2:] == Report("")[2:]


def test_blocks_that_nest_as_deep_as_python_can_have_no_credit() -> None:
    deep = "def check(c):\n"
    for depth in range(1, 21):
        deep += " " * depth + "for _ in (1,):\n"
    deep += " " * 21 + "assert c(1) == 2\n"
    for payload in (check(deep), asserts(f"{deep}check(f)", deep.replace("def check(c)", "if f"))):
        assert graded("def f(x): return 0", asking(payload))[2:] == (None, 0, False)


SWALLOWS = """
def check(candidate):
    try:
        assert candidate(1) == 2
    except:
        pass
    assert candidate(2) == 4
"""


@pytest.mark.parametrize("last", ["    assert candidate(2) == 4\n", ""])
def test_a_test_that_swallows_the_candidate_s_end_tells_nothing(last: str) -> None:
    source = "def f(x):\n    if x == 1: raise SystemExit\n    return 2 * x"
    test = SWALLOWS.replace("    assert candidate(2) == 4\n", last)
    lines = test.replace("candidate", "f").partition("(f):\n")[2]
    for payload in (check(test), asserts("assert f(3) == 6", textwrap.dedent(lines))):
        report = graded(source, asking(payload))
        assert report.kind == ERROR
        assert report[2:] == Report("")[2:]
    # While it is counted, a case that swallowed it is not passed.
    counted = graded(source, test_payload.counting(asking(check(test)), 0))
    assert (counted.kind, counted.passed) == (COUNTED, 0)


def test_what_is_only_defined_or_is_the_program_s_own_is_no_case() -> None:
    support = "def f(x):\n    assert x > 0\n"
    test = "def check(c):\n    if True:\n        def unused(): assert False\n    f(1)\n    c(1)\n    assert c(2) == 4\n"
    assert credited(DOUBLE, check(test, support=support)) == (PASSED, 1, 1)


def test_an_oracle_s_cases_count() -> None:
    oracle = "def check(arguments, output, expected): return output == sum(arguments)"
    test = cases(("(1, 2)", "0"), ("(2, 2)", "0"), ("(3, 2)", "0"), oracle=oracle)
    assert credited("def f(a, b): return 4", test) == (FAILED, 1, 3)


def test_many_cases_after_the_first_wrong_one_are_counted() -> None:
    pairs = [(f"({n},)", str(2 * n)) for n in range(200)]
    source = "def f(x): return 2 * x if x % 3 else -1"
    assert credited(source, cases(*pairs)) == (FAILED, 133, 200)


def test_counting_can_begin_anywhere() -> None:
    for name, test in FOUR.items():
        for first in range(4):
            payload = test_payload.counting(asking(test), first)
            assert graded("def f(x): return 8", payload) == Report(COUNTED, "", 1, 4), name


def test_a_forged_answer_ends_the_counting() -> None:
    payload = test_payload.counting(asking(FOUR["cases"]), 0)
    right = messages.VALUE + wire.encode(2)
    forged = b"T" + frames.pack(b"")
    assert scripted(payload, messages.READY, right, forged, right, right).passed == 1
