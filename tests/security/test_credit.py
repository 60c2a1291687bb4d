# ruff: noqa: E501 -- programs in one string each read better than wrapped.
"""No case counts as passed that the candidate did not answer right."""

import pytest

from rlvf.executor.v1 import executor_pb2
from tests.processes.executor import Client, limits

from .test_verdicts import FORGERIES

Request = executor_pb2.GradeRequest
SHORT = limits(cpu_seconds=0.5, wall_seconds=5)
# Makes a test one that needs a process of its own, without changing what it means.
OPEN = "\nimport sys\n"

PAIRS = [("5", "7"), ("[1, 2]", "[2, 1]"), ("'a'", "'b'"), ("6", "8")]
ASSERTIONS = [f"assert f({one}) == {other}" for one, other in PAIRS]
CHECK = "def check(f):\n" + "".join(f"    {line}\n" for line in ASSERTIONS)
KINDS = {
    "check": Request(check_function=executor_pb2.CheckFunction(source=CHECK)),
    "check in a judge": Request(check_function=executor_pb2.CheckFunction(source=CHECK + OPEN)),
    "asserts": Request(assert_list=executor_pb2.AssertList(assertions=ASSERTIONS)),
    "asserts in a judge": Request(
        assert_list=executor_pb2.AssertList(setup_source=OPEN, assertions=ASSERTIONS)
    ),
    "cases": Request(
        cases=executor_pb2.Cases(
            inputs=[f"({one},)" for one, _ in PAIRS], expected=[other for _, other in PAIRS]
        )
    ),
}
FORGED = (
    "exit in the call", "exit by SystemExit", "hard exit at import", "exit in atexit",
    "equals everything", "int that lies", "list that lies", "walks frames",
    "searches the collector", "patches the codec", "writes to every descriptor",
    "answers in advance", "raises StopIteration", "returns a generator", "empty",
)  # fmt: skip
RIGHT = "\nimport os, sys\nCALLS = []\ndef right(x):\n    CALLS.append(x)\n    return x + 2 if type(x) is int else x[::-1] if type(x) is list else 'b'\n"


def credit(client: Client, source: str, test: Request) -> tuple[str, int, int]:
    """The verdict, and how many cases of how many were passed; -1 where that is not told."""
    request = Request(candidate_source=source, limits=SHORT, credit=True)
    request.environment = client.environment
    request.MergeFrom(test)
    if not request.HasField("standard_streams"):
        request.entry_point = "f"
    response = client.stub.Grade(request, timeout=60)
    verdict = executor_pb2.Verdict.Name(response.verdict).removeprefix("VERDICT_").lower()
    told = response.HasField("cases_passed")
    return verdict, response.cases_passed if told else -1, response.cases_total if told else -1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FORGED)
def test_a_forged_pass_has_no_credit(client: Client, name: str, kind: str) -> None:
    verdict, passed, total = credit(client, FORGERIES[name], KINDS[kind])
    assert verdict != "passed"
    assert (passed, total) == (0, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_program_has_it(client: Client, kind: str) -> None:
    assert credit(client, f"{RIGHT}f = right", KINDS[kind]) == ("passed", 4, 4)


THEN = {
    "exits": "os._exit(0)",
    "exits by SystemExit": "sys.exit(0)",
    "crashes": "import ctypes\n        ctypes.string_at(0)",
    "closes its channel": "os.closerange(0, 64)",
    "says what a judge says": "for n in range(64):\n            try: os.write(n, b'[\"counted\", \"\", 4, 4, false]\\n')\n            except OSError: pass\n        os._exit(0)",
    "equals everything": "class E:\n            def __eq__(s, o): return True\n            __hash__ = None\n        return E()",
    "ends in a loop": "while True: pass",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("then", THEN.values(), ids=THEN)
def test_what_was_right_before_counts_and_nothing_after(
    client: Client, then: str, kind: str
) -> None:
    source = f"{RIGHT}def f(x):\n    if len(CALLS) == 1:\n        {then}\n    return right(x)\n"
    verdict, passed, total = credit(client, source, KINDS[kind])
    assert verdict in {"error", "timeout"}
    assert (passed, total) == (1, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_what_dies_while_it_is_counted_keeps_its_verdict_and_what_was_right(
    client: Client, kind: str
) -> None:
    for then in ("os._exit(0)", "while True: pass", "raise SystemExit", "bytearray(1 << 40)"):
        source = f"{RIGHT}def f(x):\n    if x == 5: return 0\n    if x == 'a':\n        {then}\n    return right(x)\n"
        assert credit(client, source, KINDS[kind]) == ("failed", 1, 4)


def test_the_test_is_not_in_the_process_that_is_counted(client: Client) -> None:
    # The first process answers wrong, so that a second one is asked for the rest.
    source = """
import gc
def f(x):
    if x == 5: return 0
    wanted = "".join(reversed("4321_EULAV_DETCEPXE"))
    for o in gc.get_objects():
        if isinstance(o, (list, tuple, dict)) and wanted in str(o)[:100000]: return wanted
"""
    test = "def check(f):\n    assert f(5) == 7\n    assert f(6) == 'EXPECTED_VALUE_1234'\n"
    for ending in ("", OPEN):
        request = Request(check_function=executor_pb2.CheckFunction(source=test + ending))
        assert credit(client, source, request) == ("failed", 0, 2)


STREAMS = Request(
    standard_streams=executor_pb2.StandardStreams(
        cases=[
            executor_pb2.StreamCase(stdin=b"%d" % n, expected_stdout=b"%d" % (2 * n))
            for n in range(1, 5)
        ]
    )
)
FORGED_STREAMS = {
    "exits": "import os\nos._exit(0)",
    "prints success": "print('passed', 'PASSED', 'All tests passed')",
    "writes to every descriptor": "import os\nfor n in range(1, 64):\n    try: os.write(n, b'[\"passed\", \"\", 4, 4, false]\\n')\n    except OSError: pass",
    "prints every number": "print(*range(10))",
    "closes every descriptor": "import os\nos.closerange(0, 64)",
    "right, then dead": "import os\nprint(2 * int(input()), flush=True)\nos.kill(os.getpid(), 9)",
    "right, and a status": "print(2 * int(input()))\nraise SystemExit(1)",
}  # fmt: skip


@pytest.mark.parametrize("source", FORGED_STREAMS.values(), ids=FORGED_STREAMS)
def test_a_forged_output_has_no_credit(client: Client, source: str) -> None:
    verdict, passed, total = credit(client, source, STREAMS)
    assert verdict in {"failed", "error"}
    assert (passed, total) == (0, 4)


def test_a_program_cannot_keep_an_output_for_the_next_case(client: Client) -> None:
    source = "import os\ntry: print(open('/tmp/left').read())\nexcept OSError: print(0)\ntry: open('/tmp/left', 'w').write('4')\nexcept OSError: pass"
    assert credit(client, source, STREAMS) == ("failed", 0, 4)
    twice = "n = int(input())\nif n == 1: raise KeyError\nif n == 3:\n    while True: pass\nprint(2 * n)"
    assert credit(client, twice, STREAMS) == ("error", 1, 4)
