"""What an adapter says of itself, besides PEFT's own files."""

import json
from pathlib import Path

__all__ = ["PROVENANCE_FILE", "read_base_weights", "write_base_weights"]

PROVENANCE_FILE = "rlvf_provenance.json"
"""Beside `adapter_config.json`; PEFT and vLLM let it be."""

_KEY = "base_weights_sha256"


def write_base_weights(directory: Path, sha256: str) -> None:
    """Say in an adapter's directory which base it was trained on: the digest of that base's
    checkpoint, as `rlvf_common.rollouts.checkpoints` computes it."""
    (directory / PROVENANCE_FILE).write_text(json.dumps({_KEY: sha256}, indent=2) + "\n")


def read_base_weights(directory: Path) -> str:
    """What `write_base_weights` wrote; empty where there is no such statement."""
    try:
        said = json.loads((directory / PROVENANCE_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(said.get(_KEY) or "") if isinstance(said, dict) else ""
