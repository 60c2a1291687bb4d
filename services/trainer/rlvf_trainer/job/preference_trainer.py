"""Training on preference pairs (`dpo`): TRL's DPO trainer with our forward pass, which logs the
terms of the loss separately.

TRL forms the batches, computes the losses and sums their gradients; only the log-probabilities are
computed by us (`scoring`, `references`). So the loss curve is that of TRL's own trainer, with less
work.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from peft import PeftModel
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from rlvf_api.hyperparameters import Hyperparameters
from rlvf_trainer.job.arguments import common_arguments, lora, settle
from rlvf_trainer.job.encoding import EncodedPair
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.parallel import DividedSteps, places_of_step
from rlvf_trainer.job.processes import world
from rlvf_trainer.job.references import Reference
from rlvf_trainer.job.scoring import Scorer

_PAIRS = "pairs"
_INDICES = "indices"
_WEIGHT = "weight"
_NOT_LOGGED = (
    "entropy", "mean_token_accuracy", "logits/chosen", "logits/rejected", "num_tokens",
)  # fmt: skip
"""Metrics of TRL that need all logits, which are not computed, and a count, of which TRL logs a
meaningless mean."""


class _Collator(DataCollatorForPreference):
    """TRL's collator, which also hands on the pairs themselves and their places."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """The batch of a few pairs."""
        pairs = [
            EncodedPair(example["prompt_ids"], example["chosen_ids"], example["rejected_ids"])
            for example in examples
        ]
        indices = [example["index"] for example in examples]
        batch: dict[str, Any] = super().torch_call(examples)
        return batch | {_PAIRS: pairs, _INDICES: indices}


class _Outputs(NamedTuple):
    """What TRL reads of a model's output. Log-probabilities are (answers, tokens - 1), as TRL's
    collator lays the answers out, 0 outside of them; the rest is for `_NOT_LOGGED`.
    """

    log_probs: torch.Tensor
    entropy: torch.Tensor
    mean_logits: torch.Tensor
    is_top1: torch.Tensor


class PreferenceTrainer(DividedSteps, DPOTrainer):
    """`DPOTrainer` on encoded pairs, with one of `references` for each of them.

    `as_reference`, if it is given, turns the policy into the reference while it is entered. The
    logs of the first step then have `reference_loss`, the preference loss of that model.

    Loss and metrics of a step are means over its pairs, even if its micro-batches have different
    numbers of them. The logs also have `preference_loss`, `sft_loss`, `token_logps/chosen`,
    `token_logps/rejected` and `kl`.
    """

    scorer: Scorer
    references: Sequence[Reference]
    as_reference: Callable[[PeftModel], AbstractContextManager[object]] | None = None

    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Any]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Any]], torch.Tensor | int | None]:
        """The micro-batches of a step, each with a weight that turns the mean over micro-batches
        into one over pairs."""
        batches, items = super().get_batch_samples(epoch_iterator, num_batches, device)
        own = [index for batch in batches for index in batch[_INDICES]]
        places, is_counted = places_of_step(own)
        for batch in batches:
            pairs = len(batch[_PAIRS]) if is_counted else 0
            batch[_WEIGHT] = pairs * len(batches) * world() / len(places)
        return batches, items

    def _compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool,
    ) -> torch.Tensor:
        pairs: list[EncodedPair] = inputs.pop(_PAIRS)
        references = [self.references[index] for index in inputs.pop(_INDICES)]
        weight: float = inputs.pop(_WEIGHT)
        if self.as_reference is not None and self.state.global_step == 0:
            metrics = {name: [*values] for name, values in self._metrics["train"].items()}
            with torch.no_grad(), self.as_reference(self.accelerator.unwrap_model(model)):
                self._loss(model, pairs, references, dict(inputs), return_outputs=False)
            [*_, reference_loss] = self._metrics["train"]["preference_loss"]
            self._metrics["train"].clear()
            self._metrics["train"] |= metrics
            self._metrics["train"]["reference_loss"].append(reference_loss)
        loss = self._loss(model, pairs, references, inputs, return_outputs)
        for values in self._metrics["train"].values():
            values[-1] *= weight
        return loss * weight

    def _loss(
        self,
        model: torch.nn.Module,
        pairs: Sequence[EncodedPair],
        references: Sequence[Reference],
        inputs: dict[str, Any],
        return_outputs: bool,
    ) -> torch.Tensor:
        """TRL's loss of some pairs, logged with its terms."""
        logps = [self.scorer(model, pair) for pair in pairs]
        chosen, rejected = (torch.cat([pair[side] for pair in logps]) for side in (0, 1))
        ref_chosen = _flat([pair.chosen for pair in references], chosen)
        ref_rejected = _flat([pair.rejected for pair in references], chosen)

        answers = inputs["completion_mask"][:, 1:].bool()
        laid_out = _laid_out(torch.cat([chosen, rejected]), answers)
        # Summed as TRL sums the policy's, so that a policy equal to its reference has margin 0.
        sums = _laid_out(torch.cat([ref_chosen, ref_rejected]), answers).sum(dim=1).chunk(2)
        inputs |= {"ref_chosen_logps": sums[0], "ref_rejected_logps": sums[1]}

        def scored(**_: object) -> _Outputs:
            zeros = torch.zeros_like(laid_out)
            return _Outputs(laid_out, zeros, zeros, zeros.bool())

        with self.own_numbers():
            loss: torch.Tensor = super()._compute_loss(scored, inputs, return_outputs)
        shift = torch.cat([chosen - ref_chosen, rejected - ref_rejected])
        self._log_terms(loss, chosen, rejected, shift)
        return loss

    @torch.no_grad()
    def _log_terms(
        self,
        loss: torch.Tensor,
        chosen: torch.Tensor,
        rejected: torch.Tensor,
        shift: torch.Tensor,
    ) -> None:
        """Log the metrics that TRL does not. All except `loss` have an entry for each token of the
        answers; `shift` is log policy - log reference.
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
    """A trainer with a fresh adapter, seeded before the adapter is made. If `references` is empty,
    the caller sets the trainer's `references` before it trains.
    """
    trainer = PreferenceTrainer(
        model=base.model,
        args=_config(hyper, len(pairs), scratch),
        train_dataset=Dataset.from_list(
            [
                {
                    "prompt_ids": pair.prompt_ids,
                    "chosen_ids": pair.chosen_ids,
                    "rejected_ids": pair.rejected_ids,
                    "index": index,
                }
                for index, pair in enumerate(pairs)
            ]
        ),
        data_collator=_Collator(pad_token_id=base.tokenizer.pad_token_id),
        processing_class=base.tokenizer,
        callbacks=[callback],
        peft_config=lora(hyper),
    )
    # Set here and not as an argument, with which TRL would compute them itself.
    trainer.precompute_ref_logps = True
    trainer.scorer = scorer
    trainer.references = references
    settle(trainer, hyper)
    return trainer


def _config(hyper: Hyperparameters, pairs: int, scratch: Path) -> DPOConfig:
    with_sft = hyper.sft_weight > 0
    arguments: dict[str, Any] = common_arguments(hyper, hyper.total_steps(pairs), scratch) | {
        "beta": hyper.beta,
        "loss_type": [str(hyper.loss), "sft"] if with_sft else [str(hyper.loss)],
        "loss_weights": [1.0, hyper.sft_weight] if with_sft else [1.0],
        "label_smoothing": hyper.label_smoothing,
        # See `turn_dropout_off`.
        "disable_dropout": False,
    }
    return DPOConfig(**arguments)
