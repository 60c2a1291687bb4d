"""A full disk is called one, by the storage's code and by the disk itself."""

import io
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3
from minio import Minio
from prometheus_client import REGISTRY

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, RlvfError, Unavailable
from rlvf_client.local_stack.ports import PortReservations
from rlvf_client.local_stack.storage import StorageServer
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore

_Usage = namedtuple("_Usage", "total used free")


class _FakeHttp(urllib3.PoolManager):
    """A fake of urllib3's pool: every answer is this error of S3."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._body = f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode()

    def urlopen(self, *arguments: object, **named: object) -> urllib3.HTTPResponse:
        return urllib3.HTTPResponse(
            body=io.BytesIO(self._body),
            status=507,
            headers={"content-type": "application/xml"},
            preload_content=True,
        )

    def request(self, *arguments: object, **named: object) -> urllib3.HTTPResponse:
        return self.urlopen()


def _store(code: str, disk: Path | None = None) -> ArtifactStore:
    settings = StorageSettings(
        s3_endpoint="127.0.0.1:9", s3_access_key="a", s3_secret_key="b", s3_disk=disk
    )
    http = _FakeHttp(code)
    client = Minio(
        settings.s3_endpoint,
        access_key="a",
        secret_key="b",
        secure=False,
        region="us-east-1",
        http_client=http,
    )
    return ArtifactStore(client, http, settings)


SetFree = Callable[[int], None]


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> SetFree:
    """Sets how many bytes of a terabyte are free."""

    def set_free(amount: int) -> None:
        usage = _Usage(1 << 40, 0, amount)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)

    return set_free


def _write(store: ArtifactStore) -> None:
    store.write_document("key", b"data")


def _create(store: ArtifactStore) -> None:
    store.create_document("key", b"data")


@pytest.mark.parametrize("change", [_write, _create])
def test_the_disk_says_what_the_storage_does_not(
    tmp_path: Path, free: SetFree, change: Callable[[ArtifactStore], None]
) -> None:
    store = _store("InternalError", tmp_path)
    free(2 << 30)
    with pytest.raises(ResourceExhausted, match=f"is full .{tmp_path}.; make room"):
        change(store)
    free(20 << 30)
    with pytest.raises(Unavailable, match="failed on key"):
        change(store)


def test_the_storages_own_code_is_understood() -> None:
    with pytest.raises(ResourceExhausted, match="is full; make room"):
        _write(_store("XMinioStorageFull"))
    with pytest.raises(Unavailable, match="failed on key: InternalError"):
        _write(_store("InternalError"))


@pytest.mark.parametrize(
    ("code", "reason"),
    [("XMinioStorageFull", "full"), ("AccessDenied", "denied"), ("InternalError", "failed")],
)
def test_errors_are_counted_by_their_reason(code: str, reason: str) -> None:
    def counted() -> float:
        labels = {"reason": reason}
        return REGISTRY.get_sample_value("rlvf_storage_errors_total", labels) or 0.0

    before = counted()
    with pytest.raises(RlvfError):
        _write(_store(code))
    assert counted() == before + 1


def test_a_local_stack_does_not_start_on_a_full_disk(tmp_path: Path, free: SetFree) -> None:
    free(1 << 20)
    with pytest.raises(FailedPrecondition, match="set RLVF_HOME"):
        StorageServer(tmp_path, 1, StorageSettings(), PortReservations())
