# ruff: noqa: E501 -- requests in one line each read better than wrapped.
"""The four kinds of test, end to end: what passes, what does not, and what is refused."""

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import InvalidArgument, from_rpc_error
from tests.processes.executor import limits

from .conftest import Stub

Request = executor_pb2.GradeRequest
Cases = executor_pb2.Cases
Asserts = executor_pb2.AssertList
Streams = executor_pb2.StandardStreams
Tolerance = executor_pb2.Tolerance


def stream_case(stdin: bytes, expected: bytes) -> executor_pb2.StreamCase:
    """One run of a program."""
    return executor_pb2.StreamCase(stdin=stdin, expected_stdout=expected)


async def verdict(stub: Stub, request: Request) -> tuple[str, str]:
    """The verdict in lower case, and why."""
    response = await stub.Grade(request, timeout=120)
    name = executor_pb2.Verdict.Name(response.verdict).removeprefix("VERDICT_").lower()
    return name, response.detail


NODE = """
class Node:
    def __init__(self, data):
        self.data, self.left = data, None
def height(root): return 0 if root is None else 1 + height(root.left)
"""


async def test_assertions_use_what_the_candidate_defines(stub: Stub) -> None:
    test = Asserts(
        setup_source="root = Node(1)\nroot.left = Node(2)",
        assertions=["assert height(root) == 2", "assert height(root.left) == 1"],
    )
    assert await verdict(stub, Request(candidate_source=NODE, assert_list=test)) == ("passed", "")
    wrong = NODE.replace("1 + height", "2 + height")
    name, detail = await verdict(stub, Request(candidate_source=wrong, assert_list=test))
    assert name == "failed"
    assert detail.startswith("assertions[0]: AssertionError: line 1: assert height(root) == 2")
    name, detail = await verdict(stub, Request(candidate_source="", assert_list=test))
    assert (name, detail) == ("error", "setup_source: the program does not define Node")


async def test_expected_values_come_from_a_reference(stub: Stub) -> None:
    test = Cases(inputs=["(4,)", "(2.0,)"], reference_source="def f(x): return x / 3")
    test.float_tolerance.CopyFrom(Tolerance(absolute=1e-6))
    right = Request(candidate_source="def f(x): return x * (1 / 3)", entry_point="f", cases=test)
    assert await verdict(stub, right) == ("passed", "")
    wrong = Request(candidate_source="def f(x): return x // 3", entry_point="f", cases=test)
    name, detail = await verdict(stub, wrong)
    assert name == "failed"
    assert detail == "inputs[0]: f(4) returned 1, expected 1.3333333333333333"


async def test_large_expected_values_are_compared_by_digest(stub: Stub) -> None:
    test = Cases(
        inputs=["(100000,)"], reference_source="def f(n): return [i / 2 for i in range(n)]"
    )
    right = "def f(n): return [i // 2 if i % 2 == 0 else i / 2 for i in range(n)]"
    wrong = "def f(n): return [i / 2 for i in range(n - 1)] + [0.25]"
    for source, expected in ((right, "passed"), (wrong, "failed")):
        request = Request(candidate_source=source, entry_point="f", cases=test)
        assert (await verdict(stub, request))[0] == expected


ORDERED = "from collections import OrderedDict\ndef f(n): return OrderedDict((str(i), i) for i in range(n))"
COUNTER = "from collections import Counter\ndef f(n): return Counter({str(i): i for i in range(n)})"


@pytest.mark.parametrize("size", [3, 20_000], ids=["value", "digest"])
@pytest.mark.parametrize(
    ("reference", "source", "expected"),
    [
        (ORDERED, ORDERED.replace("range(n)", "reversed(range(n))"), "failed"),
        (ORDERED, "def f(n): return {str(i): i for i in reversed(range(n))}", "passed"),
        (COUNTER, COUNTER.replace("range(n)", "range(1, n)"), "passed"),
        (COUNTER, "def f(n): return {str(i): i for i in range(1, n)}", "failed"),
    ],
)
async def test_dicts_of_the_standard_library_keep_their_equality(
    stub: Stub, size: int, reference: str, source: str, expected: str
) -> None:
    test = Cases(inputs=[f"({size},)"], reference_source=reference)
    request = Request(candidate_source=source, entry_point="f", cases=test)
    assert (await verdict(stub, request))[0] == expected


