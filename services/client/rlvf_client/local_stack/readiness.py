"""Probes whether a service of a local stack answers."""

import asyncio
import socket

import grpc
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rlvf_api.errors import RlvfError
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = ["answers"]

_PROBE_SECONDS = 2.0


async def answers(name: str, address: str, storage: StorageSettings) -> bool:
    """Whether the service at `address` (`host:port`) serves; `storage` is how to use storage."""
    if name == "storage":
        return await _stores(storage)
    if name in ("inference", "http-gateway"):
        return await _answers_http(address)
    return await _is_healthy(address)


async def _is_healthy(address: str) -> bool:
    async with open_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            request = health_pb2.HealthCheckRequest()
            answer = await stub.Check(request, timeout=_PROBE_SECONDS)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def _answers_http(address: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            answer = await client.get(f"http://{address}/health", timeout=_PROBE_SECONDS)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK


async def _stores(storage: StorageSettings) -> bool:
    host, _, port = storage.s3_endpoint.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(0.2)
        if probe.connect_ex((host, int(port))) != 0:
            return False
    try:
        store = await asyncio.to_thread(ArtifactStore.connect, storage)
        # The port opens shortly before there is a volume to write to.
        await asyncio.to_thread(store.write_document, "ready", b"1")
    except RlvfError:
        return False
    return True
