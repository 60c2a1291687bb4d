"""TRL's own trainers, with their defaults wherever a hyperparameter does not say otherwise."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from rlvf_api.hyperparameters import Hyperparameters, Precision
from rlvf_trainer.job.answers import Answer
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.pairs import Pair
from rlvf_trainer.job.records import Text


def trl_trainer(
    base: Base, pairs: Sequence[Pair], hyper: Hyperparameters, scratch: Path, **changes: Any
) -> DPOTrainer:
    """A DPO trainer, with TRL's encoding, collator, forward pass and reference (the base, run at
    every step with the adapter off); `changes` are further arguments of `DPOConfig`.
    """
    with_sft = hyper.sft_weight > 0
    arguments = arguments_of(hyper, hyper.total_steps(len(pairs)), scratch) | {
        "beta": hyper.beta,
        "loss_type": [str(hyper.loss), "sft"] if with_sft else [str(hyper.loss)],
        "loss_weights": [1.0, hyper.sft_weight] if with_sft else [1.0],
        "label_smoothing": hyper.label_smoothing,
    }
    return DPOTrainer(
        model=base.model,
        args=DPOConfig(**arguments | changes),
        train_dataset=_dataset(pairs),
        processing_class=base.tokenizer,
        peft_config=lora_of(hyper),
    )


def trl_sft_trainer(
    base: Base, answers: Sequence[Answer], hyper: Hyperparameters, scratch: Path, **changes: Any
) -> SFTTrainer:
    """A supervised trainer, with TRL's encoding, collator and forward pass; its loss is on the
    completions only. `changes` are further arguments of `SFTConfig`.
    """
    return SFTTrainer(
        model=base.model,
        args=SFTConfig(**arguments_of(hyper, hyper.total_steps(len(answers)), scratch) | changes),
        train_dataset=_dataset(answers),
        processing_class=base.tokenizer,
        peft_config=lora_of(hyper),
    )


def arguments_of(hyper: Hyperparameters, steps: int, scratch: Path) -> dict[str, Any]:
    """Arguments of the configurations of TRL's trainers, for so many optimizer steps."""
    return {
        "output_dir": str(scratch),
        "max_length": hyper.max_length,
        "per_device_train_batch_size": hyper.micro_batch_size,
        "gradient_accumulation_steps": hyper.batch_size // hyper.micro_batch_size,
        "num_train_epochs": hyper.epochs,
        "learning_rate": hyper.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": math.ceil(hyper.warmup_ratio * steps),
        "seed": hyper.seed,
        "bf16": hyper.precision is not Precision.FP32,
        "use_cpu": not torch.cuda.is_available(),
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
    }


def _dataset(records: Sequence[Pair] | Sequence[Answer]) -> Dataset:
    return Dataset.from_list(
        [{name: _column(text) for name, text in record._asdict().items()} for record in records]
    )


def _column(text: Text) -> str | list[dict[str, str]]:
    return text if isinstance(text, str) else [message._asdict() for message in text]


def lora_of(hyper: Hyperparameters) -> LoraConfig:
    """The adapter, on all linear layers."""
    return LoraConfig(
        r=hyper.lora_rank,
        lora_alpha=hyper.lora_alpha,
        lora_dropout=hyper.lora_dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def curve(trainer: DPOTrainer | SFTTrainer, name: str = "loss") -> list[float]:
    """A quantity of every step of a trained trainer."""
    return [entry[name] for entry in trainer.state.log_history if name in entry]
