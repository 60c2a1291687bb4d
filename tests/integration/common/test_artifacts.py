"""Artifacts in a real S3 server."""

import hashlib
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import BINARY, DIRECTORY, JSON, ArtifactRef, ArtifactStore


def test_what_is_stored_is_read_back(store: ArtifactStore) -> None:
    ref = store.put_bytes(b"some bytes", JSON)
    assert store.get_bytes(ref) == b"some bytes"
    assert (ref.sha256, ref.size_bytes) == (hashlib.sha256(b"some bytes").hexdigest(), 10)
    assert store.find(ref.sha256) == ref


def test_the_empty_artifact_is_one(store: ArtifactStore) -> None:
    assert store.get_bytes(store.put_bytes(b"", BINARY)) == b""


def test_equal_bytes_are_one_artifact(store: ArtifactStore) -> None:
    assert store.put_bytes(b"twice", BINARY) == store.put_bytes(b"twice", BINARY)


def test_a_large_file_is_streamed_whole(store: ArtifactStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096 * 20
    (tmp_path / "in").write_bytes(content)
    store.get_file(store.put_file(tmp_path / "in", BINARY), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == content


def test_a_wrong_digest_is_refused_and_leaves_no_file(store: ArtifactStore, tmp_path: Path) -> None:
    # Whoever can write to the bucket has put other bytes there.
    ref = store.put_bytes(b"true", BINARY)
    store.write_document(f"blobs/sha256/{ref.sha256}", b"evil")
    with pytest.raises(FailedPrecondition, match="does not match its reference"):
        store.get_file(ref, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_artifact_is_named(store: ArtifactStore) -> None:
    ref = store.put_bytes(b"there", BINARY)
    ref.uri += "-not"
    with pytest.raises(FailedPrecondition, match="does not exist"):
        store.get_bytes(ref)
    assert store.find("0" * 64) is None


def test_no_more_is_read_than_the_reference_says(store: ArtifactStore, tmp_path: Path) -> None:
    ref = store.put_bytes(bytes(3 << 20), BINARY)
    ref.size_bytes = 10
    chunks: list[bytes] = []
    with pytest.raises(FailedPrecondition, match="does not match its reference"):
        chunks.extend(store.stream(ref))
    assert chunks == []
    with pytest.raises(FailedPrecondition, match="does not match its reference"):
        store.get_file(ref, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["ready", "quotas/team-a", "blobs/sha256/../../ready", ""])
def test_nothing_but_artifacts_of_the_bucket_is_read(store: ArtifactStore, key: str) -> None:
    store.write_document("quotas/team-a", b"secret")
    there = store.put_bytes(b"there", BINARY)
    bucket = there.uri.removeprefix("s3://").partition("/")[0]
    for uri in (f"s3://{bucket}/{key}", f"s3://another/blobs/sha256/{there.sha256}"):
        with pytest.raises(FailedPrecondition, match="does not exist"):
            store.get_bytes(ArtifactRef(uri=uri, sha256=there.sha256, size_bytes=1 << 20))


def test_a_store_in_another_process_is_the_same(store: ArtifactStore) -> None:
    ref = store.put_bytes(b"there", BINARY)
    assert pickle.loads(pickle.dumps(store)).get_bytes(ref) == b"there"


@pytest.mark.parametrize("manifest", [b'{"files": []}', b"[" * 100_000])
def test_what_is_no_manifest_is_no_directory(
    store: ArtifactStore, tmp_path: Path, manifest: bytes
) -> None:
    with pytest.raises(FailedPrecondition, match="is not a directory artifact"):
        store.get_directory(store.put_bytes(manifest, DIRECTORY), tmp_path / "out")


def test_a_directory_keeps_its_files(store: ArtifactStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "inner").mkdir(parents=True)
    (source / "a").write_bytes(b"1")
    (source / "inner" / "b").write_bytes(b"2")
    ref = store.put_directory(source)
    assert store.put_directory(source) == ref
    store.get_directory(ref, tmp_path / "copy")
    files = {
        path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*")
    }
    assert files == {"a", "inner", "inner/b"}


def test_a_directory_cannot_write_outside_itself(store: ArtifactStore, tmp_path: Path) -> None:
    inner = store.put_bytes(b"evil", BINARY)
    manifest = f'{{"files": {{"../out": {{"sha256": "{inner.sha256}", "size_bytes": 4}}}}}}'
    ref = store.put_bytes(manifest.encode(), JSON)
    with pytest.raises(FailedPrecondition, match="outside itself"):
        store.get_directory(ref, tmp_path / "in" / "copy")
    assert not (tmp_path / "in" / "out").exists()


@pytest.mark.parametrize(
    "names",
    [
        ["."],
        ["./a"],
        ["a/."],
        [""],
        ["a//b"],
        ["a/"],
        ["a\0b"],
        ["\ud800"],
        ["a" * 300],
        ["a", "a/b"],
    ],
)
def test_a_manifest_of_what_cannot_be_files_is_refused_and_leaves_nothing(
    store: ArtifactStore, tmp_path: Path, names: list[str]
) -> None:
    inner = store.put_bytes(b"evil", BINARY)
    entry = {"sha256": inner.sha256, "size_bytes": 4}
    manifest = json.dumps({"files": dict.fromkeys(names, entry)})
    ref = store.put_bytes(manifest.encode(), DIRECTORY)
    with pytest.raises(FailedPrecondition, match="names"):
        store.get_directory(ref, tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_only_one_of_many_creates_a_document(store: ArtifactStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: store.create_document("race/one", b"%d" % n), range(32)))
    assert sum(made) == 1


def test_wrong_credentials_are_said(storage_settings: StorageSettings) -> None:
    wrong = storage_settings.model_copy(update={"s3_secret_key": "wrong"})
    with pytest.raises(FailedPrecondition, match="RLVF_S3_SECRET_KEY"):
        ArtifactStore.connect(wrong)


def test_storage_that_is_gone_is_said() -> None:
    nobody = StorageSettings(s3_endpoint="127.0.0.1:1", s3_access_key="a", s3_secret_key="b")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1 cannot be reached"):
        ArtifactStore.connect(nobody)
