# ruff: noqa: E501 -- requests in one line each read better than wrapped.
"""Answers that a data set's own harness takes, or refuses: the same verdict, by every judge."""

from collections.abc import Iterator

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import InvalidArgument, from_rpc_error
from tests.processes.executor import Client, ExecutorProcess, limits

Request = executor_pb2.GradeRequest
Streams = executor_pb2.StandardStreams
Asserts = executor_pb2.AssertList

# Makes a test one that needs a process of its own, without changing what it means.
OPEN = "\nimport sys\n"


@pytest.fixture(scope="module", params=["namespaces", "landlock"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of an executor of each tier, with one slot."""
    with (
        ExecutorProcess(executor_slots="1", executor_tier=request.param) as executor,
        grpc.insecure_channel(executor.address) as channel,
    ):
        yield Client(channel)


def graded(client: Client, request: Request) -> tuple[str, str]:
    """The verdict in lower case, and why."""
    response = client.stub.Grade(request, timeout=120)
    name = executor_pb2.Verdict.Name(response.verdict).removeprefix("VERDICT_").lower()
    return name, response.detail


RAISES = "def check(f):\n    try:\n        f(-1)\n    except ValueError as error:\n        assert str(error) == 'below'\n    else:\n        assert False\n"
SAME = "def check(f):\n    assert tuple(f([1, 2])) == (2, 4)\n    assert tuple(f([3])) == (6,)\n"
LAZY = "def check(f):\n    assert [a for a, _ in zip(f([1, 2]), 'ab')] == [2, 4]\n"


@pytest.mark.parametrize(
    ("source", "test", "verdict"),
    [
        ("class N(ValueError): pass\ndef f(x): raise N('below')", RAISES, "passed"),
        ("def f(x): raise ValueError('below')", RAISES, "passed"),
        ("class N(KeyError): pass\ndef f(x): raise N('below')", RAISES, "error"),
        ("def f(x): raise SystemExit", RAISES, "error"),
        ("def f(x): return x", RAISES, "failed"),
        ("def f(x):\n    for one in x: yield 2 * one", SAME, "passed"),
        ("def f(x): return map(lambda one: 2 * one, x)", SAME, "passed"),
        ("def f(x): return [2 * one for one in x]", SAME, "passed"),
        ("def f(x):\n    for one in x: yield one", SAME, "failed"),
        ("def f(x):\n    while True:\n        for _ in range(1000): pass\n        yield 2", SAME, "timeout"),
        ("def f(x):\n    while True: yield bytearray(10 ** 6)", SAME, "memory"),
        ("def f(x):\n    yield from (2, 4, 6)\n    while True: pass", LAZY, "passed"),
        ("from itertools import *\ndef f(x): return count(2, 2)", LAZY, "passed"),
        ("def f(x):\n    yield 2\n    import os\n    os._exit(0)", LAZY, "error"),
        ("def f(x): return 2 ** 20000", "def check(f): assert len(str(f(1))) == 6021", "passed"),
        ("def f(x): return str(2 ** 20000)", "def check(f): assert int(f(1)) == 2 ** 20000", "passed"),
    ],
)  # fmt: skip
def test_every_judge_gives_the_same_verdict(
    client: Client, source: str, test: str, verdict: str
) -> None:
    budgets = limits(cpu_seconds=0.5, memory_bytes=64 << 20)
    for again in range(2):
        for ending in ("", OPEN):
            answer = client.grade(source, test + ending, limits=budgets)
            name = executor_pb2.Verdict.Name(answer.verdict).removeprefix("VERDICT_").lower()
            assert (name, answer.detail if name == "passed" else "") == (verdict, ""), (
                again,
                answer,
            )


PRINTS = [
    ("print('Yes')", Streams(ignore_case=True), "YES", ("passed", "")),
    ("print('Yes')", Streams(), "YES", ("failed", "cases[0]: token 1 is 'Yes', expected 'YES'")),
    ("print('No')", Streams(ignore_case=True), "YES", ("failed", "cases[0]: token 1 is 'no', expected 'yes'")),
    ("int('x')", Streams(), "1", ("error", "cases[0]: the program ended itself with exit status 1: ValueError: invalid literal for int() with base 10: 'x'")),
    ("import sys\nsys.stderr.write('a' * 200_000 + '\\nlast\\n')\nsys.exit(3)", Streams(), "1", ("error", "cases[0]: the program ended itself with exit status 3: last")),
    ("import sys\nsys.exit('no input')", Streams(), "1", ("error", "cases[0]: the program ended itself with exit status 1: no input")),
    ("print('ab ' * 200_000)", Streams(), "ab\n" * 200_000, ("passed", "")),
    ("print('ab ' * 200_001)", Streams(), "ab\n" * 200_000, ("failed", "cases[0]: token 200001 is 'ab', expected the end")),
    ("print('ab ' * 1_000_000)", Streams(), "ab\n" * 200_000, ("failed", "cases[0]: wrote more than the 1265536 bytes that are kept")),
]  # fmt: skip


@pytest.mark.parametrize(("source", "test", "expected", "found"), PRINTS)
def test_what_a_program_writes(
    client: Client, source: str, test: Streams, expected: str, found: tuple[str, str]
) -> None:
    request = Request(candidate_source=source, standard_streams=test)
    request.standard_streams.cases.add(stdin=b"", expected_stdout=expected.encode())
    verdict, detail = graded(client, request)
    assert verdict == found[0]
    assert detail.startswith(found[1])


def test_integers_of_any_length_are_written_and_read(client: Client) -> None:
    power = "import sys\nsys.set_int_max_str_digits(0)\n"
    expected = 2**20000
    digits = hex(expected)
    source = "n = int(input())\nprint(n + 1)"
    request = Request(candidate_source=source, standard_streams=Streams())
    text = client.execute(f"{power}print({digits}); print({digits} + 1)").stdout.split()
    request.standard_streams.cases.add(stdin=text[0], expected_stdout=text[1])
    assert graded(client, request) == ("passed", "")
    cases = executor_pb2.Cases(inputs=["(1,)"], expected=[text[0].decode()])
    request = Request(candidate_source="def f(x): return 2 ** 20000", entry_point="f", cases=cases)
    assert graded(client, request) == ("passed", "")
    request.cases.expected[0] = text[1].decode()
    assert graded(client, request)[0] == "failed"


def test_a_reference_that_ends_itself_says_its_last_words(client: Client) -> None:
    source = "import sys\ndef f(x): sys.exit('no such table')"
    cases = executor_pb2.Cases(inputs=["(1,)"], reference_source=source)
    request = Request(candidate_source="def f(x): return x", entry_point="f", cases=cases)
    with pytest.raises(grpc.RpcError) as raised:
        client.stub.Grade(request, timeout=60)
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert "did not run to its end: exited: no such table" in str(error)


# Any divisor but 1 and the number itself.
CHECKER = """
def check(stdin, stdout, expected):
    number, divisor = int(stdin), int(stdout)
    return 1 < divisor < number and number % divisor == 0
"""


@pytest.mark.parametrize(
    ("source", "verdict", "detail"),
    [
        ("print(3)", "passed", ""),
        ("print(4)", "passed", ""),
        ("print(5)", "failed", "cases[0]: the checker returned False"),
        ("", "failed", "cases[0]: the checker raised ValueError: invalid literal"),
        ("print(3, 4)", "failed", "cases[0]: the checker raised ValueError: invalid literal"),
        ("print(3)\nraise SystemExit(1)", "error", "cases[0]: the program ended itself"),
        ("while True: pass", "timeout", "cases[0]: reached its limit"),
        ("print('3' * 100_000)", "failed", "cases[0]: wrote more than"),
        ("import os\nos.write(1, b'[\"passed\", \"\"]\\n')", "failed", "cases[0]: the checker raised"),
        ("import os\nos.write(1, b'\\xff\\xfe')", "failed", "cases[0]: the checker raised"),
    ],
)  # fmt: skip
def test_a_checker_decides_where_there_is_more_than_one_answer(
    client: Client, source: str, verdict: str, detail: str
) -> None:
    test = Streams(checker_source=CHECKER)
    test.cases.add(stdin=b"12")
    test.cases.add(stdin=b"24")
    request = Request(
        candidate_source=source, standard_streams=test, limits=limits(cpu_seconds=0.5)
    )
    name, why = graded(client, request)
    assert name == verdict
    assert why.startswith(detail)


@pytest.mark.parametrize(
    ("checker", "verdict"),
    [
        ("def check(i, o, e): return (i, o, e) == ('in', 'out\\n', 'want')", "passed"),
        ("def check(i, o, e): return 1", "failed"),
        ("def check(i, o, e): return o", "failed"),
        ("def check(i, o, e): pass", "failed"),
        ("def check(i, o, e): raise SystemExit(0)", "failed"),
        ("import os\ndef check(i, o, e): os._exit(0)", "failed"),
        ("def check(i, o, e):\n    while True: pass", "timeout"),
        ("def check(i, o, e): return len(bytearray(10**10)) > 0", "failed"),
    ],
)  # fmt: skip
def test_a_checker_must_say_true(client: Client, checker: str, verdict: str) -> None:
    test = Streams(checker_source=checker)
    test.cases.add(stdin=b"in", expected_stdout=b"want")
    request = Request(candidate_source="print('out')", standard_streams=test)
    assert graded(client, request)[0] == verdict


@pytest.mark.parametrize(
    ("field", "test"),
    [
        ("standard_streams.checker_source", Streams(checker_source="def check(")),
        ("standard_streams.checker_source", Streams(checker_source="x = 1")),
        ("standard_streams.checker_source", Streams(checker_source="1 / 0")),
        ("standard_streams.checker_source", Streams(checker_source="#" * (1 << 20) + "#")),
        ("standard_streams.ignore_case", Streams(ignore_case=True, comparison=executor_pb2.STREAM_COMPARISON_EXACT)),
        ("entry_point", Asserts(assertions=["assert f()"], method_of="Solution")),
        ("assert_list.method_of", Asserts(assertions=["assert f()"], method_of="a b")),
    ],
)  # fmt: skip
def test_what_cannot_be_graded_is_named(
    client: Client, field: str, test: Streams | Asserts
) -> None:
    request = Request(candidate_source="print(1)")
    if isinstance(test, Streams):
        request.standard_streams.CopyFrom(test)
        request.standard_streams.cases.add()
    else:
        request.assert_list.CopyFrom(test)
        request.entry_point = "" if field == "entry_point" else "f"
    with pytest.raises(grpc.RpcError) as raised:
        client.stub.Grade(request, timeout=60)
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert error.field == field


BARE = "def total(x): return sum(x)"
METHOD = "class Solution:\n    def total(self, x): return sum(x)"


@pytest.mark.parametrize(
    ("source", "verdict", "detail"),
    [
        (BARE, "passed", ""),
        (METHOD, "passed", ""),
        ("class Solution:\n    total = staticmethod(sum)", "passed", ""),
        ("class Solution:\n    @classmethod\n    def total(cls, x): return sum(x)", "passed", ""),
        ("class Base:\n    def total(self, x): return sum(x)\nclass Solution(Base): pass", "passed", ""),
        ("class Solution:\n    def __init__(self): self.n = 0\n    def total(self, x): return sum(x)", "passed", ""),
        (METHOD.replace("sum", "max"), "failed", "assertions[0]: AssertionError"),
        ("class Other:\n    def total(self, x): return sum(x)", "error", "the program does not define total, nor a class Solution that has it"),
        ("class Solution:\n    total = 3", "error", "total is not callable"),
        ("class Solution:\n    def __init__(self): raise KeyError('k')", "error", "Solution() raised KeyError: 'k'"),
        ("class Solution:\n    def __init__(self, n): pass\n    def total(self, x): return sum(x)", "error", "Solution() raised TypeError"),
        ("Solution = 7", "error", "Solution() raised TypeError"),
        ("total = 3", "error", "total is not callable"),
        ("class Solution:\n    def __getattr__(self, name): return lambda x: 3", "failed", "assertions[1]"),
        ("", "error", "the program does not define total"),
    ],
)  # fmt: skip
def test_a_function_may_be_a_method_where_the_test_says_so(
    client: Client, source: str, verdict: str, detail: str
) -> None:
    test = Asserts(assertions=["assert total([1, 2]) == 3", "assert total([4]) == 4"])
    for setup in ("", "import sys"):
        test.setup_source = setup
        test.method_of = "Solution"
        request = Request(candidate_source=source, entry_point="total", assert_list=test)
        name, why = graded(client, request)
        assert name == verdict
        assert detail in why
        request.assert_list.method_of = ""
        assert graded(client, request)[0] == ("passed" if source == BARE else "error")
