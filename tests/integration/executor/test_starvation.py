"""A machine that is too busy is not the program's fault."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import Unavailable, from_rpc_error
from rlvf_common.rpc.channels import open_channel
from tests.processes.executor import ExecutorProcess, limits

from .conftest import Stub

BUSY_PROCESSES = 12
WORKS = "import time\nwhile time.process_time() < 1.8: pass\nprint('done')"
SLEEPS = "import time\ntime.sleep(60)"

pytestmark = pytest.mark.skipif(
    not os.path.exists("/proc/self/schedstat"), reason="this kernel does not count waiting times"
)


@pytest.fixture
def one_core() -> Iterator[int]:
    """A core that everything started here is confined to."""
    before = os.sched_getaffinity(0)
    core = min(before)
    os.sched_setaffinity(0, {core})
    yield core
    os.sched_setaffinity(0, before)


@pytest.fixture
async def starved(one_core: int) -> AsyncIterator[Stub]:
    """An executor on a core with many others."""
    with ExecutorProcess(executor_slots="1") as executor:
        others = [
            subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"])
            for _ in range(BUSY_PROCESSES)
        ]
        try:
            async with open_channel(executor.address) as channel:
                yield executor_pb2_grpc.ExecutorServiceStub(channel)
        finally:
            for other in others:
                other.kill()
                other.wait()


@pytest.mark.slow
async def test_a_program_that_was_not_given_its_cpu_time_is_not_timed_out(starved: Stub) -> None:
    request = executor_pb2.ExecuteRequest(
        source=WORKS, limits=limits(cpu_seconds=5, wall_seconds=2)
    )
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await starved.Execute(request, timeout=120)
    error = from_rpc_error(raised.value)
    assert isinstance(error, Unavailable)
    assert "waited" in str(error)


async def test_a_sleeper_is_timed_out_on_the_busiest_machine(starved: Stub) -> None:
    request = executor_pb2.ExecuteRequest(
        source=SLEEPS, limits=limits(cpu_seconds=5, wall_seconds=2)
    )
    response = await starved.Execute(request, timeout=120)
    assert response.outcome == executor_pb2.OUTCOME_WALL_TIME_EXCEEDED
