"""Judges a run by its steps: after each step while it runs, and as the summary at its end."""

import math
from collections.abc import Sequence
from datetime import timedelta
from statistics import fmean

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import SETTINGS, Hyperparameters
from rlvf_trainer import likelihood_health, policy_health, preference_health
from rlvf_trainer.metrics import Measured, PolicyStep, PreferenceStep, StepMetrics


def first_step_problem(steps: Sequence[StepMetrics], hyper: Hyperparameters) -> str | None:
    """What is wrong with the first of these steps, so that the run must end, or None; called after
    each step."""
    if policies := _policies(steps):
        return policy_health.first_ratio_problem(policies, hyper.precision)
    step = steps[0]
    if len(steps) > 1 or not isinstance(step, PreferenceStep):
        return None
    went_on = not math.isnan(step.reference_loss)
    loss = step.reference_loss if went_on else step.preference_loss
    return preference_health.first_loss_problem(loss, hyper.precision, hyper.indifference)


def diverged(steps: Sequence[StepMetrics], hyper: Hyperparameters) -> str | None:
    """Why the run must stop after the last of these steps, or None."""
    if policies := _policies(steps):
        return policy_health.divergence(policies)
    losses, grad_norms = _losses(steps), [step.grad_norm for step in steps]
    if not all(isinstance(step, PreferenceStep) for step in steps):
        return likelihood_health.divergence(losses, grad_norms)
    return preference_health.divergence(losses, grad_norms, hyper.indifference)


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
    """The summary of a run.

    `steps` is not empty. `seconds` is the time in training. `warnings` go before those that the
    metrics give. `went_on` says whether the run started from an adapter; `before` and `after` are
    the policy measured on the same few records; `is_divided` says whether the run ended before its
    last step because the request asked for it.
    """
    losses = _losses(steps)
    reason = diverged(steps, hyper)
    notes = [reason, *warnings, *_warnings(steps, hyper)]
    if reason is None:
        notes.append(_standstill(steps, hyper, before, after))
    last = steps[-1]
    policies = _policies(steps)
    rewards = [step.reward for step in policies]
    # Other steps have no entropies, which are measured before and after.
    first_entropy, last_entropy = _entropies(policies) or (
        before.entropy if before else 0.0,
        after.entropy if after else 0.0,
    )
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
        first_entropy=first_entropy,
        last_entropy=last_entropy,
        first_reward=fmean(policy_health.beginning(rewards)) if rewards else 0.0,
        last_reward=fmean(policy_health.ending(rewards)) if rewards else 0.0,
        samples_graded=round(sum(step.samples for step in policies)),
    )
    summary.duration.FromTimedelta(timedelta(seconds=seconds))
    return summary


def _losses(steps: Sequence[StepMetrics]) -> list[float]:
    """The losses that runs are judged by: the preference term alone, or the likelihood loss."""
    return [
        step.preference_loss if isinstance(step, PreferenceStep) else step.loss for step in steps
    ]


def _policies(steps: Sequence[StepMetrics]) -> list[PolicyStep]:
    """The steps that are on graded answers: all or none."""
    return [step for step in steps if isinstance(step, PolicyStep)]


def _entropies(steps: Sequence[PolicyStep]) -> tuple[float, float] | None:
    """The entropies of the first and the last step that trained on anything."""
    found = [step.entropy for step in steps if step.groups]
    return (found[0], found[-1]) if found else None


def _warnings(steps: Sequence[StepMetrics], hyper: Hyperparameters) -> list[str | None]:
    if policies := _policies(steps):
        return [*policy_health.warnings(policies)]
    pairs = [step for step in steps if isinstance(step, PreferenceStep)]
    if not pairs:
        return [likelihood_health.strange_answers(_losses(steps)[0])]
    displacement = preference_health.displacement(
        [step.reward_chosen for step in pairs],
        [step.margin for step in pairs],
        hyper.beta,
        fmean(step.logps_chosen / step.token_logp_chosen for step in pairs),
    )
    return [displacement]


def _standstill(
    steps: Sequence[StepMetrics],
    hyper: Hyperparameters,
    before: Measured | None,
    after: Measured | None,
) -> str | None:
    margins = [step.margin for step in steps if isinstance(step, PreferenceStep)]
    if margins:
        what = "the chosen answers gained on the rejected ones"
        gain = preference_health.gain_of_chosen(margins, hyper.beta)
    elif before and after:
        what = "the answers gained likelihood"
        gain = after.logps - before.logps
    else:
        return None
    return preference_health.standstill(gain, what, len(steps), hyper.learning_rate)
