"""Immutable, content-addressed artifacts, and small named documents, in S3.

An artifact's key is its SHA-256: it is created once and never overwritten, equal bytes are one
object, and a reader can verify it. Documents hold the state of operations: named, small, mutable.

All functions block and are thread-safe: async code calls them through `asyncio.to_thread`.
"""

import hashlib
import io
import json
import logging
import os
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import BinaryIO

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import FailedPrecondition, NotFound, ResourceExhausted, RlvfError, Unavailable
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.metrics import STORAGE_ERRORS

log = logging.getLogger(__name__)

ArtifactRef = artifact_pb2.ArtifactRef

JSON = "application/json"
JSONL = "application/jsonl"
DIRECTORY = "application/vnd.rlvf.directory+json"
BINARY = "application/octet-stream"

ARTIFACTS = "blobs/sha256/"
"""Prefix of the keys of artifacts; all other keys are those of documents."""

_CHUNK_BYTES = 1 << 20
# Limit of Linux file systems; temporary files have longer names than the final ones.
_LONGEST_FILE_NAME = 200
_MISSING = {"NoSuchKey", "NoSuchBucket", "NoSuchObject"}
_LEAST_FREE_BYTES = 64 << 20
_FULL = {"XMinioStorageFull", "QuotaExceeded"}
_DENIED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"}


class ArtifactAccess(ABC):
    """Stores and reads artifacts, directly in storage or through a service.

    Every method raises Unavailable if the storage or the service cannot be reached.
    """

    @abstractmethod
    def put_bytes(self, data: bytes, media_type: str) -> ArtifactRef:
        """Store `data`; the same bytes again are the same artifact."""

    @abstractmethod
    def put_file(self, path: Path, media_type: str) -> ArtifactRef:
        """Store the content of a file, streaming it."""

    @abstractmethod
    def find(self, sha256: str) -> ArtifactRef | None:
        """The artifact with this digest, or None. `media_type` is as it was stored."""

    def require(self, sha256: str) -> ArtifactRef:
        """The artifact with this digest.

        Raises:
            NotFound: there is none.
        """
        found = self.find(sha256)
        if found is None:
            raise NotFound(f"there is no file {sha256} in this storage; is it another one's?")
        return found

    @abstractmethod
    def get_bytes(self, ref: ArtifactRef) -> bytes:
        """The artifact's bytes.

        Raises:
            FailedPrecondition: it is missing, or its bytes do not match `ref`. At most little more
                than `ref.size_bytes` are read.
        """

    @abstractmethod
    def get_file(self, ref: ArtifactRef, path: Path) -> None:
        """Write the artifact to `path`, which appears when it is complete. Raises the errors of
        `get_bytes`."""

    def get(self, ref: ArtifactRef, path: Path) -> None:
        """Write the artifact to `path`, as the file or the folder that it is; errors as
        `get_bytes`."""
        write = self.get_directory if ref.media_type == DIRECTORY else self.get_file
        write(ref, path)

    def list_directory(self, ref: ArtifactRef) -> dict[str, ArtifactRef]:
        """The files of a directory artifact by their relative names. Raises the errors of
        `get_directory`."""
        folder = ref.uri.removesuffix(ref.sha256)
        try:
            files = json.loads(self.get_bytes(ref))["files"]
            refs = {
                name: ArtifactRef(
                    uri=f"{folder}{entry['sha256']}",
                    sha256=entry["sha256"],
                    size_bytes=entry["size_bytes"],
                    media_type=BINARY,
                )
                for name, entry in files.items()
            }
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise FailedPrecondition(f"{ref.uri} is not a directory artifact") from None
        _check_names(refs, ref.uri)
        return refs

    def get_directory(self, ref: ArtifactRef, path: Path) -> None:
        """Write a directory artifact to `path`, which appears when it is complete.

        Does nothing if `path` exists.

        Raises:
            FailedPrecondition: as in `get_bytes`, or the artifact is not a directory.
        """
        if path.exists():
            return
        refs = self.list_directory(ref)
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as parent:
            whole = Path(parent, "whole")
            whole.mkdir()
            for name, entry in refs.items():
                self.get_file(entry, whole / name)
            try:
                whole.rename(path)
            except OSError:
                # Another process has written the same directory meanwhile.
                if not path.is_dir():
                    raise


