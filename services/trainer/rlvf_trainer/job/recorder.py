"""The callback of a training: records metrics, reports progress, stores checkpoints, and stops a
run that is not sound."""

import logging
import math
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_api.hyperparameters import Hyperparameters
from rlvf_trainer.job.parallel import barrier
from rlvf_trainer.job.processes import is_first, world
from rlvf_trainer.metrics import (
    LikelihoodStep,
    PolicyStep,
    PreferenceStep,
    StepMetrics,
    dump_metrics,
    parse_metrics,
)
from rlvf_trainer.runs import Checkpoint, Run, divided_sha256
from rlvf_trainer.summary import diverged, first_step_problem

log = logging.getLogger(__name__)

_METRICS = "metrics.jsonl"
_SECONDS = "seconds"
_REQUEST = "request.sha256"
_KEPT = "kept"
_NOT_FOR_RESUMING = ("README.md", "training_args.bin")
_PROGRESS_SECONDS = 1.0


class Kept(Protocol):
    """Further state of a run that belongs to a checkpoint."""

    def dump(self) -> bytes:
        """The state as bytes."""

    def restore(self, data: bytes) -> None:
        """Inverse of `dump`."""


class Recorder(TrainerCallback):
    """Records every step, reports progress, stores checkpoints, and stops a run that is not sound.

    Metrics and training time are part of a checkpoint, as the weights are: a resumed run has each
    step once.
    """

    def __init__(
        self, run: Run, hyper: Hyperparameters, request: trainer_pb2.RunTrainingRequest
    ) -> None:
        self.metrics: list[StepMetrics] = []
        self.seconds = 0.0
        """Time in training steps. The time of other work, such as the reference, is added by
        whoever does it."""
        self.tokens_per_epoch = 0
        """Tokens of prompts and answers in an epoch, from which those trained on are counted; 0 if
        the steps have their number."""
        self.kept: Kept | None = None
        """Further state that belongs to a checkpoint."""
        self.forget: Callable[[], None] | None = None
        """Deletes what the first step was made of. It is called if that step fails the run: the
        same request must not find it again."""
        self._run = run
        self._hyper = hyper
        self._request_sha256 = divided_sha256(request)
        self._stop_after = request.stop_after
        self._step_began = 0.0
        self._reported = 0.0

    def restore(self, checkpoint: Path) -> None:
        """Go on from a checkpoint's directory.

        Raises:
            FailedPrecondition: it is no checkpoint of this run or of one that this run continues,
                or it is of a later step than the one after which the run is to end.
        """
        mark = checkpoint / _REQUEST
        if not mark.is_file() or mark.read_text() != self._request_sha256:
            raise FailedPrecondition(
                "checkpoint: it is of another run; a request that goes on with a run differs from "
                "its first one in `stop_after` and `checkpoint` alone"
            )
        self.metrics = parse_metrics((checkpoint / _METRICS).read_bytes())
        if 0 < self._stop_after < len(self.metrics):
            raise FailedPrecondition(
                f"checkpoint: it is of step {len(self.metrics)}, and the run is to end after step "
                f"{self._stop_after} (`stop_after`); name an earlier checkpoint, or none"
            )
        self.seconds = float((checkpoint / _SECONDS).read_text())
        if self.kept is not None:
            self.kept.restore((checkpoint / _KEPT).read_bytes())

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        """Report the number of steps before the first is done."""
        self._report(state)

    def on_step_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        """Start the clock."""
        self._step_began = monotonic()

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        """Stop the clock; at the step after which the run is to end, also the run."""
        self.seconds += monotonic() - self._step_began
        if state.global_step == self._stop_after:
            control.should_save = True
            control.should_training_stop = True

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any],
        **_: object,
    ) -> None:
        """Record the step and judge the run by it.

        Raises:
            FailedPrecondition: the first preference loss (of a run that starts from an adapter, the
                reference's loss) is not that of indifference; or the policy that sampled the first
                answers is not the one that is trained.
        """
        if "grad_norm" not in logs:
            # The summary that ends the run.
            return
        step = _step(state.global_step, logs)
        self.metrics.append(step)
        problem = first_step_problem(self.metrics, self._hyper)
        if problem is not None:
            self._forget()
            raise FailedPrecondition(problem)
        if diverged(self.metrics, self._hyper) is not None:
            control.should_training_stop = True
            # A checkpoint would be resumed past this point.
            control.should_save = False
        if monotonic() - self._reported >= _PROGRESS_SECONDS or control.should_training_stop:
            self._report(state)

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        """Store the checkpoint that was just written to disk, and make it count."""
        barrier()
        if not is_first():
            return
        directory = Path(args.output_dir or "", f"checkpoint-{state.global_step}")
        for name in _NOT_FOR_RESUMING:
            (directory / name).unlink(missing_ok=True)
        (directory / _METRICS).write_bytes(dump_metrics(self.metrics))
        (directory / _SECONDS).write_text(repr(self.seconds))
        (directory / _REQUEST).write_text(self._request_sha256)
        if self.kept is not None:
            (directory / _KEPT).write_bytes(self.kept.dump())
        ref = self._run.store.put_directory(directory)
        self._run.record_checkpoint(Checkpoint(state.global_step, ref))
        self._run.write_time()
        shutil.rmtree(directory)

    def _forget(self) -> None:
        if self.forget is None:
            return
        if is_first():
            self.forget()
        # The first process that fails ends the others.
        barrier()

    def _report(self, state: TrainerState) -> None:
        if not is_first():
            return
        last = self.metrics[-1] if self.metrics else None
        progress = trainer_pb2.RunTrainingMetadata(
            step=state.global_step,
            total_steps=state.max_steps,
            loss=last.loss if last else 0.0,
            margin=last.margin if isinstance(last, PreferenceStep) else 0.0,
            tokens=round(
                (state.epoch or 0.0) * self.tokens_per_epoch
                + sum(one.trained_tokens for one in self.metrics if isinstance(one, PolicyStep))
            ),
            reward=last.reward if isinstance(last, PolicyStep) else 0.0,
            processes=world(),
        )
        try:
            self._run.write_progress(progress)
            self._run.write_time()
        except Unavailable as error:
            # Training can do without; storage may be back for the next checkpoint.
            log.warning("the progress is not reported: %s", error)
        self._reported = monotonic()


def _step(number: int, logs: dict[str, Any]) -> StepMetrics:
    """What a trainer logged of a step."""
    if "reward" in logs:
        names = (one.name for one in fields(PolicyStep) if one.name != "step")
        return PolicyStep(step=number, **{name: logs[name] for name in names})
    if "preference_loss" not in logs:
        return LikelihoodStep(
            step=number,
            loss=logs["nll"],
            logps=logs["logps"],
            grad_norm=logs["grad_norm"],
            learning_rate=logs["learning_rate"],
        )
    return PreferenceStep(
        step=number,
        loss=logs["loss"],
        preference_loss=logs["preference_loss"],
        sft_loss=logs["sft_loss"],
        margin=logs["rewards/margins"],
        accuracy=logs["rewards/accuracies"],
        logps_chosen=logs["logps/chosen"],
        logps_rejected=logs["logps/rejected"],
        reward_chosen=logs["rewards/chosen"],
        reward_rejected=logs["rewards/rejected"],
        grad_norm=logs["grad_norm"],
        learning_rate=logs["learning_rate"],
        token_logp_chosen=logs["token_logps/chosen"],
        token_logp_rejected=logs["token_logps/rejected"],
        kl=logs["kl"],
        reference_loss=logs.get("reference_loss", math.nan),
    )
