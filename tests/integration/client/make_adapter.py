"""Writes a LoRA adapter on the model in the folder argv[1] to the folder argv[2], as the trainer
stores one: PEFT's files, and the digest argv[3] of the base."""

import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from rlvf_common.weights.adapters import write_base_weights

base, adapter, sha256 = sys.argv[1:]
torch.manual_seed(0)
settings = LoraConfig(
    r=2, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False
)
get_peft_model(AutoModelForCausalLM.from_pretrained(base), settings).save_pretrained(adapter)
Path(adapter, "README.md").unlink()
write_base_weights(Path(adapter), sha256)
