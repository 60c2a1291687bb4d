"""What a test sees of an exception that the candidate raises."""

import builtins
import re

import pytest

from rlvf_executor.contract import wire
from rlvf_executor.contract.report import ERROR, FAILED, PASSED
from rlvf_executor.judge import caller_code, exceptions

from .judges import asserts, check, graded, scripted


def catches(clause: str, *conditions: str) -> str:
    """A test that passes where `f(1)` raises what the clause catches and the conditions hold."""
    lines = [f"assert {one}" for one in conditions] or ["pass"]
    body = "\n        ".join(lines)
    return (
        f"def check(f):\n    try:\n        f(1)\n    except {clause} as error:\n        {body}\n"
        "    else:\n        raise AssertionError('nothing was raised')\n"
    )


OWN = "class NegativeError(ValueError):\n    pass\ndef f(x): raise NegativeError('below', x)"
FIELDS = """
class Broke(Exception):
    def __init__(self, balance):
        super().__init__('no money')
        self.balance, self.self = balance, self
    def __str__(self):
        return f'only {self.balance} left'
def f(x): raise Broke(x)
"""


@pytest.mark.parametrize(
    ("source", "test"),
    [
        (OWN, catches("ValueError", "str(error) == \"('below', 1)\"")),
        (OWN, catches("Exception", "error.args == ('below', 1)")),
        (OWN, catches("ValueError", "type(error).__name__ == 'NegativeError'")),
        (OWN, catches("(TypeError, ValueError)", "repr(error) == \"NegativeError('below', 1)\"")),
        (
            "class A(KeyError): pass\nclass B(A, AttributeError): pass\ndef f(x): raise B('k')",
            catches("LookupError", "isinstance(error, AttributeError)", "str(error) == \"'k'\""),
        ),
        (FIELDS, catches("Exception", "str(error) == 'only 1 left'", "error.balance == 1")),
        (FIELDS, catches("Exception", "not hasattr(error, 'self')")),
        ("def f(x): return {}['k']", catches("KeyError", "error.args == ('k',)")),
        ("def f(x): return {}['k']", catches("LookupError", "str(error) == \"'k'\"")),
        ("def f(x): return [][x]", catches("IndexError", "type(error) is IndexError")),
        (
            "def f(x): raise ValueError('a' * 5000)",
            catches("ValueError", "len(str(error)) == 5000"),
        ),
        ("def f(x): b'\\xff'.decode()", catches("UnicodeDecodeError", "error.start == 0")),
        (
            "def f(x): raise OSError(2, 'no', 'name')",
            catches("FileNotFoundError", "'name' in str(error)"),
        ),
        ("def f(x): raise Exception(f)", catches("Exception", "'function f' in str(error)")),
        (
            "def f(x):\n    try: {}[x]\n    except KeyError as e: raise ValueError('v') from e",
            catches(
                "ValueError", "type(error.__cause__) is KeyError", "error.__cause__.args == (1,)"
            ),
        ),
        (
            "def f(x): raise ExceptionGroup('two', [ValueError(x), TypeError('t')])",
            catches("ExceptionGroup", "error.message == 'two'", "error.exceptions[0].args == (1,)"),
        ),
        (
            "def f(x): raise ExceptionGroup('two', [ValueError(x), TypeError('t')])",
            "def check(f):\n    caught = []\n    try: f(1)\n    except* ValueError as one:\n"
            "        caught += one.exceptions\n    except* TypeError as one:\n"
            "        caught += one.exceptions\n    assert len(caught) == 2\n",
        ),
        (
            "class G(ExceptionGroup): pass\ndef f(x): raise G('one', [KeyError('k')])",
            catches("ExceptionGroup", "str(error.exceptions[0]) == \"'k'\""),
        ),
        (
            "import json\ndef f(x): json.loads('{')",
            f"import json\n{catches('json.JSONDecodeError', 'isinstance(error, ValueError)')}",
        ),
        (
            "from decimal import Decimal\ndef f(x): return Decimal(1) / 0",
            f"import decimal\n{catches('decimal.DivisionByZero')}",
        ),
        (
            "def f(x):\n    try: exit()\n    except SystemExit as e: raise ValueError('v') from e",
            catches("ValueError", "str(error) == 'v'", "error.__cause__ is None"),
        ),
        (
            "class E(KeyError):\n    def __init__(self): self.tell = self.with_traceback = 1\n"
            "def f(x): raise E",
            catches("KeyError", "error.tell == error.with_traceback == 1"),
        ),
        (
            "E = ValueError\nfor _ in range(150): E = type('E', (E,), {})\n"
            "def f(x): raise E('deep')",
            catches("ValueError", "str(error) == 'deep'"),
        ),
        ("def f(x): compile('(', 'name', 'exec')", catches("SyntaxError", "error.lineno == 1")),
        ("def f(x): '\\ud800'.encode()", catches("UnicodeEncodeError", "error.end == 1")),
        # Neither ends a loop of the test's, and both can be caught.
        ("def f(x): raise StopIteration", catches("Exception", "'StopIteration' in repr(error)")),
        ("def f(x): return next(iter(()))", catches("Exception")),
        ("class E(StopIteration): pass\ndef f(x): raise E(1)", catches("Exception")),
    ],
)
def test_an_exception_is_caught_as_in_one_process(source: str, test: str) -> None:
    assert graded(source, check(test)).kind == PASSED
    if "import" not in test and "*" not in test:
        lines = ["def test(f):", *test.splitlines()[1:], "test(f)"]
        assert graded(source, asserts("\n".join(lines), entry_point="f")).kind == PASSED


