"""A judge that is not forked for each grading: the same verdicts, and nothing goes from one to the
next."""

import contextlib
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import FailedPrecondition, from_rpc_error
from tests.processes.executor import Client, ExecutorProcess, limits

from .conftest import Stub

CHECK = "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate([1]) == [1, 1]\n"
# Makes a test one that needs a process of its own, without changing what it means.
OPEN = "\nimport sys\n"


def request(
    source: str, test: str = CHECK, support: str = "", budgets: executor_pb2.Limits | None = None
) -> executor_pb2.GradeRequest:
    """A grading of `f`."""
    return executor_pb2.GradeRequest(
        candidate_source=textwrap.dedent(source),
        entry_point="f",
        check_function=executor_pb2.CheckFunction(source=test, support_source=support),
        limits=budgets,
    )


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("def f(x): return x * 2", "PASSED"),
        ("def f(x): return x", "FAILED"),
        ("def f(x): return 4", "FAILED"),
        ("def f(x): return None", "FAILED"),
        ("def f(x): return object()", "ERROR"),
        ("def f(x): raise ValueError('no')", "ERROR"),
        ("def f(x): raise StopIteration", "ERROR"),
        ("def f(x): exit(0)", "ERROR"),
        ("import os\ndef f(x): os._exit(0)", "ERROR"),
        ("def f(x)", "ERROR"),
        ("", "ERROR"),
        ("def f(x): return [[0]] * 10 ** 4", "FAILED"),
        ("def f(x): return bytearray(10 ** 9)", "MEMORY"),
        ("def f(x):\n    while True: pass", "TIMEOUT"),
    ],
)
async def test_both_ways_of_judging_agree(stub: Stub, source: str, verdict: str) -> None:
    # So little memory that it is full long before the CPU time is over, on a slow machine too.
    budgets = limits(cpu_seconds=0.5, memory_bytes=64 << 20)
    closed = await stub.Grade(request(source, budgets=budgets), timeout=60)
    forked = await stub.Grade(request(source, CHECK + OPEN, budgets=budgets), timeout=60)
    assert executor_pb2.Verdict.Name(closed.verdict) == f"VERDICT_{verdict}"
    assert (forked.verdict, forked.detail) == (closed.verdict, closed.detail)


# Python takes the second name for the first.
@pytest.mark.parametrize("module", ["random", "\uff52andom"], ids=["plain", "normalized"])
async def test_a_test_finds_random_in_the_same_state_whoever_judges(
    stub: Stub, module: str
) -> None:
    test = f"import {module}\ndef check(candidate):\n    assert candidate(random.random()) == 0"
    closed = [await stub.Grade(request("def f(x): return x", test), timeout=60) for _ in range(2)]
    forked = await stub.Grade(request("def f(x): return x", test + OPEN), timeout=60)
    assert "the last call returned 0." in forked.detail
    assert [answer.detail for answer in closed] == [forked.detail] * 2


@pytest.mark.parametrize(
    "then",
    [
        "while True: pass",
        "[os.fork() for _ in range(3)]",
        "bytearray(10 ** 9)",
        "os._exit(0)",
        "raise MemoryError",
    ],
)
async def test_what_comes_after_the_wrong_answer_changes_no_verdict(stub: Stub, then: str) -> None:
    # The second call is sent before the first answer is there.
    source = f"import os\ndef f(x):\n    if x != 2:\n        {then}\n    return 0\n"
    budgets = limits(cpu_seconds=0.5, memory_bytes=256 << 20, processes=1)
    response = await stub.Grade(request(source, budgets=budgets), timeout=60)
    assert response.verdict == executor_pb2.VERDICT_FAILED
    assert "candidate(2) == 4" in response.detail


@pytest.mark.parametrize(
    "damage",
    [
        "import builtins\nbuiltins.abs = lambda x: 0",
        "import sys\nsys.modules['math'] = None",
        "import math\nmath.sqrt = lambda x: 0",
        "import gc\nfor x in gc.get_objects():\n    if type(x) is dict: x.pop('Report', None)",
        "import os\nos.close(3)\nos.close(4)",
        "import sys\nsys.setrecursionlimit(50)",
    ],
)
async def test_a_test_that_does_damage_does_it_to_itself_only(stub: Stub, damage: str) -> None:
    test = "import math\n" + CHECK + "    assert abs(-1) == math.sqrt(1)\n"
    doubling = request("def f(x): return x * 2", test)
    for _ in range(4):
        # It passes, fails or is refused: that is its own affair.
        with contextlib.suppress(grpc.aio.AioRpcError):
            await stub.Grade(request("def f(x): return x * 2", f"{damage}\n{CHECK}"), timeout=60)
        assert (await stub.Grade(doubling, timeout=60)).verdict == executor_pb2.VERDICT_PASSED