class ArtifactStore(ArtifactAccess):
    """Artifacts and documents in one bucket.

    Every method raises Unavailable when the server cannot be reached or fails, and
    FailedPrecondition when it refuses the credentials or a name is not valid in S3.
    """

    def __init__(self, client: Minio, http: urllib3.PoolManager, settings: StorageSettings) -> None:
        self._client = client
        self._http = http
        self._settings = settings
        self._endpoint = settings.s3_endpoint
        self._bucket = settings.s3_bucket

    def __reduce__(self) -> tuple[Callable[..., "ArtifactStore"], tuple[StorageSettings]]:
        # In another process it has its own connections.
        return _connected, (self._settings,)

    @classmethod
    def connect(cls, settings: StorageSettings) -> "ArtifactStore":
        """Open the store; create its bucket if it does not exist."""
        http = urllib3.PoolManager(
            maxsize=16,
            timeout=urllib3.Timeout(connect=5, read=60),
            retries=urllib3.Retry(
                total=3,
                backoff_factor=0.2,
                status_forcelist=[500, 502, 503, 504],
                raise_on_status=False,
            ),
        )
        client = Minio(
            settings.s3_endpoint,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            secure=settings.s3_secure,
            region=settings.s3_region,
            http_client=http,
        )
        store = cls(client, http, settings)
        with store._translated("opening the bucket"):
            if not client.bucket_exists(settings.s3_bucket):
                try:
                    client.make_bucket(settings.s3_bucket)
                except S3Error as error:
                    # Another service has created it meanwhile.
                    if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                        raise
        return store

    # Artifacts

    def put_bytes(self, data: bytes, media_type: str) -> ArtifactRef:
        """As `ArtifactAccess.put_bytes`."""
        return self._put(io.BytesIO(data), hashlib.sha256(data).hexdigest(), len(data), media_type)

    def put_file(self, path: Path, media_type: str) -> ArtifactRef:
        """As `ArtifactAccess.put_file`."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            file.seek(0)
            return self._put(file, digest, size, media_type)

    def put_directory(self, path: Path) -> ArtifactRef:
        """Store all the regular files below `path`; the artifact is a manifest of them.

        The manifest depends only on relative names and contents.
        """
        files = {
            file.relative_to(path).as_posix(): self.put_file(file, BINARY)
            for file in sorted(path.rglob("*"))
            if file.is_file()
        }
        manifest = {
            name: {"sha256": ref.sha256, "size_bytes": ref.size_bytes}
            for name, ref in files.items()
        }
        return self.put_bytes(json.dumps({"files": manifest}, indent=1).encode(), DIRECTORY)

    def get_bytes(self, ref: ArtifactRef) -> bytes:
        """As `ArtifactAccess.get_bytes`."""
        return b"".join(self.stream(ref))

    def get_file(self, ref: ArtifactRef, path: Path) -> None:
        """As `ArtifactAccess.get_file`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                for chunk in self.stream(ref):
                    file.write(chunk)
                file.flush()
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise

    def stream(self, ref: ArtifactRef) -> Generator[bytes, None, None]:
        """The artifact's bytes in order, at most 1 MiB at a time. Raises the errors of `get_bytes`;
        a mismatch is found only at the end."""
        # The reference comes from a caller: only artifacts may be read for it, and details of a
        # mismatch are for the operator only.
        if ref.uri != self._ref(ref.sha256, 0, "").uri:
            raise FailedPrecondition(f"artifact {ref.uri} does not exist")
        digest = hashlib.sha256()
        size = 0
        with self._translated(ref.uri):
            try:
                response = self._client.get_object(self._bucket, _key(ref.sha256))
            except S3Error as error:
                if error.code in _MISSING:
                    raise FailedPrecondition(f"artifact {ref.uri} does not exist") from None
                raise
            try:
                for chunk in response.stream(_CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    if size > ref.size_bytes:
                        break
                    yield chunk
            finally:
                response.close()
                response.release_conn()
        if size != ref.size_bytes or digest.hexdigest() != ref.sha256:
            log.warning(
                "artifact %s: at least %d bytes with SHA-256 %s, expected %d",
                ref.uri,
                size,
                digest.hexdigest(),
                ref.size_bytes,
            )
            raise FailedPrecondition(f"artifact {ref.uri} does not match its reference")

    def find(self, sha256: str) -> ArtifactRef | None:
        """As `ArtifactAccess.find`."""
        ref = self._ref(sha256, 0, "")
        with self._translated(ref.uri):
            try:
                found = self._client.stat_object(self._bucket, _key(sha256))
            except S3Error as error:
                if error.code in _MISSING:
                    return None
                raise
        return self._ref(sha256, found.size or 0, found.content_type or BINARY)

    # Documents

    def read_document(self, key: str) -> bytes | None:
        """The document, or None when there is none."""
        with self._translated(key):
            try:
                response = self._client.get_object(self._bucket, key)
            except S3Error as error:
                if error.code in _MISSING:
                    return None
                raise
            try:
                return bytes(response.read())
            finally:
                response.close()
                response.release_conn()

    def write_document(self, key: str, data: bytes) -> None:
        """Create or replace the document."""
        with self._translated(key):
            self._client.put_object(self._bucket, key, io.BytesIO(data), len(data))

    def create_document(self, key: str, data: bytes) -> bool:
        """Create the document unless it exists; return whether it was created. Atomic."""
        with self._translated(key):
            url = self._client.presigned_put_object(self._bucket, key)
            response = self._http.request(
                "PUT", url, body=data, headers={"If-None-Match": "*"}, retries=False
            )
        if response.status in (200, 412):
            return response.status == 200
        raise self._failed(key, f"status {response.status}")

    def delete_document(self, key: str) -> None:
        """Delete the document if it exists."""
        with self._translated(key):
            self._client.remove_object(self._bucket, key)

    def list_documents(self, prefix: str) -> list[str]:
        """The keys that begin with `prefix`, sorted."""
        return sorted(self.sizes(prefix))

    # Both

    def sizes(self, prefix: str = "") -> dict[str, int]:
        """The sizes in bytes of all objects whose keys begin with `prefix`, by key. The key of an
        artifact is `ARTIFACTS` and its digest."""
        with self._translated(prefix or "listing the bucket"):
            found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
            return {item.object_name: item.size or 0 for item in found if item.object_name}

    def delete_artifact(self, sha256: str) -> None:
        """Delete the artifact if it exists. The caller must know that nothing needs it (see
        `reachability`)."""
        self.delete_document(_key(sha256))

    def list_folders(self, prefix: str) -> list[str]:
        """The names of the folders in the folder `prefix`, which ends in a slash, sorted."""
        with self._translated(prefix):
            found = self._client.list_objects(self._bucket, prefix=prefix)
            names = [(item.object_name or "").removeprefix(prefix) for item in found]
            return sorted(name.removesuffix("/") for name in names if name.endswith("/"))

    # Below

    def _ref(self, sha256: str, size_bytes: int, media_type: str) -> ArtifactRef:
        return ArtifactRef(
            uri=f"s3://{self._bucket}/{_key(sha256)}",
            sha256=sha256,
            size_bytes=size_bytes,
            media_type=media_type,
        )

    def _put(self, data: BinaryIO, sha256: str, size_bytes: int, media_type: str) -> ArtifactRef:
        ref = self._ref(sha256, size_bytes, media_type)
        found = self.find(sha256)
        if found is None or found.size_bytes != size_bytes:
            with self._translated(ref.uri):
                self._client.put_object(self._bucket, _key(sha256), data, size_bytes, media_type)
        return ref

    def _failed(self, what: str, why: str, code: str | None = None) -> RlvfError:
        """The error of a request that storage answered but did not carry out."""
        disk = self._settings.s3_disk
        on_disk = disk is not None and disk.is_dir() and is_full(disk)
        if code in _FULL or on_disk:
            STORAGE_ERRORS.labels("full").inc()
            return ResourceExhausted(
                f"the disk of object storage at {self._endpoint} is full"
                f"{f' ({disk})' if on_disk else ''}; make room and repeat ({what})"
            )
        STORAGE_ERRORS.labels("failed").inc()
        return Unavailable(
            f"object storage at {self._endpoint} failed on {what}: {why}; its log, or a full disk, "
            "may say why"
        )

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        """Turn exceptions of the minio SDK into `RlvfError`."""
        try:
            yield
        except S3Error as error:
            if error.code in _DENIED:
                STORAGE_ERRORS.labels("denied").inc()
                raise FailedPrecondition(
                    f"object storage at {self._endpoint} refuses the credentials ({error.code}); "
                    "check RLVF_S3_ACCESS_KEY and RLVF_S3_SECRET_KEY"
                ) from None
            raise self._failed(what, f"{error.code} {error.message}", error.code) from None
        except ServerError as error:
            raise self._failed(what, str(error)) from None
        except (urllib3.exceptions.HTTPError, InvalidResponseError) as error:
            STORAGE_ERRORS.labels("unreachable").inc()
            reason = _reason(error)
            untrusted = "certificate verify failed" in reason
            raise Unavailable(
                f"object storage at {self._endpoint} cannot be reached ({what}): {reason}; "
                + (
                    "set SSL_CERT_FILE to a file with the certificate of its authority"
                    if untrusted
                    else "check RLVF_S3_ENDPOINT"
                )
            ) from None
        except MinioException as error:
            raise Unavailable(f"object storage at {self._endpoint}: {error}") from None
        except ValueError as error:  # from the SDK, for invalid names of buckets and keys
            raise FailedPrecondition(f"{what} cannot be in object storage: {error}") from None


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has so little room that an object storage there refuses writes:
    SeaweedFS does so below 1% (`-minFreeSpace`)."""
    space = shutil.disk_usage(folder)
    return space.free < max(_LEAST_FREE_BYTES, space.total // 100)


@cache
def _connected(settings: StorageSettings) -> ArtifactStore:
    return ArtifactStore.connect(settings)


def _check_names(names: Iterable[str], uri: str) -> None:
    """Raise FailedPrecondition unless all of these are valid paths in one directory."""
    known = set(names)
    for name in known:
        parts = name.split("/")
        if ".." in parts or name.startswith("/"):
            raise FailedPrecondition(f"{uri} names a file outside itself: {name}")
        if not all(_is_file_name(part) for part in parts):
            raise FailedPrecondition(f"{uri} names a file that cannot be in a directory: {name!r}")
        above = {"/".join(parts[:count]) for count in range(1, len(parts))}
        if both := above & known:
            raise FailedPrecondition(f"{uri} names {both.pop()!r} both as a file and as a folder")


def _is_file_name(part: str) -> bool:
    try:
        length = len(part.encode())
    except UnicodeEncodeError:
        return False
    return part not in ("", ".") and "\0" not in part and length <= _LONGEST_FILE_NAME


def _key(sha256: str) -> str:
    return f"{ARTIFACTS}{sha256}"


def _reason(error: Exception) -> str:
    text = str(getattr(error, "reason", None) or error)
    return re.sub(r"<[^>]*>: ?|HTTPConnection\([^)]*\): ", "", text)
