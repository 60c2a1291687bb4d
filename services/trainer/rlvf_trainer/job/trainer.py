"""TRL's DPO trainer, with our encoding, the terms of the loss apart, and nothing written but
checkpoints.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer

from rlvf_trainer.hyperparameters import Hyperparameters, Precision
from rlvf_trainer.job.encoding import EncodedPair
from rlvf_trainer.job.model import Base


class PreferenceTrainer(DPOTrainer):
    """`DPOTrainer` on encoded pairs, whose logs have `preference_loss` and `sft_loss` besides."""

    def _prepare_dataset(self, dataset: Dataset, *_: object, **__: object) -> Dataset:
        """The pairs are encoded already."""
        return dataset

    def create_model_card(self, *_: object, **__: object) -> None:
        """Checkpoints are for resuming; nobody reads a card in them."""

    def _compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool,
    ) -> torch.Tensor:
        loss: torch.Tensor = super()._compute_loss(model, inputs, return_outputs)
        metrics: dict[str, list[float]] = self._metrics["train"]
        # TRL logs the sum of its losses only. The likelihood term is the negative mean over all
        # tokens of the chosen answers, and their log-probabilities are logged as a mean over
        # answers.
        chosen_mask = inputs["completion_mask"][:, 1:].chunk(2)[0]
        sft_loss = -metrics["logps/chosen"][-1] * chosen_mask.size(0) / int(chosen_mask.sum())
        weight = self.loss_weights[1] if len(self.loss_types) == 2 else 0.0
        metrics["sft_loss"].append(sft_loss)
        metrics["preference_loss"].append(float(loss.detach()) - weight * sft_loss)
        return loss


def make_trainer(
    base: Base,
    pairs: Sequence[EncodedPair],
    hyper: Hyperparameters,
    callback: TrainerCallback,
    scratch: Path,
) -> PreferenceTrainer:
    """A trainer with a fresh adapter, seeded before the adapter is made."""
    on_gpu = torch.cuda.is_available()
    with_sft = hyper.sft_weight > 0
    arguments: dict[str, Any] = {
        "output_dir": str(scratch),
        "beta": hyper.beta,
        "loss_type": ["sigmoid", "sft"] if with_sft else ["sigmoid"],
        "loss_weights": [1.0, hyper.sft_weight] if with_sft else [1.0],
        # See `turn_dropout_off`.
        "disable_dropout": False,
        "max_length": hyper.max_length,
        "per_device_train_batch_size": hyper.micro_batch_size,
        "gradient_accumulation_steps": hyper.batch_size // hyper.micro_batch_size,
        "num_train_epochs": hyper.epochs,
        "learning_rate": hyper.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": math.ceil(hyper.warmup_ratio * hyper.total_steps(len(pairs))),
        "seed": hyper.seed,
        "bf16": hyper.precision is not Precision.FP32,
        # Recomputing activations saves what a GPU lacks; on a CPU memory is cheap and time is not.
        "gradient_checkpointing": on_gpu,
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": hyper.checkpoint_steps,
        "report_to": [],
        "disable_tqdm": True,
    }
    trainer = PreferenceTrainer(
        model=base.model,
        args=DPOConfig(**arguments),
        train_dataset=Dataset.from_list(
            [
                {
                    "prompt_ids": pair.prompt_ids,
                    "chosen_ids": pair.chosen_ids,
                    "rejected_ids": pair.rejected_ids,
                }
                for pair in pairs
            ]
        ),
        processing_class=base.tokenizer,
        callbacks=[callback],
        peft_config=LoraConfig(
            r=hyper.lora_rank,
            lora_alpha=hyper.lora_alpha,
            lora_dropout=hyper.lora_dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )
    # TRL makes the adapter bf16 when the base is quantized; small updates then round to nothing.
    for parameter in trainer.model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return trainer
