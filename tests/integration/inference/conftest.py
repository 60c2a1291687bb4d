"""One inference server for the session, and adapters for it."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.artifacts import ArtifactStore

_LAYERS, _HIDDEN, _RANK = 30, 576, 8


@pytest.fixture(scope="session")
def inference_url(stack) -> str:  # type: ignore[no-untyped-def]
    """A real vLLM with the embedded model."""
    return f"http://{stack.address('inference')}"


@pytest.fixture(scope="session")
def adapter(
    store: ArtifactStore, tmp_path_factory: pytest.TempPathFactory
) -> artifact_pb2.ArtifactRef:
    """An untrained adapter of the embedded model that changes what it writes."""
    directory = tmp_path_factory.mktemp("adapter")
    write_adapter(directory)
    return store.put_directory(directory)


def write_adapter(directory: Path) -> None:
    """A PEFT directory with a random LoRA on the query projections."""
    random = np.random.default_rng(0)
    weights = {}
    for layer in range(_LAYERS):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        a, b = random.normal(size=(2, _RANK, _HIDDEN)).astype(np.float32)
        weights[f"{name}.lora_A.weight"] = a
        weights[f"{name}.lora_B.weight"] = np.ascontiguousarray(b.T)
    save_file(weights, directory / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": _RANK,
        "lora_alpha": _RANK,
        "target_modules": ["q_proj"],
        "base_model_name_or_path": "smollm2-135m-instruct",
        "bias": "none",
    }
    (directory / "adapter_config.json").write_text(json.dumps(config))
