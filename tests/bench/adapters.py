"""Makes random LoRA adapters: `python -m tests.bench.adapters MODEL FOLDER COUNT`.

Every linear layer has one, and the weights are small: they cost what trained ones cost, and the
model still writes code.
"""

import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from rlvf_common.weights.adapters import write_base_weights
from rlvf_common.weights.checkpoints import checkpoint_directory, checkpoint_sha256

_RANK = 16
_SCALE = 1e-3


def main() -> None:
    """Write the adapters to FOLDER/0, FOLDER/1, ..."""
    source, folder, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    weights = checkpoint_sha256(checkpoint_directory(source))
    for number in range(count):
        torch.manual_seed(number)
        base = AutoModelForCausalLM.from_pretrained(source, dtype=torch.bfloat16)
        config = LoraConfig(r=_RANK, lora_alpha=_RANK, target_modules="all-linear")
        model = get_peft_model(base, config)
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=_SCALE)
        model.save_pretrained(folder / str(number))
        write_base_weights(folder / str(number), weights)


if __name__ == "__main__":
    main()