def test_the_prompt_s_own_exception_is_caught_by_its_name() -> None:
    prompt = "class TooOld(Exception):\n    pass\nclass Older(TooOld):\n    pass\n"
    for name in ("TooOld", "Older"):
        source = f"{prompt}def f(x): raise {name}('at', x)"
        assert graded(source, check(catches("TooOld", "error.args[1] == 1"), prompt)).kind == PASSED
    other = "class Young(Exception): pass\ndef f(x): raise Young"
    assert graded(other, check(catches("TooOld"), prompt)).kind == ERROR


@pytest.mark.parametrize(
    ("source", "clause"),
    [
        (OWN, "TypeError"),
        (OWN, "KeyError"),
        ("class ValueError(Exception): pass\ndef f(x): raise ValueError", "KeyError"),
        # A name is no class: Python's own is meant.
        ("class ValueError(Exception): pass\ndef f(x): raise ValueError", "ValueError"),
        ("def f(x): raise StopIteration", "StopIteration"),
        ("def f(x): raise KeyError", "IndexError"),
        ("def f(x): raise LookupError", "KeyError"),
        ("def f(x): raise SystemExit(0)", "BaseException"),
        ("def f(x): raise KeyboardInterrupt", "BaseException"),
        ("class Quit(SystemExit): pass\ndef f(x): raise Quit", "BaseException"),
        ("class Own(BaseException): pass\ndef f(x): raise Own", "BaseException"),
        ("class Both(SystemExit, ValueError): pass\ndef f(x): raise Both", "TypeError"),
        ("def f(x): raise BaseExceptionGroup('g', [SystemExit()])", "BaseException"),
        ("def f(x): raise GeneratorExit", "BaseException"),
        ("import asyncio\ndef f(x): raise asyncio.CancelledError", "BaseException"),
    ],
)
def test_what_is_not_caught_is_no_pass(source: str, clause: str) -> None:
    assert graded(source, check(catches(clause))).kind == ERROR


def test_a_test_framework_s_own_exception_cannot_be_raised_in_it() -> None:
    test = """
import unittest
def check(f):
    class Case(unittest.TestCase):
        def test(self):
            assert f(1) == 7
    result = unittest.TestResult()
    Case('test').run(result)
    assert result.wasSuccessful()
"""
    assert graded("def f(x): return 7", check(test)).kind == PASSED
    for source in (
        "import unittest\ndef f(x): raise unittest.SkipTest",
        "class SkipTest(Exception): pass\nSkipTest.__module__ = 'unittest.case'\n"
        "def f(x): raise SkipTest",
        "class SkipTest(Exception): pass\ndef f(x): raise SkipTest",
    ):
        assert graded(source, check(test)).kind == FAILED
        assert graded(source, check(test, "from unittest import SkipTest")).kind == FAILED


RECORD: tuple[object, ...] = (
    "E",
    "m",
    ("E", "builtins.ValueError", "builtins.Exception"),
    (),
    {},
    None,
    (),
)


