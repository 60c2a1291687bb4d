# ruff: noqa: E501 -- programs in one string each read better than wrapped.
"""A clear outcome for every input: never a crash, never INTERNAL."""

import math

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2
from tests.processes.executor import Client, limits

TEST = "def check(candidate): assert candidate(5) == 7"

ERRORS = {
    "NUL": "def f(x): return 7\0",
    "syntax": "def f(x) return 7",
    "indentation": "def f(x):\nreturn 7",
    "nested parentheses": "(" * 100_000,
    "nested lists": "x = " + "[" * 5000 + "]" * 5000,
    "empty": "",
    "only a comment": "# nothing",
    "missing entry point": "def g(x): return 7",
    "entry point is not callable": "f = 7",
    "raises at import": "1 / 0",
    "raises in the call": "def f(x): return 1 / 0",
    "wrong number of arguments": "def f(): return 7",
    "future import in the wrong place": "x = 1\nfrom __future__ import annotations\ndef f(x): return 7",
    "segmentation fault": "import ctypes\ndef f(x): ctypes.string_at(0)",
    "abort": "import os\ndef f(x): os.abort()",
    "repr that raises": "class E:\n    def __repr__(s): raise ValueError\ndef f(x): return E()",
    "repr that is endless": "class E:\n    def __repr__(s): return 'x' * 10**9\ndef f(x): return E()",
    "exception with an endless message": "def f(x): raise ValueError('x' * 10**8)",
    "exception whose str loops": "class E(Exception):\n    def __str__(s): return str(s)\ndef f(x): raise E()",
    "exception group": "def f(x): raise ExceptionGroup('a', [ValueError('b')])",
    "exception that needs arguments": "def f(x): raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'why')",
    "cyclic list": "def f(x):\n    a = []; a.append(a); return a",
    "deep list": "def f(x):\n    a = []\n    for _ in range(10**5): a = [a]\n    return a",
    "large value": "def f(x): return 'x' * (100 << 20)",
    "lone surrogate in an exception": "def f(x): raise ValueError('\\udc80')",
    "coroutine": "async def f(x): return 7",
    "no memory in the source": "def f(x): return 7\n" + "#" * 1_000_000,
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_broken_candidate_has_a_clear_verdict(client: Client, name: str) -> None:
    response = client.grade(ERRORS[name], TEST, limits=limits(cpu_seconds=5))
    verdict = executor_pb2.Verdict.Name(response.verdict)
    if name == "no memory in the source":
        assert verdict == "VERDICT_PASSED"
        return
    assert verdict == "VERDICT_ERROR"
    assert 0 < len(response.detail) <= 2000


VALUES = {
    "nan": ("float('nan')", "x != x"),
    "minus zero": ("-0.0", "__import__('math').copysign(1, x) == -1"),
    "infinity": ("float('inf')", "x == float('inf')"),
    "complex": ("1 - 2j", "x == 1 - 2j"),
    "set": ("{1, (2, 3)}", "x == {1, (2, 3)}"),
    "frozenset": ("frozenset([1])", "x == frozenset([1]) and type(x) is frozenset"),
    "bytes": ("b'\\x00\\xff'", "x == b'\\x00\\xff'"),
    "surrogate": ("'\\udc80\\0'", "x == '\\udc80\\0'"),
    "huge integer": ("-10**5000", "x == -10**5000"),
    "range": ("range(3)", "x == range(3)"),
    "dict order": ("{'b': 1, 'a': 2}", "list(x) == ['b', 'a']"),
    "none": ("None", "x is None"),
    "true is not one": ("True", "x is True"),
    "counter": ("__import__('collections').Counter('aab')", "x == {'a': 2, 'b': 1}"),
    "counter with methods": ("__import__('collections').Counter('aab')", "x['c'] == 0"),
    "fraction": ("__import__('fractions').Fraction(1, 2)", "x == 0.5"),
    "decimal": ("__import__('decimal').Decimal('0.1')", "str(x) == '0.1'"),
}


@pytest.mark.parametrize("name", VALUES)
def test_plain_data_arrives_as_it_was(client: Client, name: str) -> None:
    expression, condition = VALUES[name]
    test = f"def check(candidate):\n    x = candidate()\n    assert {condition}, repr(x)"
    response = client.grade(f"def f(): return {expression}", test)
    assert response.verdict == executor_pb2.VERDICT_PASSED, response.detail


def test_exceptions_keep_their_class(client: Client) -> None:
    test = (
        "def check(candidate):\n    try: candidate(1)\n    except KeyError as e: assert 'k' in str(e)\n"
        "    else: assert False"
    )
    assert client.verdict("def f(x): raise KeyError('k')", test) == "passed"
    assert client.verdict("def f(x): raise ValueError('k')", test) == "error"


@pytest.mark.parametrize(
    ("test", "code"),
    [
        pytest.param(
            "def check(candidate):\n    while True: pass",
            grpc.StatusCode.FAILED_PRECONDITION,
            marks=pytest.mark.slow,
        ),
        ("import os\ndef check(candidate): os._exit(0)", grpc.StatusCode.FAILED_PRECONDITION),
        ("import sys\ndef check(candidate): sys.exit(0)", grpc.StatusCode.INVALID_ARGUMENT),
        ("import os\nos._exit(0)", grpc.StatusCode.FAILED_PRECONDITION),
        ("raise ValueError", grpc.StatusCode.INVALID_ARGUMENT),
        ("def check(candidate) return", grpc.StatusCode.INVALID_ARGUMENT),
        ("x = 1", grpc.StatusCode.INVALID_ARGUMENT),
        ("check = 1", grpc.StatusCode.INVALID_ARGUMENT),
        ("def check(candidate): candidate(object())", grpc.StatusCode.INVALID_ARGUMENT),
    ],
    ids=[
        "loops", "exits hard", "exits", "exits at import", "raises at import", "syntax", "no check",
        "check is no function", "argument that cannot be sent",
    ],
)  # fmt: skip
def test_a_test_that_is_broken_is_no_verdict(
    client: Client, test: str, code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        client.grade("def f(x): return 7", test)
    assert raised.value.code() == code


def test_a_test_that_swallows_the_candidate_s_end_does_not_pass(client: Client) -> None:
    test = "def check(candidate):\n    try: candidate(5)\n    except BaseException: pass"
    assert client.verdict("import os\ndef f(x): os._exit(0)", test) == "error"


def test_a_comparison_that_raises_is_a_failure(client: Client) -> None:
    assert client.verdict("def f(x): return None", "def check(c): assert c(5) < 7") == "failed"


def test_the_detail_names_the_line(client: Client) -> None:
    response = client.grade("def f(x): return 1", "\n\ndef check(c):\n    assert c(5) == 7")
    assert "line 4: assert c(5) == 7" in response.detail
    assert "returned 1" in response.detail


def test_helpers_of_the_prompt_are_there_for_the_test(client: Client) -> None:
    response = client.grade(
        "def f(x): return x * 2",
        "def check(c): assert half(c(4)) == 4",
        support="def half(x): return x // 2\ndef f(x): ...",
    )
    assert response.verdict == executor_pb2.VERDICT_PASSED, response.detail


@pytest.mark.parametrize(
    ("source", "code", "part"),
    [
        ("", 0, b""),
        ("\0", 1, b"null bytes"),
        ("def", 1, b"SyntaxError"),
        ("import sys; sys.exit('why')", 1, b"why"),
        ("import sys; sys.exit(7)", 7, b""),
        ("exit(3)", 3, b""),
        ("raise SystemExit(256 + 4)", 4, b""),
        ("import sys; sys.stderr.buffer.write(b'\\xff\\x00')", 0, b"\xff\x00"),
        ("import sys; sys.stderr.write('\\udc80')", 0, b"\\udc80"),
        ("import atexit, sys; atexit.register(lambda: sys.stderr.write('late'))", 0, b"late"),
        (
            "import threading, sys; threading.Timer(0.05, lambda: sys.stderr.write('t')).start()",
            0,
            b"t",
        ),
        ("1/0", 1, b'File "main.py", line 1, in <module>'),
    ],
)
def test_programs_end_as_under_python(client: Client, source: str, code: int, part: bytes) -> None:
    response = client.execute(source)
    assert response.exit_code == code
    assert part in response.stderr


def test_a_program_runs_as_main_and_reads_its_input(client: Client) -> None:
    source = "if __name__ == '__main__': print(sum(int(x) for x in open(0)))"
    assert client.execute(source, b"1\n2\n").stdout == b"3\n"


def test_signals_are_told(client: Client) -> None:
    response = client.execute("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)")
    assert (response.outcome, response.signal) == (executor_pb2.OUTCOME_SIGNALED, 15)
    response = client.execute("import ctypes\nctypes.string_at(0)")
    assert (response.outcome, response.signal) == (executor_pb2.OUTCOME_SIGNALED, 11)


def test_sixteen_mebibytes_of_input_arrive(client: Client) -> None:
    source = "import sys\nprint(len(sys.stdin.buffer.read()))"
    assert client.execute(source, bytes(16 << 20)).stdout == b"16777216\n"


def test_usage_is_measured(client: Client) -> None:
    usage = client.execute("x = bytearray(50 << 20)\nsum(range(3_000_000))").usage
    assert usage.cpu_time.ToTimedelta().total_seconds() > 0.01
    assert usage.wall_time.ToTimedelta().total_seconds() > 0.01
    assert usage.peak_memory_bytes > 50 << 20
    assert math.isfinite(usage.peak_memory_bytes)