async def test_dicts_of_the_standard_library_arrive_with_their_methods(stub: Stub) -> None:
    source = "def f(it):\n    it['order'].move_to_end('a')\n    it['counts'].subtract('a')\n    return it"
    test = """
from collections import Counter, OrderedDict
def check(candidate):
    found = candidate({"order": OrderedDict(a=1, b=2), "counts": Counter("aab")})
    assert found["order"] == OrderedDict(b=2, a=1) != OrderedDict(a=1, b=2)
    assert found["counts"].most_common(1) == [("a", 1)] and found["counts"]["c"] == 0
"""
    request = Request(
        candidate_source=source,
        entry_point="f",
        check_function=executor_pb2.CheckFunction(source=test),
    )
    assert await verdict(stub, request) == ("passed", "")


async def test_reference_and_candidate_see_a_set_in_the_same_order(stub: Stub) -> None:
    inputs = ["({3, 11, 1},)", "({8, 0},)", "({-1, -2},)", "([{8, 0}], {0: {-1, -2}})"]
    source = "def f(*given): return repr(given)"
    test = Cases(inputs=inputs, reference_source=source)
    same = Request(candidate_source=source, entry_point="f", cases=test)
    assert await verdict(stub, same) == ("passed", "")


async def test_the_reference_is_not_in_the_candidate_s_process(stub: Stub) -> None:
    test = Cases(inputs=["(1,)"], reference_source="def f(x): return 'SECRET_ANSWER'")
    source = """
import gc
def f(x):
    wanted = "".join(reversed("REWSNA_TERCES"))
    for one in gc.get_objects():
        if isinstance(one, (list, dict, tuple)) and wanted in str(one)[:100000]:
            return wanted
"""
    request = Request(candidate_source=source, entry_point="f", cases=test)
    # Several times, so that the reference has run in the same jail before.
    for _ in range(4):
        assert (await verdict(stub, request))[0] == "failed"


DOUBLE = "print(int(input()) * 2)"
# So little memory that it is full long before the CPU time is over, on a slow machine too.
LITTLE = limits(cpu_seconds=1, memory_bytes=64 << 20)


@pytest.mark.parametrize(
    ("source", "expected", "detail"),
    [
        (DOUBLE, "passed", ""),
        ("print(6)", "failed", "cases[1]: token 1 is '6', expected '8'"),
        (f"{DOUBLE}\nraise SystemExit(3)", "error", "cases[0]: the program ended itself"),
        (f"{DOUBLE}\nimport os\nos.kill(os.getpid(), 9)", "error", "cases[0]"),
        ("", "failed", "cases[0]: the output ends after token 0"),
        ("print('6 ' * 100_000)", "failed", "cases[0]: wrote more than"),
        ("while True: pass", "timeout", "cases[0]: reached its limit"),
        ("x = bytearray(1 << 30)", "memory", "cases[0]: reached its limit"),
        ("def f(", "error", "cases[0]: the program ended itself with exit status 1"),
        (
            "import os, sys\nn = int(input())\nopen('/tmp/left', 'a').write('x')\n"
            "print(n * 2 + len(open('/tmp/left').read()) - 1)",
            "passed",
            "",
        ),
    ],
)
async def test_programs_over_standard_streams(
    stub: Stub, source: str, expected: str, detail: str
) -> None:
    test = Streams(cases=[stream_case(b"3\n", b"6\n"), stream_case(b"4\n", b"8\n")])
    request = Request(candidate_source=source, standard_streams=test, limits=LITTLE)
    capabilities = await stub.GetCapabilities(executor_pb2.GetCapabilitiesRequest(), timeout=30)
    if "/tmp/left" in source and capabilities.tier != executor_pb2.TIER_NAMESPACES:
        pytest.skip("there is no scratch directory in this tier")
    name, why = await verdict(stub, request)
    assert name == expected
    assert why.startswith(detail)


