"""Reads and writes the file in an adapter's directory that names its base."""

import json
from pathlib import Path

__all__ = ["PROVENANCE_FILE", "read_base_weights", "write_base_weights"]

PROVENANCE_FILE = "rlvf_provenance.json"
"""Lies beside `adapter_config.json`; PEFT and vLLM ignore it."""

_KEY = "base_weights_sha256"


def write_base_weights(directory: Path, sha256: str) -> None:
    """Record in an adapter's directory the base that it was trained on: the digest of the base's
    checkpoint, as `rlvf_common.weights.checkpoints` computes it."""
    (directory / PROVENANCE_FILE).write_text(json.dumps({_KEY: sha256}, indent=2) + "\n")


def read_base_weights(directory: Path) -> str:
    """The digest that `write_base_weights` wrote; empty if there is none."""
    try:
        said = json.loads((directory / PROVENANCE_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(said.get(_KEY) or "") if isinstance(said, dict) else ""
