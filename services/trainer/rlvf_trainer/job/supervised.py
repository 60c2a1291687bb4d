"""Training on answers: TRL's SFT trainer with our forward pass. It writes nothing but checkpoints.

TRL forms the batches, has the loss, and sums its gradients; log-probabilities come from `scoring`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer

from rlvf_api.hyperparameters import Hyperparameters
from rlvf_trainer.job.arguments import common_arguments, lora, settle
from rlvf_trainer.job.encoding import EncodedAnswer
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.scoring import Scorer

_ANSWERS = "answers"
_STEP = "step"
_NOT_LOGGED = ("entropy", "mean_token_accuracy", "num_tokens")
"""Metrics of TRL that need all logits, which are not kept; and a count, which has no mean."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a micro-batch knows of its step: micro-batches, answers and tokens of answers."""

    batches: int
    answers: int
    tokens: int


class _Outputs(NamedTuple):
    """What TRL reads of a model's output, one entry for each token of the answers; all but the
    log-probabilities and the mask are for `_NOT_LOGGED`.
    """

    log_probs: torch.Tensor
    entropy: torch.Tensor
    is_top1: torch.Tensor
    label_mask: torch.Tensor


def _collate(examples: list[dict[str, Any]]) -> dict[str, Any]:
    answers = [EncodedAnswer(example["prompt_ids"], example["answer_ids"]) for example in examples]
    # TRL counts its tokens by it; `_NOT_LOGGED` says what becomes of the count.
    return {_ANSWERS: answers, "attention_mask": torch.zeros(1)}


class SupervisedTrainer(SFTTrainer):
    """`SFTTrainer` on encoded answers. The loss of a step is the negative log-likelihood of a token
    of its answers, however the step is divided. Its logs have `nll`, which is that loss, and
    `logps` besides, as `LikelihoodStep` has them.
    """

    scorer: Scorer

    def _prepare_dataset(self, dataset: Dataset, *_: object, **__: object) -> Dataset:
        """The answers are encoded already."""
        return dataset

    def create_model_card(self, *_: object, **__: object) -> None:
        """Checkpoints are for resuming; nobody reads a card in them."""

    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Any]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Any]], torch.Tensor]:
        """The micro-batches of a step, and the tokens that its loss is a mean over."""
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        answers = [answer for batch in batches for answer in batch[_ANSWERS]]
        tokens = sum(len(answer.answer_ids) for answer in answers)
        for batch in batches:
            batch[_STEP] = _Step(len(batches), len(answers), tokens)
        return batches, torch.tensor(tokens, device=device)

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """The share of a micro-batch in the loss of its step."""
        answers: list[EncodedAnswer] = inputs.pop(_ANSWERS)
        step: _Step = inputs.pop(_STEP)
        logps = torch.cat([self.scorer(model, answer)[0] for answer in answers])

        def scored(**_: object) -> _Outputs:
            zeros = torch.zeros_like(logps)
            return _Outputs(logps, zeros, zeros.bool(), ~zeros.bool())

        loss = super().compute_loss(scored, inputs, return_outputs, num_items_in_batch)
        metrics = self._metrics["train"]
        for name in _NOT_LOGGED:
            metrics.pop(name, None)
        # A mean over micro-batches is logged: so scaled, one over tokens and one over answers.
        total = float(logps.detach().sum())
        metrics["nll"].append(-total / step.tokens * step.batches)
        metrics["logps"].append(total / step.answers * step.batches)
        return loss


def make_supervised_trainer(
    base: Base,
    answers: Sequence[EncodedAnswer],
    hyper: Hyperparameters,
    callback: TrainerCallback,
    scratch: Path,
) -> SupervisedTrainer:
    """A trainer with a fresh adapter, seeded before the adapter is made."""
    trainer = SupervisedTrainer(
        model=base.model,
        args=SFTConfig(**common_arguments(hyper, len(answers), scratch)),
        train_dataset=Dataset.from_list(
            [
                {"prompt_ids": answer.prompt_ids, "answer_ids": answer.answer_ids}
                for answer in answers
            ]
        ),
        data_collator=_collate,
        processing_class=base.tokenizer,
        callbacks=[callback],
        peft_config=lora(hyper),
    )
    # Each answer is a row: it has no other one to share its prompt with.
    trainer.scorer = Scorer(shared=False)
    # Or the loss would be divided by the micro-batches of the step once more.
    trainer.model_accepts_loss_kwargs = True
    settle(trainer, hyper)
    return trainer
