"""Stand-ins for what surrounds a unit: an operation's storage, and a server of the executor's
contract."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import grpc
from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.cost.v1 import cost_pb2
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import RlvfError, to_status
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationContext

Context: TypeAlias = "grpc.aio.ServicerContext[Message, Message]"
"""Of any RPC."""

TWO_CORES = cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=2)


class StoreInMemory(ArtifactStore):
    """Artifacts and documents, without a server."""

    def __init__(self) -> None:
        self.artifacts: dict[str, bytes] = {}
        """By SHA-256."""
        self.documents: dict[str, bytes] = {}
        self._creating = threading.Lock()

    def put_bytes(self, data: bytes, media_type: str) -> artifact_pb2.ArtifactRef:
        name = hashlib.sha256(data).hexdigest()
        self.artifacts[name] = data
        return artifact_pb2.ArtifactRef(uri=f"s3://b/{name}", sha256=name)

    def get_bytes(self, ref: artifact_pb2.ArtifactRef) -> bytes:
        return self.artifacts[ref.sha256]

    def find(self, sha256: str) -> artifact_pb2.ArtifactRef | None:
        if sha256 not in self.artifacts:
            return None
        return artifact_pb2.ArtifactRef(uri=f"s3://b/{sha256}", sha256=sha256)

    def create_document(self, key: str, data: bytes) -> bool:
        with self._creating:
            created = key not in self.documents
            self.documents.setdefault(key, data)
            return created

    def write_document(self, key: str, data: bytes) -> None:
        self.documents[key] = data

    def read_document(self, key: str) -> bytes | None:
        return self.documents.get(key)

    def list_documents(self, prefix: str) -> list[str]:
        with self._creating:
            return sorted(key for key in self.documents if key.startswith(prefix))

    def list_folders(self, prefix: str) -> list[str]:
        below = (key.removeprefix(prefix) for key in self.list_documents(prefix))
        return sorted({key.partition("/")[0] for key in below if "/" in key})

    def delete_document(self, key: str) -> None:
        self.documents.pop(key, None)


class OperationInMemory(OperationContext):
    """What an operation keeps, and the store of its artifacts."""

    store: StoreInMemory

    def __init__(self) -> None:
        self.id = "test"
        self.store = StoreInMemory()
        self.checkpoints: dict[str, bytes] = {}

    @property
    def cancelled(self) -> bool:
        return False

    async def report(self, metadata: Message) -> None:
        pass

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        assert name not in self.checkpoints
        self.checkpoints[name] = data

    async def load_checkpoint(self, name: str) -> bytes | None:
        return self.checkpoints.get(name)

    async def list_checkpoints(self) -> list[str]:
        return sorted(self.checkpoints)


class IdleExecutor(executor_pb2_grpc.ExecutorServiceServicer):
    """Has no RPC but those that a subclass gives it."""

    async def Execute(
        self, request: executor_pb2.ExecuteRequest, context: Context
    ) -> executor_pb2.ExecuteResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED)

    async def ExecuteBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.ExecuteBatchRequest],
        context: Context,
    ) -> AsyncIterator[executor_pb2.ExecuteBatchResponse]:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED)
        yield executor_pb2.ExecuteBatchResponse()

    async def Grade(
        self, request: executor_pb2.GradeRequest, context: Context
    ) -> executor_pb2.GradeResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED)

    async def GradeBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.GradeBatchRequest],
        context: Context,
    ) -> AsyncIterator[executor_pb2.GradeBatchResponse]:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED)
        yield executor_pb2.GradeBatchResponse()

    async def GetCapabilities(
        self, request: executor_pb2.GetCapabilitiesRequest, context: Context
    ) -> executor_pb2.GetCapabilitiesResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED)


class GradingExecutor(IdleExecutor):
    """Answers every item of a stream with what `verdict` returns or raises, at once."""

    slots = 10
    policy = "a" * 64

    def __init__(self) -> None:
        self.streams = 0
        self.callers: list[str] = []
        """Of each item, on whose behalf."""

    async def verdict(self, request: executor_pb2.GradeRequest) -> executor_pb2.GradeResponse:
        return executor_pb2.GradeResponse(verdict=executor_pb2.VERDICT_PASSED)

    async def GradeBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.GradeBatchRequest],
        context: Context,
    ) -> AsyncIterator[executor_pb2.GradeBatchResponse]:
        self.streams += 1
        yield executor_pb2.GradeBatchResponse(
            executor=executor_pb2.ExecutorIdentity(
                instance=str(id(self)), slots=self.slots, policy_sha256=self.policy
            )
        )
        answers: asyncio.Queue[executor_pb2.GradeBatchResponse.Item | None] = asyncio.Queue()

        async def answer(item: executor_pb2.GradeBatchRequest.Item) -> None:
            found = executor_pb2.GradeBatchResponse.Item(id=item.id)
            try:
                found.response.CopyFrom(await self.verdict(item.request))
                found.response.policy_sha256 = found.response.policy_sha256 or self.policy
            except RlvfError as error:
                found.error.CopyFrom(to_status(error))
            answers.put_nowait(found)

        async def read() -> None:
            running: dict[str, asyncio.Task[None]] = {}
            async with asyncio.TaskGroup() as group:
                async for message in request_iterator:
                    for name in message.cancelled:
                        running[name].cancel()
                    for item in message.items:
                        self.callers.append(item.caller)
                        running[item.id] = group.create_task(answer(item))
            answers.put_nowait(None)

        reading = asyncio.create_task(read())
        try:
            while (found := await answers.get()) is not None:
                yield executor_pb2.GradeBatchResponse(items=[found])
        finally:
            reading.cancel()


@asynccontextmanager
async def channel_to(
    servicer: executor_pb2_grpc.ExecutorServiceServicer,
) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a server of `servicer`."""
    server = grpc.aio.server()
    executor_pb2_grpc.add_ExecutorServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)
