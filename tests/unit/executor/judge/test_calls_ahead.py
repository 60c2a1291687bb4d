"""Which calls of a test are foreseen, and what happens when the test goes another way."""

import ast
import socket
import threading

import pytest

from rlvf_executor.contract import test_payload
from rlvf_executor.contract.report import ERROR, FAILED, FORECAST_MISSED, PASSED, Report
from rlvf_executor.jail import candidate
from rlvf_executor.judge import calls_ahead, judging
from rlvf_executor.judge.calls_ahead import NOTHING, Forecast
from rlvf_executor.judge.remote import Session

from .judges import asserts, check


def foreseen(*statements: str) -> list[bytes]:
    """What is foreseen of statements about `f`."""
    return list(forecast(*statements).calls)


def forecast(*statements: str) -> Forecast:
    tree = ast.parse("\n".join(statements))
    return calls_ahead.of_statements(tree.body, {"f"})


def call(*args: object, **kwargs: object) -> bytes:
    return calls_ahead.pack_call(args, kwargs)


FIRST, SECOND = "assert f(1) == 1", "assert f(2) == 2"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("assert f([1, (2,)], x={'a': -3.5}) == 3", call([1, (2,)], x={"a": -3.5})),
        ("assert abs(f('a') - 1.0) < 1e-6, 'message'", call("a")),
        ("assert not f(None)", call(None)),
        ("value = f(3)[0]", call(3)),
    ],
)
def test_a_call_with_literal_arguments_is_foreseen(statement: str, expected: bytes) -> None:
    assert foreseen(FIRST, "'text'", statement, SECOND) == [call(1), expected, call(2)]


@pytest.mark.parametrize(
    "statement",
    [
        "assert f(g(3)) == 3",
        "assert f(*[3]) == 3",
        "assert f(**{'x': 3}) == 3",
        "assert f(object) == 3",
        "assert True or f(3)",
        "assert 3 if f(3) else 4",
        "assert 1 < 2 < f(3)",
        "assert f(3) == f(4)",
        "assert f(f(3)) == 4",
        "assert [f(x) for x in (3, 4)] == [3, 4]",
        "assert (lambda: f(3))",
        "f = 3",
        "for x in (3, 4): assert f(x) == x",
        "if f(3): pass",
    ],
)
def test_nothing_is_foreseen_from_a_statement_on_that_may_go_several_ways(statement: str) -> None:
    assert foreseen(FIRST, SECOND, statement, "assert f(5) == 5") == [call(1), call(2)]


def test_a_single_call_is_not_worth_sending_ahead_unless_it_is_all() -> None:
    assert foreseen(FIRST, "if g(): pass") == []
    assert forecast(FIRST) == Forecast((call(1),), whole=True)


@pytest.mark.parametrize("statement", ["'text'", "pass", "import math", "assert f(3), 'message'"])
def test_a_forecast_is_whole_where_every_statement_is_foreseen(statement: str) -> None:
    assert forecast(FIRST, statement, SECOND).whole


@pytest.mark.parametrize(
    "statement",
    [
        "for x in (3, 4): assert f(x) == x",
        "assert f(g(3)) == 3",
        "assert f(3) == 3, f(4)",
        "assert f(3), [f(x) for x in (3, 4)]",
        "assert answer.attribute == 3",
        "assert Pair(1, 2)",
        "value = answer.attribute",
    ],
)
def test_a_forecast_is_not_whole_where_a_statement_may_ask_for_more(statement: str) -> None:
    assert not forecast(FIRST, SECOND, statement).whole
    assert not forecast(statement, FIRST, SECOND).whole


def test_nothing_asked_is_no_forecast() -> None:
    assert forecast("'text'") == NOTHING


def test_no_more_is_sent_ahead_than_sockets_hold() -> None:
    assert len(foreseen(*[FIRST] * 100)) == calls_ahead.MAX_CALLS
    large = f"assert f({'x' * 20_000!r}) == 1"
    assert len(foreseen(*[large] * 5)) == 2


def test_the_last_definition_of_check_is_the_one_that_is_read() -> None:
    source = f"def check(c): pass\ndef check(f):\n    {FIRST}\n    {SECOND}\n"
    assert calls_ahead.of_function(source, "check", "g").calls == (call(1), call(2))
    assert calls_ahead.of_function("check = 1", "check", "g") == NOTHING


def graded(program: str, test: str, *, ahead: Forecast | None = None) -> Report:
    """The report on a program, with calls sent ahead: those foreseen, if no others are given."""
    payload = check(test)
    prepared = judging.prepare(payload)
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=candidate.serve, args=(program, "f", theirs))
    thread.start()
    reports: list[Report] = []
    with ours:
        sent = prepared.calls_ahead() if ahead is None else ahead
        prepared.judge(ours, reports.append, sent)
    thread.join(10)
    assert not thread.is_alive()
    theirs.close()
    return reports[-1]


CHECK = f"def check(f):\n    {FIRST}\n    {SECOND}\n    assert f(3) == 3\n"
IDENTITY = "def f(x): return x"


def test_the_first_wrong_answer_decides_whatever_the_later_calls_do() -> None:
    leaves = "def f(x):\n    if x == 2: raise SystemExit\n    return x + 1"
    assert graded(leaves, CHECK) == Report(
        FAILED, "AssertionError: line 2: assert f(1) == 1 (the last call returned 2)"
    )


def test_answers_belong_to_their_calls() -> None:
    assert graded(IDENTITY, CHECK).kind == PASSED
    third = graded("def f(x):\n    return 0 if x == 3 else x", CHECK)
    assert third.kind == FAILED
    assert "line 4" in third.detail
    raises = graded("def f(x):\n    if x == 2: raise KeyError('k')\n    return x", CHECK)
    assert raises.kind == ERROR
    assert "line 3" in raises.detail


def test_a_program_that_is_asked_for_nothing_more_ends_before_its_answers_are_read() -> None:
    payload = check(CHECK)
    prepared = judging.prepare(payload)
    assert prepared.calls_ahead().whole
    ours, theirs = socket.socketpair()
    session = Session(ours, on_ready=lambda: None, on_asked=lambda: None, on_answer=lambda: None)
    with ours:
        session.send_ahead(prepared.calls_ahead())
        candidate.serve(IDENTITY, "f", theirs)  # It would wait for the judge to hang up.
        theirs.close()
        assert prepared.test.judge(session).kind == PASSED


def test_a_program_that_does_not_load_says_so_although_calls_were_sent() -> None:
    assert "KeyError" in graded("raise KeyError", CHECK).detail


@pytest.mark.parametrize(
    "ahead",
    [
        Forecast((call(2), call(1))),
        Forecast((call(1), call(2), call(3), call(4))),
        Forecast((call(1), call(3))),
        Forecast((call(1), call(2)), whole=True),
    ],
)
def test_a_test_that_goes_another_way_gets_no_verdict_here(ahead: Forecast) -> None:
    assert graded(IDENTITY, CHECK, ahead=ahead).kind == FORECAST_MISSED


def test_calls_with_a_budget_of_their_own_are_not_sent_ahead() -> None:
    payload = test_payload.encode(
        "check_function", budgets_calls=True, entry_point="f", source=CHECK, support_source=""
    )
    assert judging.prepare(payload).calls_ahead() == NOTHING


def test_assertions_are_sent_ahead_where_the_entry_point_is_known() -> None:
    for entry_point, expected in (("f", 2), ("", 0)):
        payload = asserts(FIRST, SECOND, entry_point=entry_point)
        assert len(judging.prepare(payload).calls_ahead().calls) == expected
