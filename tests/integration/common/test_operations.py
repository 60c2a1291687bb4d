"""Operations that outlive their servers, against a real server and real object storage."""

import asyncio
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc

from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import (
    Cancelled,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    from_rpc_error,
)
from rlvf_common.rpc.channels import open_channel, wait_operation
from rlvf_common.storage import operations
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.stored_operations import State

Start = Callable[..., Any]
TIMEOUT = 10.0


def counting(gate: Path, to: int = 5) -> trainer_pb2.RunTrainingRequest:
    """A request to count, which waits at 2 until `gate` exists."""
    return trainer_pb2.RunTrainingRequest(
        request_id=uuid.uuid4().hex,
        base_model=str(gate),
        hyperparameters=trainer_pb2.Hyperparameters(epochs=to),
    )


async def run(address: str, request: trainer_pb2.RunTrainingRequest) -> operations_pb2.Operation:
    async with open_channel(address) as channel:
        stub = trainer_pb2_grpc.TrainerServiceStub(channel)
        return await stub.RunTraining(request, timeout=TIMEOUT)


async def finish(
    address: str, operation: operations_pb2.Operation
) -> trainer_pb2.RunTrainingResponse:
    async with open_channel(address) as channel:
        done = await wait_operation(channel, operation)
    response = trainer_pb2.RunTrainingResponse()
    assert done.response.Unpack(response)
    return response


async def until_counted(store: ArtifactStore, request_id: str, number: int) -> None:
    key = f"counted/{request_id}/{number}"
    while await asyncio.to_thread(store.read_document, key) is None:
        await asyncio.sleep(0.01)


async def test_the_same_request_is_the_same_operation(start_server: Start, tmp_path: Path) -> None:
    server = start_server()
    request = counting(tmp_path)
    first = await run(server.address, request)
    again = await run(server.address, request)
    assert first.name == again.name
    assert (await finish(server.address, first)).summary.steps == 5
    finished = await run(server.address, request)
    assert finished.done


async def test_a_request_without_an_id_is_known_by_its_digest(
    start_server: Start, tmp_path: Path
) -> None:
    server = start_server()
    request = counting(tmp_path / uuid.uuid4().hex)
    request.request_id = ""
    names = {(await run(server.address, request)).name for _ in range(2)}
    request.hyperparameters.epochs = 6
    names.add((await run(server.address, request)).name)
    assert len(names) == 2


async def test_an_id_cannot_be_used_for_another_request(
    start_server: Start, tmp_path: Path
) -> None:
    server = start_server()
    request = counting(tmp_path)
    await run(server.address, request)
    request.hyperparameters.epochs = 6
    with pytest.raises(grpc.RpcError) as raised:
        await run(server.address, request)
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert error.field == "request_id"


async def test_another_replica_finishes_what_a_killed_one_began(
    start_server: Start, store: ArtifactStore, tmp_path: Path
) -> None:
    first, second = start_server(), start_server()
    request = counting(tmp_path / "gate")
    operation = await run(first.address, request)
    await until_counted(store, request.request_id, 2)
    first.kill()
    (tmp_path / "gate").touch()
    response = await finish(second.address, operation)
    assert response.summary.steps == 5
    counted = await asyncio.to_thread(store.list_documents, f"counted/{request.request_id}/")
    assert len(counted) == 5


async def test_a_draining_replica_hands_its_work_over(
    start_server: Start, store: ArtifactStore, tmp_path: Path
) -> None:
    first, second = start_server(), start_server()
    request = counting(tmp_path / "gate")
    operation = await run(first.address, request)
    await until_counted(store, request.request_id, 2)
    assert first.terminate() == 0
    (tmp_path / "gate").touch()
    assert (await finish(second.address, operation)).summary.steps == 5


