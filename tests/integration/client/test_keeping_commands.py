"""`rlvf export`, `import` and `gc` as a person uses them: with a home and its storage."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rlvf_client.local_stack.storage import disk_usage
from rlvf_common.storage.artifacts import BINARY, ArtifactStore

from ...conftest import StackThread
from .conftest import Command

_BYTES = 8 << 20


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def command(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in a folder of its own, without services."""
    monkeypatch.chdir(tmp_path)
    return Command({**os.environ, "RLVF_HOME": str(home)})


@contextmanager
def held(home: Path, model_home: Path) -> Iterator[ArtifactStore]:
    """The storage of a home, while another command's stack holds that."""
    thread = StackThread(home, model_home)
    try:
        thread.ensure("storage")
        yield ArtifactStore.connect(thread.stack.storage_settings())
    finally:
        thread.close()


@pytest.mark.slow
def test_gc_waits_for_nobody_and_removes_only_what_it_was_told_to(
    command: Command, home: Path, model_home: Path
) -> None:
    with held(home, model_home) as store:
        store.put_bytes(os.urandom(_BYTES), BINARY)
        assert "in use by process" in command.complaint("gc", "--yes")
    before = disk_usage(home / "storage")
    for asked in (["gc"], ["gc", "--dry-run", "--yes"]):
        found = command.run(*asked)
        assert found.returncode == 0
        assert "to remove: 8.0 MiB of 8.0 MiB: 1 artifacts" in found.stdout
        assert found.stdout.endswith("nothing was removed; --yes removes it\n")
    assert command.output("gc", "--yes")[-1].startswith("removed 8.0 MiB; the disk has")
    assert before - disk_usage(home / "storage") > 0.9 * _BYTES
    assert command.output("gc", "--yes")[-1] == "nothing to remove"


def test_gc_of_a_missing_home_creates_nothing(command: Command, home: Path) -> None:
    assert command.output("gc", "--yes") == [f"there is nothing in {home}"]
    assert not home.exists()


def test_gc_leaves_services_elsewhere_alone(command: Command) -> None:
    command.environment["RLVF_TRAINER_ADDRESS"] = "trainer.example:443"
    assert "names services elsewhere" in command.complaint("gc", "--yes")


def test_an_experiment_without_a_run_cannot_be_exported(command: Command, tmp_path: Path) -> None:
    assert "smoke has no run in runs/smoke" in command.complaint("export", "smoke", "--out", "out")
    (tmp_path / "runs" / "smoke").mkdir(parents=True)
    assert "runs/smoke has no finished run" in command.complaint("export", "smoke", "--out", "out")
    assert "did you mean 'smoke'?" in command.complaint("export", "smok", "--out", "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_export_is_told_before_anything_starts(
    command: Command, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    assert "has no manifest.json" in command.complaint("import", "folder")
    (tmp_path / "folder" / "manifest.json").write_text('{"format": "rlvf.export.v1"}')
    assert "is not a manifest of an export" in command.complaint("import", "folder")
    text = '{"format": "rlvf.export.v1", "experiment": "../../elsewhere", "files": {}}'
    (tmp_path / "folder" / "manifest.json").write_text(text)
    assert "without a valid name" in command.complaint("import", "folder")
    assert not home.exists()
