"""Training on graded answers: TRL's GRPO trainer with our answers and our forward pass.

TRL computes the losses and sums their gradients. Three things are ours: where the answers come from
(`rollouts`); the ratio in the loss, which is to the probabilities that the engine reported when it
sampled; and how log-probabilities are computed (`scoring`): from the engine's token ids, each
prompt once for all answers to it, at the temperature of sampling.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from datasets import Dataset
from torch import distributed
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, SequentialSampler
from transformers import Trainer, TrainerCallback

from rlvf_api.hyperparameters import Hyperparameters
from rlvf_trainer.job.arguments import common_arguments, lora, settle
from rlvf_trainer.job.model import Base
from rlvf_trainer.job.online.samples import Group, Sample, advantages, learnable
from rlvf_trainer.job.online.schedule import Schedule
from rlvf_trainer.job.online.trl_trainer import GRPOConfig, GRPOTrainer
from rlvf_trainer.job.parallel import DividedSteps
from rlvf_trainer.job.processes import is_first, rank, world
from rlvf_trainer.job.scoring import Scorer, Scores

__all__ = ["EncodedGroup", "PolicyTrainer", "make_policy_trainer"]

_ANSWERS = "answers"
_STEP = "step"


@dataclass(frozen=True, slots=True)
class EncodedGroup:
    """Token ids of a prompt and of some answers to it."""

    prompt_ids: list[int]
    answers: tuple[list[int], ...]

    def cut(self, tokens: int) -> "EncodedGroup":
        """The same with answers of this many tokens at most."""
        return EncodedGroup(self.prompt_ids, tuple(answer[:tokens] for answer in self.answers))

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "EncodedGroup":
        """The record of some answers to one prompt."""
        return cls(samples[0].prompt_ids, tuple(sample.token_ids for sample in samples))


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer to learn from; `group` is the number of its group in the step."""

    sample: Sample
    advantage: float
    group: int


@dataclass(frozen=True, slots=True)
class _Step:
    """What a micro-batch knows of its step: the numbers of micro-batches, answers and tokens of
    answers in all processes."""

    batches: int
    answers: int
    tokens: int


class _ByAnswers(GRPOTrainer):
    """TRL's trainer with the data loader of transformers, since TRL's own is made for a trainer
    that samples by itself."""

    def get_train_dataloader(self) -> DataLoader[Any]:
        """A loader of the answers' numbers, in order; they stand for answers to come."""
        loader: DataLoader[Any] = Trainer.get_train_dataloader(self)
        return loader

    def _get_train_sampler(self, dataset: Dataset | None = None) -> SequentialSampler:
        return SequentialSampler(dataset if dataset is not None else self.train_dataset)

    def _prepare_inputs(self, generation_batch: dict[str, Any]) -> dict[str, Any]:
        """The batch as it is: `get_batch_samples` has prepared it."""
        return generation_batch


