"""Training on pairs: TRL's DPO trainer with our forward pass, the terms of the loss apart, and
nothing written but checkpoints.

TRL forms the batches, has the losses, and sums their gradients; what is ours is how
log-probabilities come about (`scoring`, `references`). So the loss curve is that of TRL's own
trainer, at less work.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from rlvf_api.hyperparameters import Hyperparameters
from rlvf_trainer.job.arguments import common_arguments, lora, settle
from rlvf_trainer.job.encoding import EncodedPair
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.references import Reference
from rlvf_trainer.job.scoring import Scorer

_PAIRS = "pairs"
_REFERENCES = "references"
_WEIGHT = "weight"
_NOT_LOGGED = ("mean_token_accuracy", "logits/chosen", "logits/rejected", "num_tokens")
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
    collator lays the answers out, 0 outside of them, and so are entropies; the rest is for
    `_NOT_LOGGED`.
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
        scores = [self.scorer.scores(model, pair) for pair in pairs]
        chosen, rejected = (torch.cat([one.logps[side] for one in scores]) for side in (0, 1))
        entropies = torch.cat([one.entropies[side] for side in (0, 1) for one in scores])
        ref_chosen = _flat([pair.chosen for pair in references], chosen)
        ref_rejected = _flat([pair.rejected for pair in references], chosen)

        answers = inputs["completion_mask"][:, 1:].bool()
        laid_out = _laid_out(torch.cat([chosen, rejected]), answers)
        # Summed as TRL sums the policy's, so that a policy that is its reference has margin 0.
        sums = _laid_out(torch.cat([ref_chosen, ref_rejected]), answers).sum(dim=1).chunk(2)
        inputs |= {"ref_chosen_logps": sums[0], "ref_rejected_logps": sums[1]}

        def scored(**_: object) -> _Outputs:
            zeros = torch.zeros_like(laid_out)
            return _Outputs(laid_out, _laid_out(entropies, answers), zeros, zeros.bool())

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
        peft_config=lora(hyper),
    )
    # Not an argument: with that TRL would compute them itself.
    trainer.precompute_ref_logps = True
    trainer.scorer = scorer
    settle(trainer, hyper)
    return trainer


def _config(hyper: Hyperparameters, pairs: int, scratch: Path) -> DPOConfig:
    with_sft = hyper.sft_weight > 0
    arguments: dict[str, Any] = common_arguments(hyper, pairs, scratch) | {
        "beta": hyper.beta,
        "loss_type": [str(hyper.loss), "sft"] if with_sft else [str(hyper.loss)],
        "loss_weights": [1.0, hyper.sft_weight] if with_sft else [1.0],
        "label_smoothing": hyper.label_smoothing,
        # See `turn_dropout_off`.
        "disable_dropout": False,
    }
    return DPOConfig(**arguments)
