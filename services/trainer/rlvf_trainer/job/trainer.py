"""TRL's DPO trainer with our forward pass, the terms of the loss apart, and nothing written but
checkpoints.

TRL forms the batches, has the losses, and sums their gradients; what is ours is how
log-probabilities come about (`scoring`, `references`). So the loss curve is that of TRL's own
trainer, at less work.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from rlvf_api.hyperparameters import Hyperparameters, Precision
from rlvf_trainer.job.encoding import EncodedPair
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.references import Reference
from rlvf_trainer.job.scoring import Scorer

_PAIRS = "pairs"
_REFERENCES = "references"
_WEIGHT = "weight"
_NOT_LOGGED = (
    "entropy", "mean_token_accuracy", "logits/chosen", "logits/rejected", "num_tokens",
)  # fmt: skip
"""Metrics of TRL that need all logits, which are not computed; and a count, which has no mean."""


class _Collator(DataCollatorForPreference):
    """TRL's collator, which hands the pairs themselves and their references on besides."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """The batch of a few pairs."""
        pairs = [
            EncodedPair(example["prompt_ids"], example["chosen_ids"], example["rejected_ids"])
            for example in examples
        ]
        references = [
            Reference(example["ref_chosen"], example["ref_rejected"]) for example in examples
        ]
        batch: dict[str, Any] = super().torch_call(examples)
        return batch | {_PAIRS: pairs, _REFERENCES: references}


class _Outputs(NamedTuple):
    """What TRL reads of a model's output. Log-probabilities are (answers, tokens - 1), as TRL's
    collator lays the answers out, 0 outside of them; the rest is for `_NOT_LOGGED`.
    """

    log_probs: torch.Tensor
    entropy: torch.Tensor
    mean_logits: torch.Tensor
    is_top1: torch.Tensor


class PreferenceTrainer(DPOTrainer):
    """`DPOTrainer` on encoded pairs with stored references.

    Loss and metrics of a step are means over its pairs, also where its micro-batches have different
    numbers of them. Its logs have `preference_loss`, `sft_loss`, `token_logps/chosen`,
    `token_logps/rejected` and `kl` besides.
    """

    scorer: Scorer

    def _prepare_dataset(self, dataset: Dataset, *_: object, **__: object) -> Dataset:
        """The pairs are encoded already."""
        return dataset

    def create_model_card(self, *_: object, **__: object) -> None:
        """Checkpoints are for resuming; nobody reads a card in them."""

    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Any]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Any]], torch.Tensor | int | None]:
        """The micro-batches of a step, each with the weight that makes a mean over them one over
        their pairs."""
        batches, items = super().get_batch_samples(epoch_iterator, num_batches, device)
        pairs = sum(len(batch[_PAIRS]) for batch in batches)
        for batch in batches:
            batch[_WEIGHT] = len(batch[_PAIRS]) * len(batches) / pairs
        return batches, items

    def _compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool,
    ) -> torch.Tensor:
        pairs: list[EncodedPair] = inputs.pop(_PAIRS)
        references: list[Reference] = inputs.pop(_REFERENCES)
        weight: float = inputs.pop(_WEIGHT)
        logps = [self.scorer(model, pair) for pair in pairs]
        chosen = torch.cat([pair.chosen for pair in logps])
        rejected = torch.cat([pair.rejected for pair in logps])
        ref_chosen = _flat([pair.chosen for pair in references], chosen)
        ref_rejected = _flat([pair.rejected for pair in references], chosen)

        answers = inputs["completion_mask"][:, 1:].bool()
        laid_out = _laid_out(torch.cat([chosen, rejected]), answers)
        # Summed as TRL sums the policy's, so that a policy that is its reference has margin 0.
        sums = _laid_out(torch.cat([ref_chosen, ref_rejected]), answers).sum(dim=1).chunk(2)
        inputs |= {"ref_chosen_logps": sums[0], "ref_rejected_logps": sums[1]}

        def scored(**_: object) -> _Outputs:
            zeros = torch.zeros_like(laid_out)
            return _Outputs(laid_out, zeros, zeros, zeros.bool())

        loss: torch.Tensor = super()._compute_loss(scored, inputs, return_outputs)
        shift = torch.cat([chosen - ref_chosen, rejected - ref_rejected])
        self._log_terms(loss, chosen, rejected, shift)
        for values in self._metrics["train"].values():
            values[-1] *= weight
        return loss * weight

    @torch.no_grad()
    def _log_terms(
        self,
        loss: torch.Tensor,
        chosen: torch.Tensor,
        rejected: torch.Tensor,
        shift: torch.Tensor,
    ) -> None:
        """Log what TRL does not. All but `loss` have an entry for each token of the answers;
        `shift` is log policy - log reference.
        """
        metrics = self._metrics["train"]
        for name in _NOT_LOGGED:
            metrics.pop(name, None)
        # TRL logs the sum of its losses only. The likelihood term is the negative mean over all
        # tokens of the chosen answers.
        sft_loss = -float(chosen.mean())
        weight = self.loss_weights[1] if len(self.loss_types) == 2 else 0.0
        for name, value in {
            "sft_loss": sft_loss,
            "preference_loss": float(loss) - weight * sft_loss,
            "token_logps/chosen": -sft_loss,
            "token_logps/rejected": float(rejected.mean()),
            "kl": float(shift.square().mean() / 2),
        }.items():
            metrics[name].append(value)


