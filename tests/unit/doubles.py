"""Stand-ins for what surrounds a unit: an operation's storage, and a server of the executor's
contract."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from rlvf.artifact.v1 import artifact_pb2
from rlvf.executor.v1 import executor_pb2_grpc


class OperationInMemory:
    """What an operation keeps, and the store of its artifacts."""

    id = "test"

    def __init__(self) -> None:
        self.checkpoints: dict[str, bytes] = {}
        self.artifacts: dict[str, bytes] = {}
        self.store = self

    async def report(self, metadata: object) -> None:
        pass

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        assert name not in self.checkpoints
        self.checkpoints[name] = data

    async def load_checkpoint(self, name: str) -> bytes | None:
        return self.checkpoints.get(name)

    async def list_checkpoints(self) -> list[str]:
        return sorted(self.checkpoints)

    def put_bytes(self, data: bytes, media_type: str) -> artifact_pb2.ArtifactRef:
        name = hashlib.sha256(data).hexdigest()
        self.artifacts[name] = data
        return artifact_pb2.ArtifactRef(uri=f"s3://b/{name}", sha256=name)

    def get_bytes(self, ref: artifact_pb2.ArtifactRef) -> bytes:
        return self.artifacts[ref.sha256]


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