TAKES_OVER = """
def named(exec): pass

def check(candidate):
    assert candidate(2) == 4
    exec('''
import sys
passed = sys.modules["rlvf_executor.contract.report"].Report("passed")
judge = lambda self, session, report=passed: report
sys.modules["rlvf_executor.judge.kinds.check_function"].CheckFunction.judge = judge
''', {})
"""


@pytest.fixture(scope="module")
def alone() -> Iterator[Client]:
    """A client of an executor with one slot, in which gradings follow each other."""
    with (
        ExecutorProcess(executor_slots="1") as executor,
        grpc.insecure_channel(executor.address) as channel,
    ):
        yield Client(channel)


def test_a_test_cannot_take_over_the_process_that_judges_the_next(alone: Client) -> None:
    assert alone.verdict("def f(x): return x * 2", TAKES_OVER) == "passed"
    assert alone.verdict("def f(x): return 'wrong'", CHECK) == "failed"


def test_files_of_one_test_are_not_there_for_the_next(alone: Client) -> None:
    writes = CHECK + "import os\nopen('/tmp/left', 'w').write('of another caller')\n"
    looks = CHECK + "    import os\n    assert os.listdir('/tmp') == []\n"
    right = "def f(x): return x * 2"
    assert alone.verdict(right, writes) == "passed"
    assert alone.grade(right, looks).detail == ""


def children_of(pid: int) -> dict[int, bytes]:
    """The living children of a process, with their command lines."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            found[int(child)] = Path(f"/proc/{child}/cmdline").read_bytes()
    return {child: line for child, line in found.items() if line}  # A zombie's is empty.


def workers_of(executor: ExecutorProcess) -> list[int]:
    """The workers of an executor without nsjail."""
    inmates = [one for pid in children_of(executor.pid) for one in children_of(pid).items()]
    return [pid for pid, line in inmates if b"rlvf_executor.judge.worker" in line]


def test_a_worker_that_left_because_of_its_memory_is_replaced() -> None:
    large = "def check(candidate):\n    x = [0] * 10 ** 7\n    assert candidate(2) == 4\n"
    with (
        ExecutorProcess(executor_slots="1", executor_tier="landlock") as executor,
        grpc.insecure_channel(executor.address) as channel,
    ):
        client = Client(channel)
        assert len(workers_of(executor)) == 1
        assert client.verdict("def f(x): return x * 2", large) == "passed"
        until = time.monotonic() + 10
        while workers_of(executor) and time.monotonic() < until:
            pass
        assert client.verdict("def f(x): return x * 2", CHECK) == "passed"
        assert len(workers_of(executor)) == 1


async def test_names_of_one_test_are_not_there_for_the_next(stub: Stub) -> None:
    sets = "leaked = 1\n" + CHECK
    asks = CHECK + "    assert leaked == 1\n"
    right = "def f(x): return x * 2"
    for _ in range(3):
        assert (await stub.Grade(request(right, sets), timeout=60)).verdict == 1
        response = await stub.Grade(request(right, asks), timeout=60)
        assert response.verdict == executor_pb2.VERDICT_FAILED
        assert "NameError" in response.detail


async def test_a_test_without_end_is_the_caller_s_fault_and_the_next_one_runs(stub: Stub) -> None:
    endless = "def check(candidate):\n    while True:\n        pass\n"
    little = limits(cpu_seconds=1)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.Grade(request("def f(x): return x * 2", endless, budgets=little), timeout=120)
    assert isinstance(from_rpc_error(raised.value), FailedPrecondition)
    assert (await stub.Grade(request("def f(x): return x * 2"), timeout=60)).verdict == 1


async def test_answers_that_fill_the_memory_change_no_later_verdict(stub: Stub) -> None:
    large = "def f(x): return [[i] for i in range(10 ** 5)] * 10"
    for _ in range(3):
        assert (await stub.Grade(request(large), timeout=60)).verdict in (2, 3)
        assert (await stub.Grade(request("def f(x): return x * 2"), timeout=60)).verdict == 1


@pytest.mark.parametrize("ending", ["", OPEN])
async def test_a_call_has_a_budget_of_its_own(stub: Stub, ending: str) -> None:
    source = """
        import time
        def f(x):
            end = time.process_time() + (0.2 if x == 2 else 0.6)
            while time.process_time() < end: pass
            return x * 2
    """
    asked = request(source, CHECK + ending, budgets=limits(cpu_seconds=5.0))
    assert (await stub.Grade(asked, timeout=60)).verdict == executor_pb2.VERDICT_PASSED
    asked.limits.call_cpu_time.FromMilliseconds(400)
    response = await stub.Grade(asked, timeout=60)
    assert response.verdict == executor_pb2.VERDICT_TIMEOUT
    assert response.detail == "reached its limit of 0.4 s of CPU time in one call"
    # Two calls that are together over the budget of one are not.
    asked.limits.call_cpu_time.FromMilliseconds(750)
    assert (await stub.Grade(asked, timeout=60)).verdict == executor_pb2.VERDICT_PASSED
