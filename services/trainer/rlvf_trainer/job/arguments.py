"""Arguments that all of TRL's trainers are given, and what is corrected in each of them."""

import math
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import Trainer

from rlvf_api.errors import FailedPrecondition
from rlvf_api.hyperparameters import Hyperparameters, Precision
from rlvf_trainer.job.parallel import BACKEND, shared_directory
from rlvf_trainer.job.processes import world


def common_arguments(hyper: Hyperparameters, steps: int, scratch: Path) -> dict[str, Any]:
    """Arguments of the configurations of TRL's trainers. `steps` are optimizer steps; `scratch` is
    where checkpoints are written.

    Raises:
        FailedPrecondition: the batch cannot be divided among the processes of the job.
    """
    on_gpu = torch.cuda.is_available()
    at_once = hyper.micro_batch_size * world()
    if hyper.batch_size % at_once:
        raise FailedPrecondition(
            f"a batch of {hyper.batch_size} cannot be divided among {world()} processes in "
            f"micro-batches of {hyper.micro_batch_size}: choose a batch_size that {at_once} "
            "divides, or another RLVF_TRAINER_PROCESSES"
        )
    return {
        "output_dir": str(shared_directory(scratch)),
        # Records are encoded to this length already.
        "max_length": None,
        # The balance of a mixture's experts is not trained by answers.
        "router_aux_loss_coef": 0.0,
        "per_device_train_batch_size": hyper.micro_batch_size,
        "gradient_accumulation_steps": hyper.batch_size // at_once,
        "num_train_epochs": hyper.epochs,
        "learning_rate": hyper.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": math.ceil(hyper.warmup_ratio * steps),
        "seed": hyper.seed,
        "train_sampling_strategy": "sequential" if hyper.keep_order else "random",
        "bf16": hyper.precision is not Precision.FP32,
        # Recomputing activations saves memory, which a GPU lacks; on a CPU time is scarcer.
        "gradient_checkpointing": on_gpu,
        "gradient_checkpointing_kwargs": {"use_reentrant": False},
        "use_cpu": not on_gpu,
        "ddp_backend": BACKEND if world() > 1 else None,
        "ddp_find_unused_parameters": False,
        "ddp_broadcast_buffers": False,
        "dataloader_pin_memory": False,
        "remove_unused_columns": False,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": hyper.checkpoint_steps,
        "report_to": [],
        "disable_tqdm": True,
    }


def lora(hyper: Hyperparameters) -> LoraConfig:
    """The configuration of the adapter, which is on all linear layers."""
    return LoraConfig(
        r=hyper.lora_rank,
        lora_alpha=hyper.lora_alpha,
        lora_dropout=hyper.lora_dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def settle(trainer: Trainer, hyper: Hyperparameters) -> None:
    """Keep the adapter of a trainer in fp32, in what it stores and in what it computes with."""
    # TRL makes the adapter bf16 when the base is quantized; small updates then round to nothing.
    for parameter in trainer.model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    # PEFT casts inputs to the adapter's fp32, and autocast casts them back.
    for module in trainer.model.modules():
        if isinstance(module, BaseTunerLayer):
            module.cast_input_dtype_enabled = hyper.precision is Precision.FP32
