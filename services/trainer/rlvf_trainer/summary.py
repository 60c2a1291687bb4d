"""A run judged by its steps, while it goes and in short."""

from collections.abc import Sequence
from datetime import timedelta
from statistics import fmean

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import SETTINGS, Hyperparameters
from rlvf_trainer import health, likelihood_health
from rlvf_trainer.metrics import LikelihoodStep, PreferenceStep, StepMetrics


def first_step_problem(step: StepMetrics, hyper: Hyperparameters) -> str | None:
    """Why a run must not begin as its first step did, or None."""
    if isinstance(step, LikelihoodStep):
        return None
    return health.first_loss_problem(step.preference_loss, hyper.precision, hyper.indifference)


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
) -> trainer_pb2.TrainingSummary:
    """A run in short. `steps` is not empty; `warnings` go before those that the metrics give."""
    losses = _losses(steps)
    reason = diverged(steps, hyper)
    notes = [reason, *warnings, _warning(steps, hyper)]
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
            else trainer_pb2.STOPPED_BECAUSE_COMPLETED
        ),
        detail="; ".join(note for note in notes if note),
        indifference_loss=hyper.indifference,
        loss=SETTINGS["loss"].write(hyper.loss),
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
        return likelihood_health.strange_answers(steps[0].loss)
    return health.displacement(
        [step.reward_chosen for step in pairs],
        [step.margin for step in pairs],
        hyper.beta,
        fmean(step.logps_chosen / step.token_logp_chosen for step in pairs),
    )