def forged(**changes: object) -> bytes:
    """A message that holds the record of an exception, with some of its parts exchanged."""
    parts = dict(
        zip(
            ("name", "message", "kinds", "args", "attributes", "cause", "members"),
            RECORD,
            strict=True,
        )
    )
    return b"X" + wire.encode(tuple({**parts, **changes}.values()))


@pytest.mark.parametrize(
    "message",
    [
        forged(name=1),
        forged(message=None),
        forged(kinds=()),
        forged(kinds=("builtins.object", "builtins.Exception")),
        forged(kinds=("builtins.print", "builtins.Exception")),
        forged(kinds=("os.system", "builtins.Exception")),
        forged(kinds=("rlvf_executor.judge.remote.Stop", "builtins.Exception")),
        forged(kinds=("builtins.OSError", "builtins.SyntaxError", "builtins.Exception")),
        forged(kinds=("E", "builtins.OSError", "builtins.SyntaxError", "builtins.Exception")),
        forged(kinds=("builtins.SystemExit", "builtins.Exception")),
        forged(kinds=("builtins.StopIteration", "builtins.Exception")),
        forged(kinds=("E", "builtins.StopIteration", "builtins.Exception")),
        forged(kinds=("builtins.ValueError",)),
        forged(kinds=[1]),
        forged(name="x\0y"),
        forged(name="\udc80"),
        forged(name="x" * 100_000),
        forged(args=[]),
        forged(args=(10**5000,), message=""),
        forged(attributes={"__class__": 1}),
        forged(attributes={"args": 2, "with_traceback": 3}),
        forged(attributes={1: 2}),
        forged(cause=7),
        forged(cause=RECORD[:3]),
        forged(members=(RECORD,) * 1001),
        forged(members=(RECORD,)),
        forged(members=[RECORD]),
        b"X" + wire.encode((RECORD,) * 7),
    ],
)  # fmt: skip
def test_a_forged_record_passes_nothing(message: bytes) -> None:
    loop = "def check(f):\n    for got, want in zip(map(f, [1, 2]), [3, 4]): assert got == want\n"
    for test in (loop, "def check(f): assert f(1) == 3\n", catches("SystemExit")):
        report = scripted(check(test), b"R", message, *[message][: len(message) < 10_000])
        assert report.kind in (ERROR, FAILED)
        assert len(report.detail) <= 2000


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("re.error", ("m", bytearray(b"pattern"), 1)),
        ("UnicodeDecodeError", ("utf-8", b"text", -1, 0, "r")),
        ("UnicodeDecodeError", ("utf-8", b"text", 0, 5, "r")),
        ("UnicodeDecodeError", ("utf-8", b"text", 4, 4, "r")),
        ("UnicodeEncodeError", ("utf-8", "text", 2, 1, "r")),
        ("UnicodeTranslateError", ("text", 4, 5, "r")),
        ("SyntaxError", ("m", ("f", 1, -(10**6), "t", 1, 1))),
        ("SyntaxError", ("m", ["f", 1, 1, "t", 1, 10**6])),
    ],
)
def test_python_s_own_exceptions_are_made_only_with_arguments_that_they_bear(
    kind: str, args: tuple[object, ...]
) -> None:
    # With other values of these types they read other memory, write a text of any size, or count
    # for hours.
    kinds = (kind if "." in kind else f"builtins.{kind}", "builtins.Exception")
    error = exceptions.rebuild(("Made", "", kinds, args, {}, None, ()), {})
    assert isinstance(error, re.error if kind == "re.error" else getattr(builtins, kind))
    assert type(error).__module__ == "__main__"
    assert error.args == args
    assert caller_code.exception_line(error).startswith("Made")


def test_an_exception_that_cannot_be_written_is_named() -> None:
    error = SyntaxError("m", ("f", 1, 1, "t", 1, 10**13))
    assert caller_code.exception_line(error) == "SyntaxError"


@pytest.mark.parametrize(
    "changes",
    [
        {"kinds": ("E",) * 100 + ("builtins.Exception",)},
        {"attributes": {f"a{number}": 1 for number in range(1001)}},
        {"members": (RECORD,) * 1000},
    ],
)
def test_a_record_that_is_dear_to_read_is_none(changes: dict[str, object]) -> None:
    sent = wire.decode(forged(**changes)[1:])
    with pytest.raises(exceptions.NotARecord):
        exceptions.rebuild(sent, {})