class PolicyTrainer(DividedSteps, _ByAnswers):
    """`GRPOTrainer` on the groups that `take` gives for each step, without those whose rewards are
    all the same.

    The loss of a step is TRL's over all its answers, however they are divided into micro-batches.
    The logs have the fields of `PolicyStep`.
    """

    hyper: Hyperparameters
    schedule: Schedule
    scorer: Scorer
    take: Callable[[int], list[Group]]
    _scored: tuple[torch.Tensor, torch.Tensor]
    _of_step: dict[str, float] | None = None
    _sums: torch.Tensor

    def get_batch_samples(
        self, epoch_iterator: Iterator[dict[str, Any]], num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Any]], torch.Tensor | int | None]:
        """The micro-batches of a step, always as many as a full step has: the last ones are empty
        if groups were left out."""
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        number = self.state.global_step + 1
        drawn = self._taken(number)
        groups = learnable(drawn, self.hyper.problems_per_step)
        answers = [
            _Answer(sample, advantage, place)
            for place, group in enumerate(groups)
            for sample, advantage in zip(
                group.samples,
                advantages(group.rewards, self.hyper.advantage_scale),
                strict=True,
            )
        ]
        tokens = sum(len(answer.sample.token_ids) for answer in answers)
        step = _Step(len(batches) * world(), len(answers), tokens)
        size = self.hyper.micro_batch_size
        self._sums = torch.zeros(len(_MEANS), dtype=torch.float64)
        self._of_step = _drawn_numbers(drawn) | {
            "groups": float(len(groups)),
            "trained_tokens": float(_trained_tokens(groups)),
            "staleness": float(number - 1 - self.schedule.sampled_with(number)),
        }
        shares = range(rank() * size, step.batches * size, world() * size)
        return [{_ANSWERS: answers[first : first + size], _STEP: step} for first in shares], None

    def _taken(self, step: int) -> list[Group]:
        """The groups of a step, which the first process takes for all."""
        taken = [self.take(step) if is_first() else None]
        if world() > 1:
            distributed.broadcast_object_list(taken)
        assert taken[0] is not None
        return taken[0]

    def _compute_loss(self, model: torch.nn.Module, inputs: dict[str, Any]) -> torch.Tensor:
        """The contribution of a micro-batch to the loss of its step."""
        answers: list[_Answer] = inputs[_ANSWERS]
        step: _Step = inputs[_STEP]
        if not answers:
            return self._nothing(model)
        scores = self._scores(model, answers)
        logps = pad_sequence(list(scores.logps), batch_first=True)
        entropies = pad_sequence(list(scores.entropies), batch_first=True)
        mask = pad_sequence([torch.ones_like(one) for one in scores.logps], batch_first=True)
        sampled = pad_sequence(
            [logps.new_tensor(answer.sample.logps) for answer in answers], batch_first=True
        )
        nothing = logps.new_zeros(len(answers), 0, dtype=torch.long)
        batch = {
            "prompt_ids": nothing,
            "prompt_mask": nothing,
            # Only their shape matters: the answers are scored already.
            "completion_ids": torch.zeros_like(mask, dtype=torch.long),
            "completion_mask": mask,
            "advantages": logps.new_tensor([answer.advantage for answer in answers]),
            "old_per_token_logps": sampled,
            "num_items_in_batch": torch.tensor(step.tokens, device=logps.device),
        }
        reference = None
        if self.hyper.kl_weight:
            base = self.accelerator.unwrap_model(model)
            with torch.no_grad(), base.disable_adapter():
                reference = pad_sequence(list(self._scores(base, answers).logps), batch_first=True)
            batch["ref_per_token_logps"] = reference
        self._scored = logps, entropies
        with self.own_numbers():
            loss: torch.Tensor = super()._compute_loss(model, batch)
        # TRL averages its metrics over micro-batches, whose numbers of answers differ here.
        self._metrics["train"].clear()
        self._count(logps, sampled, reference, entropies, batch["advantages"], mask.bool())
        if self.loss_type == "dapo":
            # TRL has divided it by the tokens of the step.
            return loss
        return loss * len(answers) * step.batches / step.answers

    def _nothing(self, model: torch.nn.Module) -> torch.Tensor:
        """A loss of 0 with a gradient of 0 for every trained parameter."""
        # Of several processes all must call the model: DistributedDataParallel sums the gradients
        # of a step only if its own forward pass came before the last backward pass.
        [logps] = self.scorer(model, EncodedGroup([0], ([0],)))
        trained = [one.sum() for one in model.parameters() if one.requires_grad]
        return 0.0 * torch.stack([logps.sum(), *trained]).sum()

    def _scores(self, model: torch.nn.Module, answers: Sequence[_Answer]) -> Scores:
        """The scores of each answer; answers to one prompt must be consecutive."""
        logps: list[torch.Tensor] = []
        entropies: list[torch.Tensor] = []
        for _, group in groupby(answers, key=lambda answer: answer.group):
            record = EncodedGroup.of([answer.sample for answer in group])
            scores = self.scorer.scores(model, record)
            logps += scores.logps
            entropies += scores.entropies
        return Scores(tuple(logps), tuple(entropies))

    def _get_per_token_logps_and_entropies(
        self, *_: object, **__: object
    ) -> tuple[torch.Tensor, torch.Tensor, None]:
        """The values of the micro-batch, which `_compute_loss` has computed."""
        return *self._scored, None

    @torch.no_grad()
    def _count(
        self,
        logps: torch.Tensor,
        sampled: torch.Tensor,
        reference: torch.Tensor | None,
        entropies: torch.Tensor,
        scaled: torch.Tensor,
        mask: torch.Tensor,
    ) -> None:
        """Add up the values whose means are logged (`_MEANS`). `scaled` are the advantages, of
        shape (answers,); all others are (answers, tokens)."""
        log_ratio = logps - sampled
        ratio = log_ratio.exp()
        sign = scaled.sign().unsqueeze(1)
        kl = torch.full_like(logps, torch.nan)
        if reference is not None:
            shift = reference - logps
            # The divergence of the current policy, estimated from answers of the one that sampled,
            # as in TRL's loss.
            kl = ratio * (shift.exp() - shift - 1)
        values = {
            "ratio": ratio,
            "log_ratio": log_ratio.abs(),
            "far_ratio": (ratio > 2) | (ratio < 0.5),
            "clip_low": (ratio < 1 - self.hyper.clip_low) & (sign < 0),
            "clip_high": (ratio > 1 + self.hyper.clip_high) & (sign > 0),
            "entropy": entropies,
            "kl": kl,
            "tokens": mask,
        }
        self._sums += torch.stack([values[name][mask].double().sum() for name in _MEANS]).cpu()

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log the numbers of the step with those of TRL."""
        if self._of_step is not None:
            sums = self._sums
            if world() > 1:
                sums = self.accelerator.reduce(sums.to(self.accelerator.device)).cpu()
            # NaN if there was nothing to learn from.
            means = (sums[:-1] / sums[-1]).tolist()
            logs |= self._of_step | dict(zip(_MEANS[:-1], means, strict=True))
            self._of_step = None
        super().log(logs, start_time)


_MEANS = ("ratio", "log_ratio", "far_ratio", "clip_low", "clip_high", "entropy", "kl", "tokens")
"""What is logged as a mean over the tokens of the answers of a step; the last is their number."""


def _drawn_numbers(groups: Sequence[Group]) -> dict[str, float]:
    """The logged numbers of all answers that were drawn for a step, also of those left out."""
    samples = [sample for group in groups for sample in group.samples]
    return {
        "reward": fmean(sample.reward for sample in samples),
        "passed": fmean(sample.verdict == "passed" for sample in samples),
        "samples": float(len(samples)),
        "tokens": float(sum(len(sample.token_ids) for sample in samples)),
        "truncated": fmean(sample.truncated for sample in samples),
        "one_outcome": fmean(group.has_one_outcome for group in groups),
    }


def _trained_tokens(groups: Sequence[Group]) -> int:
    return sum(
        len(group.samples[0].prompt_ids) + sum(len(one.token_ids) for one in group.samples)
        for group in groups
    )


def _graded(**_: object) -> list[float]:
    """A reward function, which TRL requires and which is never called."""
    raise AssertionError("answers come with their rewards")


def make_policy_trainer(
    base: Base,
    schedule: Schedule,
    hyper: Hyperparameters,
    *,
    max_tokens: int,
    scorer: Scorer,
    take: Callable[[int], list[Group]],
    callbacks: Sequence[TrainerCallback],
    scratch: Path,
) -> PolicyTrainer:
    """A trainer with a fresh adapter, seeded before the adapter is made. `max_tokens` is the limit
    of sampling; `scorer` has the temperature of sampling."""
    arguments: dict[str, Any] = common_arguments(hyper, schedule.total_steps, scratch) | {
        "num_train_epochs": 1,
        "num_generations": hyper.group_size,
        "max_completion_length": max_tokens,
        "loss_type": str(hyper.loss),
        "beta": hyper.kl_weight,
        "epsilon": hyper.clip_low,
        "epsilon_high": hyper.clip_high,
        # See `turn_dropout_off`.
        "disable_dropout": False,
    }
    del arguments["max_length"]
    trainer = PolicyTrainer(
        model=base.model,
        reward_funcs=_graded,
        args=GRPOConfig(**arguments),
        # Only the answers' numbers: the answers themselves are drawn during training.
        train_dataset=Dataset.from_dict({"place": range(schedule.total_steps * hyper.batch_size)}),
        processing_class=base.tokenizer,
        callbacks=[*callbacks],
        peft_config=lora(hyper),
    )
    trainer.hyper = hyper
    trainer.schedule = schedule
    trainer.scorer = scorer
    trainer.take = take
    settle(trainer, hyper)
    return trainer
