"""The lines of Python that a report shows load its files."""

import json
from pathlib import Path
from typing import Any

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument, NotFound, Unavailable
from rlvf_client.files import fetch
from rlvf_common.storage.artifacts import JSON, JSONL, ArtifactStore
from rlvf_reporter.files import listing

from ...conftest import StackThread

ROWS = [{"prompt": "def f():\n", "chosen": "    return 1\n", "rejected": "    return 2\n"}] * 3


@pytest.fixture
def home(stack: StackThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home for copies; the environment names the session's storage."""
    for name, value in stack.stack.environment().items():
        if name.startswith("RLVF_S3_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("RLVF_HOME", str(tmp_path))
    return tmp_path


def loaded(line: str, ref: artifact_pb2.ArtifactRef) -> dict[str, Any]:
    """Run a line of Python; return the names that it defines."""
    names: dict[str, Any] = {}
    exec(line.format(sha256=ref.sha256), names)
    return names


def test_the_lines_of_rows_and_records_load_them(home: Path, store: ArtifactStore) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    rows = loaded(listing._ROWS, store.put_bytes(lines, JSONL))["rows"]
    assert [dict(row) for row in rows] == ROWS
    record = loaded(listing._JSON, store.put_bytes(b'{"pass_at_1": 0.5}', JSON))["record"]
    assert record == {"pass_at_1": 0.5}


def test_an_adapter_is_fetched_as_a_folder_and_only_once(home: Path, store: ArtifactStore) -> None:
    adapter = home / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    ref = store.put_directory(adapter)
    folder = Path(fetch(ref.sha256))
    assert [file.name for file in folder.iterdir()] == ["adapter_config.json"]
    (folder / "adapter_config.json").write_text("kept")
    assert Path(fetch(ref.sha256), "adapter_config.json").read_text() == "kept"


def test_what_cannot_be_fetched_is_said(
    home: Path, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="there is no file 000"):
        fetch("0" * 64)
    with pytest.raises(InvalidArgument, match="64 hexadecimal digits"):
        fetch("report.json")
    with monkeypatch.context() as patch:
        patch.setenv("RLVF_S3_SECRET_KEY", "wrong")
        with pytest.raises(FailedPrecondition, match="check RLVF_S3_ACCESS_KEY and"):
            fetch("0" * 64)
        patch.setenv("RLVF_S3_ENDPOINT", "127.0.0.1:1")
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1 cannot be reached"):
            fetch("0" * 64)
    for name in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY", "BUCKET", "DISK"):
        monkeypatch.delenv(f"RLVF_S3_{name}", raising=False)
    monkeypatch.setenv("RLVF_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(FailedPrecondition, match=r"there is no storage in .*elsewhere"):
        fetch("0" * 64)
