"""Artifacts read and written through the evaluator, so that a client needs no key of object
storage."""

from pathlib import Path
from tempfile import TemporaryDirectory

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import NotFound
from rlvf_client.experiment.endpoints import Endpoints
from rlvf_client.sdk.client import Evaluator
from rlvf_common.storage.artifacts import ArtifactAccess

__all__ = ["ServedArtifacts"]


class ServedArtifacts(ArtifactAccess):
    """Artifacts that the evaluator stores and reads. Calls are retried for a minute while it is
    unavailable.

    All methods block, and raise RlvfError.
    """

    def __init__(self, endpoints: Endpoints) -> None:
        transport = endpoints.transport()
        self._evaluator = Evaluator(
            endpoints.address("evaluator"), token=transport.auth_token, ca=transport.tls_ca
        )

    def close(self) -> None:
        """Close the connection."""
        self._evaluator.close()

    def put_bytes(self, data: bytes, media_type: str) -> artifact_pb2.ArtifactRef:
        """As `ArtifactAccess.put_bytes`."""
        with TemporaryDirectory(prefix="rlvf-") as folder:
            path = Path(folder, "data")
            path.write_bytes(data)
            return self.put_file(path, media_type)

    def put_file(self, path: Path, media_type: str) -> artifact_pb2.ArtifactRef:
        """As `ArtifactAccess.put_file`."""
        return self._evaluator.upload(path, media_type)

    def find(self, sha256: str) -> artifact_pb2.ArtifactRef | None:
        """As `ArtifactAccess.find`."""
        try:
            return self._evaluator.find(sha256)
        except NotFound:
            return None

    def get_bytes(self, ref: artifact_pb2.ArtifactRef) -> bytes:
        """As `ArtifactAccess.get_bytes`."""
        with TemporaryDirectory(prefix="rlvf-") as folder:
            path = Path(folder, "data")
            self.get_file(ref, path)
            return path.read_bytes()

    def get_file(self, ref: artifact_pb2.ArtifactRef, path: Path) -> None:
        """As `ArtifactAccess.get_file`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._evaluator.download(ref, path)
