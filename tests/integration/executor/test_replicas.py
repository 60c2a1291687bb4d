"""Executors that are not alike behind one name: verdicts are never mixed, and none is lost."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import Unavailable
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from tests.processes.executor import ExecutorProcess

# Right, where programs have a folder of their own: the tier of namespaces gives them one, and the
# tier of Landlock does not.
_WRITES_A_FILE = """\
def f(x):
    with open("/tmp/note", "w") as file:
        file.write(str(x))
    with open("/tmp/note") as file:
        return int(file.read()) + 1
"""
_GRADINGS = 200


def problem(number: int) -> Problem:
    """A problem of its own."""
    test = f"def check(candidate):\n    assert candidate({number}) == {number} + 1\n"
    return Problem(f"t/{number}", "def f(x):\n", "f", CheckFunction(test), "")


@pytest.fixture
def landlock() -> Iterator[ExecutorProcess]:
    """An executor of the weaker tier."""
    with ExecutorProcess(executor_slots="1", executor_tier="landlock") as process:
        yield process


def namespaces() -> ExecutorProcess:
    """An executor of the stronger tier."""
    return ExecutorProcess(executor_slots="1", executor_tier="namespaces")


async def policy_of(executor: ExecutorProcess) -> str:
    """The digest of an executor."""
    async with open_channel(executor.address) as channel:
        stub = executor_pb2_grpc.ExecutorServiceStub(channel)
        found = await stub.GetCapabilities(executor_pb2.GetCapabilitiesRequest(), timeout=30)
        return found.policy_sha256


def behind_one_name(*executors: ExecutorProcess) -> grpc.aio.Channel:
    """A channel to all of them."""
    return open_channel("ipv4:" + ",".join(one.address for one in executors))


async def test_verdicts_of_two_tiers_are_not_mixed(landlock: ExecutorProcess) -> None:
    with namespaces() as strong:
        expected = {await policy_of(strong): "passed", await policy_of(landlock): "error"}
        assert len(expected) == 2
        async with behind_one_name(landlock, strong) as channel:
            grader = Grader(channel)
            for policy, verdict in expected.items():
                pinned = grader.of(policy)
                assert (await pinned.capabilities()).policy_sha256 == policy
                grades = await asyncio.gather(
                    *(pinned.grade(problem(number), _WRITES_A_FILE) for number in range(_GRADINGS))
                )
                found = Counter((grade.policy_sha256, grade.verdict) for grade in grades)
                assert found == {(policy, verdict): _GRADINGS}


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_another_replica_of_the_policy_takes_over(
    landlock: ExecutorProcess, end: signal.Signals
) -> None:
    with ExitStack() as stack:
        first, second = (stack.enter_context(namespaces()) for _ in range(2))
        policy = await policy_of(first)
        assert await policy_of(second) == policy
        async with behind_one_name(first, landlock, second) as channel:
            grader = Grader(channel).of(policy)
            done = 0

            async def grade(number: int) -> tuple[str, str]:
                nonlocal done
                found = await grader.grade(problem(number), _WRITES_A_FILE)
                done += 1
                if done == _GRADINGS // 4:
                    os.kill(first.pid, end)
                return found.policy_sha256, found.verdict

            grades = await asyncio.gather(*map(grade, range(_GRADINGS)))
        assert Counter(grades) == {(policy, "passed"): _GRADINGS}


async def test_the_last_replica_of_the_policy_is_gone(landlock: ExecutorProcess) -> None:
    other = await policy_of(landlock)
    with namespaces() as strong:
        policy = await policy_of(strong)
        async with behind_one_name(strong, landlock) as channel:
            grader = Grader(channel, patience=timedelta(seconds=1)).of(policy)
            assert (await grader.grade(problem(0), _WRITES_A_FILE)).verdict == "passed"
            os.kill(strong.pid, signal.SIGKILL)
            with pytest.raises(Unavailable) as raised:
                await grader.grade(problem(1), _WRITES_A_FILE)
            message = str(raised.value)
            assert f"no executor with the policy {policy[:16]} (TIER_NAMESPACES)" in message
            assert f"there is {other[:16]} (TIER_LANDLOCK)" in message
            assert "alike" in message
            with pytest.raises(Unavailable, match=f"{policy[:16]}.*{other[:16]}"):
                await grader.capabilities()


async def test_work_goes_to_every_replica() -> None:
    with ExitStack() as stack:
        executors = [
            stack.enter_context(ExecutorProcess(executor_slots="1", metrics_listen="127.0.0.1:0"))
            for _ in range(3)
        ]
        async with behind_one_name(*executors) as channel:
            grader = Grader(channel)
            sleeps = "import time\ndef f(x):\n    time.sleep(0.05)\n    return x + 1\n"
            grades = await asyncio.gather(
                *(grader.grade(problem(number), sleeps) for number in range(90))
            )
        assert {grade.verdict for grade in grades} == {"passed"}
        shares = [executor.metrics()["rlvf_executor_slot_seconds_count"] for executor in executors]
        assert sum(shares) == 90
        assert min(shares) >= 15


async def test_a_caller_that_gives_up_frees_the_slots() -> None:
    with ExecutorProcess(executor_slots="1", metrics_listen="127.0.0.1:0") as executor:
        async with open_channel(executor.address) as channel:
            grader = Grader(channel)
            sleeps = "import time\ndef f(x):\n    time.sleep(50)\n    return x + 1\n"
            waiting = [asyncio.create_task(grader.grade(problem(n), sleeps)) for n in range(20)]
            while executor.metrics()["rlvf_executor_slots_busy"] != 1:
                await asyncio.sleep(0.01)
            for task in waiting:
                task.cancel()
            async with asyncio.timeout(20):
                right = await grader.grade(problem(1), "def f(x): return x + 1\n")
            assert right.verdict == "passed"
