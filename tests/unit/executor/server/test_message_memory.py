"""What a caller's messages take of the executor's memory while its slots are busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api import errors
from rlvf_common.rpc.call_policy import CallPolicy
from rlvf_common.rpc.channels import MAX_MESSAGE_BYTES
from rlvf_common.rpc.tokens import Tokens
from rlvf_executor.contract import link
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.outcomes import Outcome
from rlvf_executor.server import service
from rlvf_executor.server.service import ExecutorServicer

_TOKEN = (("authorization", "Bearer right"),)
_OPERATOR = (("authorization", "Bearer of the operator"),)
_SOURCE = "#" * 100_000
_IN_HAND_BYTES = 450_000


class BusyExecutor:
    """An executor whose programs end when the test says so."""

    def __init__(self) -> None:
        self.slots = 4
        self.running = 0
        self.release = asyncio.Event()

    def identity(self) -> executor_pb2.ExecutorIdentity:
        return executor_pb2.ExecutorIdentity(slots=self.slots)

    async def until_running(self, programs: int) -> None:
        """Waits until exactly so many programs run."""
        async with asyncio.timeout(20):
            while self.running < programs:
                await asyncio.sleep(0.01)
        assert self.running == programs

    async def run(self, message: Message, *, patient: bool = False) -> Message:
        self.running += 1
        await self.release.wait()
        self.running -= 1
        values: dict[str, object] = {
            "outcome": Outcome.EXITED,
            "status": 0,
            "truncated": [False, False],
            "usage": [0.0, 0.0, 0.0],
        }
        return Message(link.EXECUTED, values, (b"", b""))


@asynccontextmanager
async def _serving(executor: BusyExecutor, tokens: Tokens) -> AsyncIterator[Any]:
    policy = CallPolicy(tokens, MAX_MESSAGE_BYTES)
    server = grpc.aio.server(interceptors=[policy])
    executor_pb2_grpc.add_ExecutorServiceServicer_to_server(
        ExecutorServicer(cast(Any, executor)), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield executor_pb2_grpc.ExecutorServiceStub(channel)
    finally:
        await server.stop(None)


@pytest.fixture
def team(tmp_path: Path) -> Tokens:
    """The tokens of one team, `right`."""
    file = tmp_path / "tokens.yaml"
    file.write_text(f"callers:\n- {{name: team, sha256: {sha256(b'right').hexdigest()}}}\n")
    return Tokens("of the operator", file)


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_IN_HAND_BYTES", _IN_HAND_BYTES)


def _message(name: str) -> executor_pb2.ExecuteBatchRequest:
    request = executor_pb2.ExecuteRequest(source=_SOURCE)
    return executor_pb2.ExecuteBatchRequest(
        items=[executor_pb2.ExecuteBatchRequest.Item(id=name, request=request)]
    )


async def _answered(call: Any) -> list[str]:
    """The names of all items that a stream has answered by its end."""
    return [
        item.id
        async for response in call
        for item in response.items
        if item.WhichOneof("result") == "response"
    ]


@pytest.mark.parametrize("metadata", [_TOKEN, _OPERATOR], ids=["team", "service"])
async def test_streams_hold_a_bounded_number_of_bytes_and_all_are_answered(
    team: Tokens, metadata: Any
) -> None:
    executor = BusyExecutor()
    async with _serving(executor, team) as stub:

        async def messages(stream: int) -> AsyncIterator[executor_pb2.ExecuteBatchRequest]:
            for number in range(3):
                yield _message(f"{stream}.{number}")

        calls = [stub.ExecuteBatch(messages(n), timeout=60, metadata=metadata) for n in range(8)]
        answers = [asyncio.ensure_future(_answered(call)) for call in calls]
        await executor.until_running(4)
        # Others have memory of their own, and get it after all these calls.
        other = {_TOKEN: _OPERATOR, _OPERATOR: _TOKEN}[metadata]
        call = stub.ExecuteBatch(messages(9), timeout=60, metadata=other)
        answers.append(asyncio.ensure_future(_answered(call)))
        await executor.until_running(4 + 3)
        executor.release.set()
        found = await asyncio.gather(*answers)
        assert all(len(one) == 3 for one in found)


async def test_a_stream_beyond_the_maximum_of_a_team_is_refused(team: Tokens) -> None:
    executor = BusyExecutor()
    async with _serving(executor, team) as stub:
        calls = [stub.ExecuteBatch(timeout=60, metadata=_TOKEN) for _ in range(64)]
        found = await asyncio.gather(*(call.read() for call in calls), return_exceptions=True)
        refused = [errors.from_rpc_error(one) for one in found if isinstance(one, grpc.RpcError)]
        assert len(refused) == 64 - 16
        assert all(isinstance(one, errors.ResourceExhausted) for one in refused)
        for call in calls:
            call.cancel()


async def test_calls_of_one_message_are_bounded_too(team: Tokens) -> None:
    executor = BusyExecutor()
    request = executor_pb2.ExecuteRequest(source=_SOURCE)
    async with _serving(executor, team) as stub:
        calls = [stub.Execute(request, timeout=60, metadata=_TOKEN) for _ in range(6)]
        answers = [asyncio.ensure_future(_code(call)) for call in calls]
        await executor.until_running(4)
        async with asyncio.timeout(20):
            while sum(one.done() for one in answers) < 2:
                await asyncio.sleep(0.01)
        executor.release.set()
        codes = await asyncio.gather(*answers)
        assert sorted(code.name for code in codes) == ["OK"] * 4 + ["RESOURCE_EXHAUSTED"] * 2


async def _code(call: Any) -> grpc.StatusCode:
    code: grpc.StatusCode = await call.code()
    return code
