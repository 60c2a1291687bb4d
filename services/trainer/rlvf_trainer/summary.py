"""A run judged by its steps, while it goes and in short."""

import math
from collections.abc import Sequence
from datetime import timedelta
from statistics import fmean

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import SETTINGS, Hyperparameters
from rlvf_trainer import health, likelihood_health
from rlvf_trainer.metrics import LikelihoodStep, Measured, PreferenceStep, StepMetrics


def first_step_problem(step: StepMetrics, hyper: Hyperparameters) -> str | None:
    """Why a run must not begin as its first step did, or None."""
    if isinstance(step, LikelihoodStep):
        return None
    went_on = not math.isnan(step.reference_loss)
    loss = step.reference_loss if went_on else step.preference_loss
    return health.first_loss_problem(loss, hyper.precision, hyper.indifference)


def diverged(steps: Sequence[StepMetrics], hyper: Hyperparameters) -> str | None:
    """Why the run must stop after the last of these steps, or None."""
    losses, grad_norms = _losses(steps), [step.grad_norm for step in steps]
    if any(isinstance(step, LikelihoodStep) for step in steps):
        return likelihood_health.divergence(losses, grad_norms)
    return health.divergence(losses, grad_norms, hyper.indifference)


def summarize(
    steps: Sequence[StepMetrics],
    *,
    records: int,
    hyper: Hyperparameters,
    seconds: float,
    warnings: Sequence[str],
    went_on: bool = False,
    before: Measured | None = None,
    after: Measured | None = None,
    is_divided: bool = False,
) -> trainer_pb2.TrainingSummary:
    """A run in short. `steps` is not empty; `warnings` go before those that the metrics give;
    `went_on` whether it began with an adapter; `before` and `after` are the policy on the same few
    records; `is_divided` whether it ended because it was asked to, before its last step.
    """
    losses = _losses(steps)
    reason = diverged(steps, hyper)
    notes = [reason, *warnings, _warning(steps, hyper)]
    if reason is None:
        notes.append(_standstill(steps, hyper, before, after))
    last = steps[-1]
    summary = trainer_pb2.TrainingSummary(
        pairs=records,
        steps=len(steps),
        first_loss=losses[0],
        last_loss=losses[-1],
        mean_loss=fmean(losses),
        last_margin=last.margin if isinstance(last, PreferenceStep) else 0.0,
        stopped_because=(
            trainer_pb2.STOPPED_BECAUSE_DIVERGED
            if reason
            else trainer_pb2.STOPPED_BECAUSE_ASKED
            if is_divided
            else trainer_pb2.STOPPED_BECAUSE_COMPLETED
        ),
        detail="; ".join(note for note in notes if note),
        indifference_loss=hyper.indifference,
        loss=SETTINGS["loss"].write(hyper.loss),
        went_on=went_on,
        first_entropy=before.entropy if before else 0.0,
        last_entropy=after.entropy if after else 0.0,
    )
    summary.duration.FromTimedelta(timedelta(seconds=seconds))
    return summary


def _losses(steps: Sequence[StepMetrics]) -> list[float]:
    """What runs are judged by: the preference term alone, or the likelihood loss."""
    return [
        step.preference_loss if isinstance(step, PreferenceStep) else step.loss for step in steps
    ]


def _warning(steps: Sequence[StepMetrics], hyper: Hyperparameters) -> str | None:
    pairs = [step for step in steps if isinstance(step, PreferenceStep)]
    if not pairs:
        return likelihood_health.strange_answers(_losses(steps)[0])
    return health.displacement(
        [step.reward_chosen for step in pairs],
        [step.margin for step in pairs],
        hyper.beta,
        fmean(step.logps_chosen / step.token_logp_chosen for step in pairs),
    )


def _standstill(
    steps: Sequence[StepMetrics],
    hyper: Hyperparameters,
    before: Measured | None,
    after: Measured | None,
) -> str | None:
    margins = [step.margin for step in steps if isinstance(step, PreferenceStep)]
    if margins:
        what = "the chosen answers gained on the rejected ones"
        gain = health.gain_of_chosen(margins, hyper.beta)
    elif before and after:
        what = "the answers gained likelihood"
        gain = after.logps - before.logps
    else:
        return None
    return health.standstill(gain, what, len(steps), hyper.learning_rate)
