"""Upload, download and look-up of artifacts, for callers without a key of object storage.

The contract is artifact.proto. The evaluator serves it, because other teams call the evaluator.
"""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc

from rlvf.artifact.v1 import artifact_pb2, artifact_pb2_grpc
from rlvf_api.errors import ResourceExhausted
from rlvf_common.rpc.context import caller
from rlvf_common.rpc.in_flight import InFlight
from rlvf_common.rpc.validation import require, require_artifact, require_sha256
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = [
    "MAX_UPLOADS_OF_A_CALLER",
    "MAX_UPLOAD_BYTES",
    "SERVICE_NAME",
    "ArtifactServicer",
]

SERVICE_NAME = artifact_pb2.DESCRIPTOR.services_by_name["ArtifactService"].full_name

MAX_UPLOAD_BYTES = 1 << 30
MAX_UPLOADS_OF_A_CALLER = 2
_LONGEST_MEDIA_TYPE = 256


class ArtifactServicer(artifact_pb2_grpc.ArtifactServiceServicer):
    """Stores and reads artifacts in one store."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        # Each takes room on the disk.
        self._uploads = InFlight("uploads")

    async def UploadArtifact(
        self,
        request_iterator: AsyncIterator[artifact_pb2.UploadArtifactRequest],
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> artifact_pb2.UploadArtifactResponse:
        """See artifact.proto."""
        messages = aiter(request_iterator)
        first = await anext(messages, artifact_pb2.UploadArtifactRequest())
        require(first.WhichOneof("message") == "header", "header", "must be the first message")
        media_type = first.header.media_type
        require(
            0 < len(media_type) <= _LONGEST_MEDIA_TYPE
            and media_type.isascii()
            and media_type.isprintable(),
            "header.media_type",
            f"must be 1 to {_LONGEST_MEDIA_TYPE} printable ASCII characters",
        )
        with (
            self._uploads.counted(caller.get(), MAX_UPLOADS_OF_A_CALLER),
            TemporaryDirectory(prefix="rlvf-upload-") as folder,
        ):
            path = Path(folder, "content")
            try:
                await _write(messages, path)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                raise ResourceExhausted("the disk of the service is full") from None
            ref = await asyncio.to_thread(self._store.put_file, path, media_type)
        return artifact_pb2.UploadArtifactResponse(artifact=ref)

    async def DownloadArtifact(
        self,
        request: artifact_pb2.DownloadArtifactRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> AsyncIterator[artifact_pb2.DownloadArtifactResponse]:
        """See artifact.proto."""
        require_artifact(request.artifact, "artifact")
        chunks = self._store.stream(request.artifact)
        try:
            while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                yield artifact_pb2.DownloadArtifactResponse(chunk=chunk)
        finally:
            # If a thread still reads, the generator is closed when that has ended.
            with suppress(ValueError):
                chunks.close()

    async def FindArtifact(
        self,
        request: artifact_pb2.FindArtifactRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> artifact_pb2.FindArtifactResponse:
        """See artifact.proto."""
        require_sha256(request.sha256, "sha256")
        found = await asyncio.to_thread(self._store.require, request.sha256)
        return artifact_pb2.FindArtifactResponse(artifact=found)


async def _write(messages: AsyncIterator[artifact_pb2.UploadArtifactRequest], path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        async for message in messages:
            require(
                message.WhichOneof("message") == "chunk",
                "chunk",
                "only chunks may follow the header",
            )
            size += len(message.chunk)
            require(
                size <= MAX_UPLOAD_BYTES,
                "chunk",
                f"there are more than {MAX_UPLOAD_BYTES:,} bytes; send them in parts",
            )
            await asyncio.to_thread(file.write, message.chunk)
