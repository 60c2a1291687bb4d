"""What a model's name stands for."""

import os
import subprocess
import sys
from pathlib import Path

from rlvf_client.provenance import model_version


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
    code = "from rlvf_client.provenance import model_version as v; import sys"
    printed = subprocess.run(
        [sys.executable, "-c", f"{code}; print(*map(v, sys.argv[1:]))", "org/name", "org/other"],
        env={**os.environ, "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed == "{'model revision': 'c0ffee'} {}\n"
