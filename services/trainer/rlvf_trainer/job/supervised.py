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
from rlvf_trainer.job.parallel import DividedSteps, places_of_step
from rlvf_trainer.job.processes import world
from rlvf_trainer.job.scoring import Scorer

_ANSWERS = "answers"
_INDICES = "indices"
_STEP = "step"
_NOT_LOGGED = ("entropy", "mean_token_accuracy", "num_tokens")
"""Metrics of TRL that need all logits, which are not kept; and a count, which has no mean."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a micro-batch knows of its step: this process's micro-batches, and answers and tokens of
    answers in all processes, of which this one's are a part if they are counted."""

    batches: int
    answers: int
    tokens: int
    is_counted: bool


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
    indices = [example["index"] for example in examples]
    return {_ANSWERS: answers, _INDICES: indices, "attention_mask": torch.zeros(1)}


class SupervisedTrainer(DividedSteps, SFTTrainer):
    """`SFTTrainer` on encoded answers. The loss of a step is the negative log-likelihood of a token
    of its answers, however the step is divided. Its logs have `nll`, which is that loss, and
    `logps` besides, as `LikelihoodStep` has them.
    """

    scorer: Scorer
    answers: Sequence[EncodedAnswer]

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
        own = [index for batch in batches for index in batch[_INDICES]]
        places, is_counted = places_of_step(own)
        tokens = sum(len(self.answers[place].answer_ids) for place in places)
        for batch in batches:
            batch[_STEP] = _Step(len(batches), len(places), tokens, is_counted)
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
        del inputs[_INDICES]
        step: _Step = inputs.pop(_STEP)
        logps = torch.cat([self.scorer(model, answer)[0] for answer in answers])

        def scored(**_: object) -> _Outputs:
            zeros = torch.zeros_like(logps)
            return _Outputs(logps, zeros, zeros.bool(), ~zeros.bool())

        with self.own_numbers():
            loss = super().compute_loss(scored, inputs, return_outputs, num_items_in_batch)
        metrics = self._metrics["train"]
        for name in _NOT_LOGGED:
            metrics.pop(name, None)
        # A mean over micro-batches is logged: so scaled, one over tokens and one over answers.
        total = float(logps.detach().sum()) * step.is_counted
        metrics["nll"].append(-total / step.tokens * step.batches * world())
        metrics["logps"].append(total / step.answers * step.batches * world())
        return loss * step.is_counted


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
        args=SFTConfig(**common_arguments(hyper, hyper.total_steps(len(answers)), scratch)),
        train_dataset=Dataset.from_list(
            [
                {
                    "prompt_ids": answer.prompt_ids,
                    "answer_ids": answer.answer_ids,
                    "index": index,
                }
                for index, answer in enumerate(answers)
            ]
        ),
        data_collator=_collate,
        processing_class=base.tokenizer,
        callbacks=[callback],
        peft_config=lora(hyper),
    )
    # Each answer is a row: it has no other one to share its prompt with.
    trainer.scorer = Scorer(shared=False)
    trainer.answers = answers
    # Or the loss would be divided by the micro-batches of the step once more.
    trainer.model_accepts_loss_kwargs = True
    settle(trainer, hyper)
    return trainer
