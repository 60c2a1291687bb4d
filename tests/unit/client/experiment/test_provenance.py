"""What a model's name stands for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlvf_client.experiment.provenance import model_version


def test_a_directory_is_told_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"one")
    first = model_version(str(tmp_path))
    weights.write_bytes(b"two")
    second = model_version(str(tmp_path))
    weights.write_bytes(b"one")
    assert first == model_version(str(tmp_path)) != second
    assert first.keys() == {"model sha256"}


def test_a_name_of_the_hub_is_told_offline_by_the_revision_that_was_fetched(
    tmp_path: Path,
) -> None:
    fetched = tmp_path / "models--org--name"
    for place, content in {"refs/main": "c0ffee", "snapshots/c0ffee/config.json": "{}"}.items():
        file = fetched / place
        file.parent.mkdir(parents=True)
        file.write_text(content)
    # The package reads its settings when it is imported.
    code = "from rlvf_client.experiment.provenance import model_version as v; import sys"
    printed = subprocess.run(
        [sys.executable, "-c", f"{code}; print(*map(v, sys.argv[1:]))", "org/name", "org/other"],
        env={**os.environ, "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == "{'model revision': 'c0ffee'} {}\n"


@pytest.mark.parametrize("offline", ["0", "1"])
def test_a_hub_that_cannot_be_reached_is_no_error_of_a_name(tmp_path: Path, offline: str) -> None:
    code = "from rlvf_client.experiment.provenance import model_version as v; print(v('org/name'))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**_nowhere(tmp_path), "HF_HUB_OFFLINE": offline},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.returncode) == ("{}\n", 0), result.stderr


@pytest.mark.parametrize("offline", ["0", "1"])
@pytest.mark.parametrize("command", ["evaluate", "run", "up"])
def test_a_model_that_cannot_be_had_is_one_line_before_anything_starts(
    tmp_path: Path, offline: str, command: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nmodel: org/name\n")
    arguments: dict[str, list[str | Path]] = {
        "run": [file, "--out", tmp_path / "out"],
        "up": ["--model", "org/name"],
        "evaluate": ["--benchmark", "humaneval", "--model", "org/name", "--out", tmp_path / "R"],
    }
    result = subprocess.run(
        [sys.executable, "-m", "rlvf_client", command, *map(str, arguments[command])],
        env={**_nowhere(tmp_path), "HF_HUB_OFFLINE": offline},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    [line] = [line for line in result.stderr.splitlines() if line.startswith("rlvf: ")]
    assert "`org/name` is not on this machine, and the Hugging Face hub cannot be reached" in line
    assert not (tmp_path / "home" / "lock").exists()


def _nowhere(folder: Path) -> dict[str, str]:
    """An environment whose hub refuses connections."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("RLVF_")},
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HUB_CACHE": str(folder / "hub"),
        "RLVF_HOME": str(folder / "home"),
    }
