"""Uploads files to the service, and downloads them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import grpc

from rlvf.artifact.v1 import artifact_pb2, artifact_pb2_grpc
from rlvf_client.sdk.attempts import Attempts
from rlvf_client.sdk.connection import Connection
from rlvf_client.sdk.errors import FailedPrecondition
from rlvf_client.sdk.types import ArtifactRef

__all__ = ["MOST_SECONDS", "Transfer"]

MOST_SECONDS = 24 * 3600.0
"""Maximum duration of a stream."""
_CHUNK_BYTES = 1 << 20


class Transfer:
    """Uploads and downloads over a connection; errors as the methods of `Evaluator`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stub = artifact_pb2_grpc.ArtifactServiceStub(connection.channel)

    def upload(self, path: Path, media_type: str, attempts: Attempts) -> ArtifactRef:
        """Store a file."""

        def requests() -> Iterator[artifact_pb2.UploadArtifactRequest]:
            header = artifact_pb2.UploadHeader(media_type=media_type)
            yield artifact_pb2.UploadArtifactRequest(header=header)
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield artifact_pb2.UploadArtifactRequest(chunk=chunk)

        with path.open("rb"):
            pass  # An error here is the caller's; on gRPC's thread it would end the call.
        method = self._stub.UploadArtifact
        return self._connection.call(method, requests, attempts, MOST_SECONDS).artifact

    def find(self, sha256: str, attempts: Attempts) -> ArtifactRef:
        """The artifact with a digest."""
        request = artifact_pb2.FindArtifactRequest(sha256=sha256)
        return self._connection.call(self._stub.FindArtifact, request, attempts).artifact

    def download(self, artifact: ArtifactRef, target: Path, attempts: Attempts) -> None:
        """Write an artifact to `target`, which appears when it is complete and checked."""
        partial = target.with_name(f".{target.name}.partial")
        request = artifact_pb2.DownloadArtifactRequest(artifact=artifact)
        while True:
            digest = hashlib.sha256()
            try:
                with partial.open("wb") as file:
                    call = self._stub.DownloadArtifact(
                        request,
                        timeout=attempts.seconds(MOST_SECONDS),
                        metadata=self._connection.metadata,
                    )
                    attempts.stop.watch(call)
                    for response in call:
                        file.write(response.chunk)
                        digest.update(response.chunk)
                if digest.hexdigest() != artifact.sha256:
                    raise FailedPrecondition(f"artifact {artifact.uri} does not match its digest")
            except grpc.RpcError as error:
                partial.unlink()
                attempts.pause_or_raise_rpc(error)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
            else:
                partial.rename(target)
                return