async def test_two_replicas_never_run_one_operation(
    start_server: Start, store: ArtifactStore, tmp_path: Path
) -> None:
    servers = [start_server(), start_server()]
    request = counting(tmp_path)
    started = await asyncio.gather(*(run(server.address, request) for server in servers))
    responses = [await finish(server.address, started[0]) for server in servers]
    # The handler creates a document for each number and fails if it is there.
    assert [response.summary.steps for response in responses] == [5, 5]


async def test_a_request_that_another_replica_has_just_claimed_is_answered(
    start_server: Start, store: ArtifactStore, tmp_path: Path
) -> None:
    server = start_server()
    request = counting(tmp_path)
    claim = f"operations/trainer/{request.request_id}/attempts/1/state"
    claimed = State(1, time.time()).dump()
    await asyncio.to_thread(store.create_document, claim, claimed)
    operation = await run(server.address, request)
    assert not operation.done
    assert await asyncio.to_thread(store.list_documents, f"counted/{request.request_id}/") == []


async def test_an_attempt_whose_owner_died_right_after_its_claim_is_followed_by_the_next(
    start_server: Start, store: ArtifactStore, tmp_path: Path
) -> None:
    server = start_server()
    request = counting(tmp_path)
    claim = f"operations/trainer/{request.request_id}/attempts/1/state"
    long_ago = time.time() - 10 * operations.STALE_SECONDS
    claimed = State(1, long_ago).dump()
    await asyncio.to_thread(store.create_document, claim, claimed)
    operation = await run(server.address, request)
    assert (await finish(server.address, operation)).summary.steps == 5


async def test_a_cancelled_operation_says_so_and_can_be_started_again(
    start_server: Start, store: ArtifactStore, tmp_path: Path
) -> None:
    server = start_server()
    request = counting(tmp_path / "gate")
    operation = await run(server.address, request)
    await until_counted(store, request.request_id, 2)
    async with open_channel(server.address) as channel:
        stub = operations_pb2_grpc.OperationsStub(channel)
        cancel = operations_pb2.CancelOperationRequest(name=operation.name)
        await stub.CancelOperation(cancel, timeout=TIMEOUT)
        with pytest.raises(Cancelled):
            await wait_operation(channel, operation)
    (tmp_path / "gate").touch()
    again = await run(server.address, request)
    assert (await finish(server.address, again)).summary.steps == 5


async def test_what_was_mended_is_tried_again_by_the_same_request(
    start_server: Start, tmp_path: Path
) -> None:
    server = start_server()
    request = counting(tmp_path / "fail")
    operation = await run(server.address, request)
    with pytest.raises(FailedPrecondition, match="asked to fail"):
        await finish(server.address, operation)
    (tmp_path / "fail").touch()
    again = await run(server.address, request)
    assert again.name == operation.name
    assert (await finish(server.address, again)).summary.steps == 5


@pytest.mark.parametrize("seconds", [10**18, -(10**18)])
async def test_a_wait_may_be_given_any_length(
    start_server: Start, tmp_path: Path, seconds: int
) -> None:
    server = start_server()
    operation = await run(server.address, counting(tmp_path))
    await finish(server.address, operation)
    request = operations_pb2.WaitOperationRequest(name=operation.name)
    request.timeout.seconds = seconds
    async with open_channel(server.address) as channel:
        stub = operations_pb2_grpc.OperationsStub(channel)
        assert (await stub.WaitOperation(request, timeout=TIMEOUT)).done


async def test_an_unknown_operation_is_not_found(start_server: Start) -> None:
    server = start_server()
    async with open_channel(server.address) as channel:
        stub = operations_pb2_grpc.OperationsStub(channel)
        for name, kind in (
            ("operations/trainer/nothing", NotFound),
            ("operations/other/x", InvalidArgument),
        ):
            request = operations_pb2.GetOperationRequest(name=name)
            with pytest.raises(grpc.RpcError) as raised:
                await stub.GetOperation(request, timeout=TIMEOUT)
            assert isinstance(from_rpc_error(raised.value), kind)
