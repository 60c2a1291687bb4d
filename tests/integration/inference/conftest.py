"""One inference server for the session, and adapters for it."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.weights.adapters import write_base_weights
from rlvf_common.weights.checkpoints import checkpoint_sha256
from rlvf_inference.settings import InferenceSettings

from ...conftest import StackThread

_LAYERS, _HIDDEN, _RANK = 30, 576, 8
_SLOTS = InferenceSettings.model_fields["max_loras"].default


@pytest.fixture(scope="session")
def inference_url(stack: StackThread) -> str:
    """A real vLLM with the embedded model."""
    return f"http://{stack.address('inference')}"


@pytest.fixture(scope="session")
def adapters(
    store: ArtifactStore, stack: StackThread, tmp_path_factory: pytest.TempPathFactory
) -> list[artifact_pb2.ArtifactRef]:
    """Untrained adapters of the embedded model that change what it writes: one for each slot."""
    refs = []
    weights = checkpoint_sha256(Path(stack.model.source))
    for seed in range(_SLOTS):
        directory = tmp_path_factory.mktemp("adapter")
        write_adapter(directory, seed)
        write_base_weights(directory, weights)
        refs.append(store.put_directory(directory))
    return refs


@pytest.fixture(scope="session")
def adapter(adapters: list[artifact_pb2.ArtifactRef]) -> artifact_pb2.ArtifactRef:
    """One of them."""
    return adapters[0]


@pytest.fixture(scope="session")
def foreign_adapter(
    store: ArtifactStore, tmp_path_factory: pytest.TempPathFactory
) -> artifact_pb2.ArtifactRef:
    """One that does not say of which base it is."""
    directory = tmp_path_factory.mktemp("foreign")
    write_adapter(directory, seed=100)
    return store.put_directory(directory)


@pytest.fixture(scope="session")
def adapter_of_another_base(
    store: ArtifactStore, tmp_path_factory: pytest.TempPathFactory
) -> artifact_pb2.ArtifactRef:
    """One that says that it is of another base, and would fit."""
    directory = tmp_path_factory.mktemp("another")
    write_adapter(directory, seed=101)
    write_base_weights(directory, "0" * 64)
    return store.put_directory(directory)


def write_adapter(directory: Path, seed: int) -> None:
    """A PEFT directory with a random LoRA on the query projections."""
    random = np.random.default_rng(seed)
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