async def test_all_cases_together_have_the_cpu_time(stub: Stub) -> None:
    busy = "import time\nwhile time.process_time() < 0.4: pass\nprint(1)"
    test = Streams(cases=[stream_case(b"", b"1")] * 6)
    request = Request(candidate_source=busy, standard_streams=test, limits=LITTLE)
    assert (await verdict(stub, request))[0] == "timeout"
    request.limits.CopyFrom(limits(cpu_seconds=20))
    assert (await verdict(stub, request))[0] == "passed"


F = "def f(x): return x"
BAD = [
    ("assert_list.assertions", Request(assert_list=Asserts())),
    ("assert_list.assertions[1]", Request(assert_list=Asserts(assertions=["f", " "]))),
    ("assert_list.assertions[0]", Request(assert_list=Asserts(assertions=["assert ("]))),
    ("assert_list.setup_source", Request(assert_list=Asserts(assertions=["f"], setup_source="("))),
    ("assert_list.assertions", Request(assert_list=Asserts(assertions=["assert True"]))),
    ("entry_point", Request(cases=Cases(inputs=["(1,)"], expected=["1"]))),
    ("cases.inputs", Request(entry_point="f", cases=Cases())),
    ("cases.inputs[1]", Request(entry_point="f", cases=Cases(inputs=["(1,)", "f"], expected=["1"] * 2))),
    ("cases.inputs[0]", Request(entry_point="f", cases=Cases(inputs=["1"], reference_source=F))),
    ("cases.expected", Request(entry_point="f", cases=Cases(inputs=["(1,)"]))),
    ("cases.expected", Request(entry_point="f", cases=Cases(inputs=["(1,)"], expected=["1"], reference_source=F))),
    ("cases.expected[0]", Request(entry_point="f", cases=Cases(inputs=["(1,)"], expected=["(("]))),
    ("cases.comparison", Request(entry_point="f", cases=Cases(inputs=["(1,)"], expected=["1"], comparison=99))),  # type: ignore[arg-type]
    ("cases.tolerance.absolute", Request(entry_point="f", cases=Cases(inputs=["(1,)"], expected=["1"], tolerance=Tolerance(absolute=-1)))),
    ("cases.oracle_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], oracle_source="("))),
    ("cases.reference_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], reference_source="def f(x): return 1 / 0"))),
    ("cases.reference_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], reference_source="def f(x): return object()"))),
    ("cases.reference_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], reference_source="def g(x): return x"))),
    ("cases.reference_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], reference_source="import os\nos._exit(0)"))),
    ("cases.reference_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], reference_source="import os\nos.write(1, b'B{')\nos._exit(0)"))),
    ("cases.reference_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], reference_source="import os\nos.write(1, b'B5')\nos._exit(0)"))),
    ("cases.reference_source", Request(entry_point="f", cases=Cases(inputs=["(1,)"], reference_source="import os\nos.write(1, b'B[1, 2]')\nos._exit(0)"))),
    ("standard_streams.cases", Request(standard_streams=Streams())),
    ("entry_point", Request(entry_point="f", standard_streams=Streams(cases=[stream_case(b"", b"")]))),
    ("standard_streams.float_tolerance", Request(standard_streams=Streams(cases=[stream_case(b"", b"")], comparison=executor_pb2.STREAM_COMPARISON_EXACT, float_tolerance=Tolerance()))),
    ("limits.call_cpu_time", Request(standard_streams=Streams(cases=[stream_case(b"", b"")]), limits=executor_pb2.Limits(call_cpu_time=Duration(seconds=200)))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "request_"), BAD, ids=[f"{n}-{one[0]}" for n, one in enumerate(BAD)]
)
async def test_what_cannot_be_graded_is_named(stub: Stub, field: str, request_: Request) -> None:
    request_.candidate_source = "def f(x): return x"
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.Grade(request_, timeout=60)
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert error.field == field