def _flat(answers: Sequence[Sequence[float]], like: torch.Tensor) -> torch.Tensor:
    return like.new_tensor([value for answer in answers for value in answer])


def _laid_out(values: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    return values.new_zeros(answers.shape).masked_scatter(answers, values)


def make_trainer(
    base: Base,
    pairs: Sequence[EncodedPair],
    references: Sequence[Reference],
    scorer: Scorer,
    hyper: Hyperparameters,
    callback: TrainerCallback,
    scratch: Path,
) -> PreferenceTrainer:
    """A trainer with a fresh adapter, seeded before the adapter is made."""
    trainer = PreferenceTrainer(
        model=base.model,
        args=_config(hyper, len(pairs), scratch),
        train_dataset=Dataset.from_list(
            [
                {
                    "prompt_ids": pair.prompt_ids,
                    "chosen_ids": pair.chosen_ids,
                    "rejected_ids": pair.rejected_ids,
                    "ref_chosen": reference.chosen,
                    "ref_rejected": reference.rejected,
                }
                for pair, reference in zip(pairs, references, strict=True)
            ]
        ),
        data_collator=_Collator(pad_token_id=base.tokenizer.pad_token_id),
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
    # Not an argument: with that TRL would compute them itself.
    trainer.precompute_ref_logps = True
    trainer.scorer = scorer
    # TRL makes the adapter bf16 when the base is quantized; small updates then round to nothing.
    for parameter in trainer.model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    # PEFT casts inputs to the adapter's fp32, and autocast casts them back.
    for module in trainer.model.modules():
        if isinstance(module, BaseTunerLayer):
            module.cast_input_dtype_enabled = hyper.precision is Precision.FP32
    return trainer


def _config(hyper: Hyperparameters, pairs: int, scratch: Path) -> DPOConfig:
    on_gpu = torch.cuda.is_available()
    with_sft = hyper.sft_weight > 0
    arguments: dict[str, Any] = {
        "output_dir": str(scratch),
        "beta": hyper.beta,
        "loss_type": [str(hyper.loss), "sft"] if with_sft else [str(hyper.loss)],
        "loss_weights": [1.0, hyper.sft_weight] if with_sft else [1.0],
        "label_smoothing": hyper.label_smoothing,
        # See `turn_dropout_off`.
        "disable_dropout": False,
        # Pairs are encoded to this length already.
        "max_length": None,
        # How a mixture balances its experts is no matter of preference.
        "router_aux_loss_coef": 0.0,
        "per_device_train_batch_size": hyper.micro_batch_size,
        "gradient_accumulation_steps": hyper.batch_size // hyper.micro_batch_size,
        "num_train_epochs": hyper.epochs,
        "learning_rate": hyper.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": math.ceil(hyper.warmup_ratio * hyper.total_steps(pairs)),
        "seed": hyper.seed,
        "train_sampling_strategy": "sequential" if hyper.keep_order else "random",
        "bf16": hyper.precision is not Precision.FP32,
        # Recomputing activations saves what a GPU lacks; on a CPU memory is cheap and time is not.
        "gradient_checkpointing": on_gpu,
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": False,
        "remove_unused_columns": False,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": hyper.checkpoint_steps,
        "report_to": [],
        "disable_tqdm": True,
    }
    return DPOConfig(**arguments)
