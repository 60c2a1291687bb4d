"""Training on verified answers (`rft`): TRL's SFT trainer with our forward pass.

TRL forms the batches, computes the loss and sums its gradients; log-probabilities come from
`scoring`.
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
"""Metrics of TRL that need all logits, which are not kept, and a count, of which TRL logs a
meaningless mean."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a micro-batch knows of its step: how many micro-batches this process has, how many
    answers and tokens of answers all processes have, and whether this process's are among them."""

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
    # TRL needs `attention_mask` to count tokens; the count is dropped (`_NOT_LOGGED`).
    indices = [example["index"] for example in examples]
    return {_ANSWERS: answers, _INDICES: indices, "attention_mask": torch.zeros(1)}


class SupervisedTrainer(DividedSteps, SFTTrainer):
    """`SFTTrainer` on encoded answers. The loss of a step is the mean negative log-likelihood of
    the tokens of its answers, however the step is divided. The logs also have `nll`, which is that
    loss, and `logps`, as in `LikelihoodStep`.
    """

    scorer: Scorer
    answers: Sequence[EncodedAnswer]

    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Any]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Any]], torch.Tensor]:
        """The micro-batches of a step, and the number of tokens that its loss is a mean over."""
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
        """The contribution of a micro-batch to the loss of its step."""
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
        # TRL logs a mean over micro-batches; scaled like this it is one over tokens or answers.
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
    # Each record has one answer, so there is nothing to share.
    trainer.scorer = Scorer(shared=False)
    trainer.answers = answers
    # Otherwise the loss would be divided by the micro-batches of the step again.
    trainer.model_accepts_loss_kwargs = True
    settle(trainer, hyper)
    return trainer
