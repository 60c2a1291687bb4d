"""Artifacts in an S3 server whose certificate is of an own authority."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from rlvf_api.errors import Unavailable
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import BINARY, ArtifactStore


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # The client has closed its connection.
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
    target.close()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def over_tls(
    storage_settings: StorageSettings, authority: trustme.CA
) -> AsyncIterator[StorageSettings]:
    """The same storage behind a server that speaks TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    host, _, port = storage_settings.s3_endpoint.rpartition(":")

    connections: list[asyncio.StreamWriter] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection(host, int(port))
        connections.extend((writer, requests))
        await asyncio.gather(_copy(reader, requests), _copy(answers, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context)
    own_port = server.sockets[0].getsockname()[1]
    yield storage_settings.model_copy(
        update={"s3_endpoint": f"127.0.0.1:{own_port}", "s3_secure": True}
    )
    server.close()
    for connection in connections:
        connection.transport.abort()
        with suppress(OSError):
            await connection.wait_closed()


async def test_a_bundle_makes_the_authority_trusted(
    over_tls: StorageSettings,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    store = await asyncio.to_thread(ArtifactStore.connect, over_tls)
    ref = await asyncio.to_thread(store.put_bytes, b"over TLS", BINARY)
    assert await asyncio.to_thread(store.get_bytes, ref) == b"over TLS"


async def test_an_authority_that_is_not_trusted_is_said(over_tls: StorageSettings) -> None:
    with pytest.raises(Unavailable, match=r"certificate.*SSL_CERT_FILE"):
        await asyncio.to_thread(ArtifactStore.connect, over_tls)
