"""Adapters as directories in PEFT's format, and the dropout of a loaded one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.weights.adapters import read_base_weights, write_base_weights
from rlvf_trainer.job.errors import first_line

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
    # A path would mean something on this machine only.
    config["base_model_name_or_path"] = base_name(config["base_model_name_or_path"])
    (directory / _CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    write_base_weights(directory, base_weights_sha256)
    return store.put_directory(directory)


def base_name(base_model: str) -> str:
    """How an adapter names its base: by its id, or by the last part of its path."""
    return Path(base_model).name if Path(base_model).is_dir() else base_model


def start_from(model: PeftModel, directory: Path, base_weights_sha256: str) -> None:
    """Give the fresh adapter of `model` the weights of a stored one, which is in `directory`.

    Raises:
        FailedPrecondition: the directory was not written by `store_adapter`, or its adapter is of
            another base or another shape.
    """
    try:
        config = json.loads((directory / _CONFIG).read_text())
        weights = load_file(directory / _WEIGHTS)
        scale = config["lora_alpha"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise FailedPrecondition(
            f"the adapter to go on from is not a directory of PEFT ({first_line(error)})"
        ) from None
    base = read_base_weights(directory)
    if base != base_weights_sha256:
        raise FailedPrecondition(
            f"the adapter to go on from is of another base: of {base or 'none that it names'}, "
            f"where the base model's weights are {base_weights_sha256}"
        )
    fresh = get_peft_model_state_dict(model)
    here = {name: tuple(tensor.shape) for name, tensor in fresh.items()}
    there = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    own = model.peft_config[model.active_adapter]
    if here != there or scale != own.lora_alpha:
        raise FailedPrecondition(
            f"the adapter to go on from has rank {config.get('r')} and scale {scale} on "
            f"{len(there)} matrices, but the hyperparameters ask for lora_rank {own.r} and "
            f"lora_alpha {own.lora_alpha} on {len(here)}"
        )
    set_peft_model_state_dict(model, weights)


@contextmanager
def without_dropout(model: torch.nn.Module) -> Iterator[None]:
    """Switch off the dropout of an adapter while this is entered. The model stays in training mode,
    as `load_base` left it.
    """
    active = [m for m in model.modules() if isinstance(m, torch.nn.Dropout) and m.training]
    for module in active:
        module.eval()
    try:
        yield
    finally:
        for module in active:
            module.train()
