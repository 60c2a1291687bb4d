"""Adapters and checkpoints as directories."""

import json
from pathlib import Path

from peft import PeftModel

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.rollouts.adapters import write_base_weights
from rlvf_common.storage.artifacts import ArtifactStore

_CONFIG = "adapter_config.json"
_WEIGHTS = "adapter_model.safetensors"


def store_adapter(
    model: PeftModel, base_weights_sha256: str, store: ArtifactStore, scratch: Path
) -> artifact_pb2.ArtifactRef:
    """Store the adapter in PEFT's format, with the digest of its base's checkpoint; equal weights
    and settings give equal bytes."""
    directory = scratch / "adapter"
    model.save_pretrained(str(directory))
    for file in directory.iterdir():
        if file.name not in (_CONFIG, _WEIGHTS):
            file.unlink()
    config = json.loads((directory / _CONFIG).read_text())
    # PEFT keeps the names in a set, whose order differs from process to process.
    config["target_modules"] = sorted(config["target_modules"])
    (directory / _CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    write_base_weights(directory, base_weights_sha256)
    return store.put_directory(directory)
