"""Whether a run on problems (`grpo`) is sound, judged by its steps. Pure functions, called by the
job after each step.

The loss of such a run tells nothing: it is near 0 both when nothing is learned and when everything
is. Instead the run is judged by its reward, and by the ratio of the policy to the one that sampled,
which must be 1 at the first step.
"""

import math
from collections.abc import Sequence
from statistics import fmean, variance

from rlvf_api.hyperparameters import Precision
from rlvf_trainer.metrics import PolicyStep
from rlvf_trainer.preference_health import MINIMUM, WINDOW, not_a_number

__all__ = ["beginning", "divergence", "ending", "first_ratio_problem", "warnings"]

FIRST_LOG_RATIO = {Precision.FP32: 0.1, Precision.BF16: 0.1, Precision.NF4: 0.5}
"""Largest mean over tokens of |log policy - log sampling policy|, in nats, that is taken for
rounding while both are the same. The engine computes in bf16 with other kernels than the trainer:
0.045 with SmolLM2-135M on a CPU. Another temperature, template or adapter gives at least a few
tenths. With nf4 the trainer has the base rounded to four bits, and the engine samples from the base
as it is.
"""

KL_CEILING = 10.0
"""Divergence from the base, in nats a token, that ends a run at once: the output of such a policy
has nothing in common with the base's."""

_FALL = 0.5
"""A run is stopped if its mean reward falls by more than this share of the beginning's."""

_STANDARD_ERRORS = 5.5
"""Standard errors below the beginning that are not noise; as in `health`."""

COLLAPSED = 0.1
"""The last steps' entropy is worth a warning below this share of the first steps': the policy
samples nearly the same answers again and again."""

MOSTLY = 0.8
"""Share of groups of one outcome that is worth a warning: most of the sampling was in vain."""

OFTEN = 0.2
"""Share of tokens without gradient, because of their ratio, that is worth a warning."""


def first_ratio_problem(steps: Sequence[PolicyStep], precision: Precision) -> str | None:
    """What is wrong with the ratios of the first step that trained on anything, or None; also None
    after that step. Before it the policy cannot have changed."""
    trained = [step for step in steps if step.groups]
    if len(trained) != 1 or trained[0] is not steps[-1]:
        return None
    found, limit = trained[0].log_ratio, FIRST_LOG_RATIO[precision]
    if found <= limit:
        return None
    return (
        f"the engine sampled with other probabilities than the trainer computes: they differ by "
        f"{found:.3f} nats a token and should be the same (within {limit:g}); check that "
        "inference serves the same weights (RLVF_INFERENCE_URL), and reports probabilities at the "
        "temperature (vLLM's --logprobs-mode processed_logprobs, as our inference does)"
    )


def beginning(rewards: Sequence[float]) -> Sequence[float]:
    """The rewards of the first steps."""
    return rewards[:MINIMUM]


def ending(rewards: Sequence[float]) -> Sequence[float]:
    """The rewards of the last steps."""
    return rewards[-MINIMUM:]


def divergence(steps: Sequence[PolicyStep]) -> str | None:
    """Why the run must stop after the last of its steps, or None.

    A run diverges when loss or gradient is not a number, when the divergence from the base (which
    is NaN, not measured, without a `kl_weight`) is above `KL_CEILING`, or when the mean reward of
    the last (at most `WINDOW`) steps after the first `MINIMUM` is below half of theirs, and
    significantly below theirs.
    """
    if not steps:
        return None
    broken = not_a_number([step.loss for step in steps], [step.grad_norm for step in steps])
    if broken is not None:
        return broken
    number, last = len(steps), steps[-1]
    if last.kl > KL_CEILING:
        return f"the policy of step {number} is {last.kl:.1f} nats a token from the base"
    rewards = [step.reward for step in steps]
    first, recent = beginning(rewards), rewards[max(MINIMUM, number - WINDOW) :]
    if len(recent) < MINIMUM:
        return None
    fall = fmean(first) - fmean(recent)
    standard_error = math.sqrt(variance(first) / len(first) + variance(recent) / len(recent))
    if fall > _FALL * fmean(first) and fall > _STANDARD_ERRORS * standard_error:
        return (
            f"the mean reward of steps {number - len(recent) + 1} to {number} is "
            f"{fmean(recent):.3f}, and it began at {fmean(first):.3f}; lower the learning rate"
        )
    return None


def warnings(steps: Sequence[PolicyStep]) -> list[str]:
    """Warnings about a run that ended, each a sentence."""
    found = []
    entropies = [step.entropy for step in steps if math.isfinite(step.entropy)]
    quarter = max(1, len(entropies) // 4)
    if entropies and fmean(entropies[-quarter:]) < COLLAPSED * fmean(entropies[:quarter]):
        found.append(
            f"the entropy of the policy fell from {fmean(entropies[:quarter]):.3g} to "
            f"{fmean(entropies[-quarter:]):.3g} nats a token: it hardly tries anything new"
        )
    one_outcome = fmean(step.one_outcome for step in steps)
    if one_outcome > MOSTLY:
        found.append(
            f"{one_outcome:.0%} of the groups had one outcome, from which nothing is learned: take "
            "problems that the model solves sometimes, or a larger group_size"
        )
    empty = sum(not step.groups for step in steps)
    if empty:
        found.append(f"{empty} of {len(steps)} steps had no group to learn from")
    clipped = [step.clip_low + step.clip_high for step in steps if step.groups]
    if clipped and fmean(clipped) > OFTEN:
        found.append(
            f"{fmean(clipped):.0%} of the tokens had no gradient, because the policy was too far "
            "from the one that sampled: lower sync_steps, staleness or the learning rate"
        )
    return found
