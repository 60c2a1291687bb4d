"""Checkpoints with published shapes and random weights, written layer by layer, so that neither
memory nor card need hold a model that is to be loaded in four bits.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import Starcoder2Config, Starcoder2ForCausalLM

_TINY_MODEL = Path(__file__).parents[1] / "integration" / "trainer" / "make_tiny_model.py"
_INDEX = "model.safetensors.index.json"

STARCODER2 = {
    # The published config.json of bigcode/starcoder2-3b and -15b.
    "3b": {
        "hidden_size": 3072,
        "intermediate_size": 12288,
        "num_hidden_layers": 30,
        "num_attention_heads": 24,
        "num_key_value_heads": 2,
        "initializer_range": 0.018042,
    },
    "15b": {
        "hidden_size": 6144,
        "intermediate_size": 24576,
        "num_hidden_layers": 40,
        "num_attention_heads": 48,
        "num_key_value_heads": 4,
        "initializer_range": 0.01275,
    },
}


def write_starcoder2(folder: Path, **shape: float) -> None:
    """A StarCoder2 of this shape in bfloat16. Its tokenizer is one of bytes, with a vocabulary
    smaller than the model's."""
    subprocess.run([sys.executable, _TINY_MODEL, folder], check=True, capture_output=True)
    (folder / "model.safetensors").unlink()
    config = Starcoder2Config(
        vocab_size=49152,
        max_position_embeddings=16384,
        sliding_window=4096,
        attention_dropout=0.1,
        residual_dropout=0.1,
        embedding_dropout=0.1,
        bos_token_id=0,
        eos_token_id=0,
        dtype=torch.bfloat16,
        **shape,
    )
    config.architectures = [Starcoder2ForCausalLM.__name__]
    config.save_pretrained(folder)
    with torch.device("meta"):
        shapes = {
            name: weight.shape for name, weight in Starcoder2ForCausalLM(config).named_parameters()
        }
    shards: dict[str, list[str]] = defaultdict(list)
    for name in shapes:
        # model.layers.7.mlp.c_fc.weight, model.embed_tokens.weight
        part = name.split(".")[2] if ".layers." in name else "rest"
        shards[f"model-{part}.safetensors"].append(name)
    generator = torch.Generator().manual_seed(0)
    for file, names in shards.items():
        weights = {name: _weight(name, shapes[name], config, generator) for name in names}
        save_file(weights, folder / file, metadata={"format": "pt"})
    places = {name: file for file, names in shards.items() for name in names}
    (folder / _INDEX).write_text(json.dumps({"metadata": {}, "weight_map": places}))


def _weight(
    name: str, shape: torch.Size, config: Starcoder2Config, generator: torch.Generator
) -> torch.Tensor:
    if name.endswith("bias"):
        return torch.zeros(shape, dtype=torch.bfloat16)
    if "norm" in name:
        return torch.ones(shape, dtype=torch.bfloat16)
    random = torch.randn(shape, generator=generator, dtype=torch.float32)
    deviation: float = config.initializer_range
    return (random * deviation).bfloat16()
