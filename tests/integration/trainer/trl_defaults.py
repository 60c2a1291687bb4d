"""TRL's own DPO trainer, with its defaults wherever a hyperparameter does not say otherwise."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from trl import DPOConfig, DPOTrainer

from rlvf_api.hyperparameters import Hyperparameters, Precision
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.pairs import Pair


def trl_trainer(
    base: Base, pairs: Sequence[Pair], hyper: Hyperparameters, scratch: Path, **changes: Any
) -> DPOTrainer:
    """A trainer on plain text pairs, with TRL's encoding, collator, forward pass and reference (the
    base, run at every step with the adapter off); `changes` are further arguments of `DPOConfig`.
    """
    with_sft = hyper.sft_weight > 0
    arguments: dict[str, Any] = {
        "output_dir": str(scratch),
        "beta": hyper.beta,
        "loss_type": [str(hyper.loss), "sft"] if with_sft else [str(hyper.loss)],
        "loss_weights": [1.0, hyper.sft_weight] if with_sft else [1.0],
        "label_smoothing": hyper.label_smoothing,
        "max_length": hyper.max_length,
        "per_device_train_batch_size": hyper.micro_batch_size,
        "gradient_accumulation_steps": hyper.batch_size // hyper.micro_batch_size,
        "num_train_epochs": hyper.epochs,
        "learning_rate": hyper.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": math.ceil(hyper.warmup_ratio * hyper.total_steps(len(pairs))),
        "seed": hyper.seed,
        "bf16": hyper.precision is not Precision.FP32,
        "use_cpu": not torch.cuda.is_available(),
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
    }
    return DPOTrainer(
        model=base.model,
        args=DPOConfig(**arguments | changes),
        train_dataset=Dataset.from_list(
            [
                {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected}
                for pair in pairs
            ]
        ),
        processing_class=base.tokenizer,
        peft_config=LoraConfig(
            r=hyper.lora_rank,
            lora_alpha=hyper.lora_alpha,
            lora_dropout=hyper.lora_dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )


def curve(trainer: DPOTrainer, name: str = "loss") -> list[float]:
    """A quantity of every step of a trained trainer."""
    return [entry[name] for entry in trainer.state.log_history if name in entry]
