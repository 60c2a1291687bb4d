"""A real executor for the tests of this folder."""

from collections.abc import AsyncIterator, Iterator
from typing import TypeAlias

import pytest

from rlvf.executor.v1 import executor_pb2_grpc
from rlvf_common.rpc.channels import open_channel
from tests.processes.executor import ExecutorProcess

Stub: TypeAlias = "executor_pb2_grpc.ExecutorServiceAsyncStub"


@pytest.fixture(scope="session")
def executor() -> Iterator[ExecutorProcess]:
    """One executor process for the session."""
    with ExecutorProcess() as process:
        yield process


@pytest.fixture
async def stub(executor: ExecutorProcess) -> AsyncIterator[Stub]:
    """A client of the session's executor."""
    async with open_channel(executor.address) as channel:
        yield executor_pb2_grpc.ExecutorServiceStub(channel)
