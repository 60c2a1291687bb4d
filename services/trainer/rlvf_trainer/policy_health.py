"""Whether a run on graded answers is sound, judged by its steps. Pure functions.

Its loss says nothing: it is near 0 when nothing is learned and when all is. What it has is the
ratio of the policy to the one that sampled, which is known beforehand at the first step, and the
reward.
"""

import math
from collections.abc import Sequence
from statistics import fmean, variance

from rlvf_api.hyperparameters import Precision
from rlvf_trainer.health import MINIMUM, WINDOW, not_a_number
from rlvf_trainer.metrics import PolicyStep

__all__ = ["beginning", "divergence", "ending", "first_ratio_problem", "warnings"]

FIRST_LOG_RATIO = {Precision.FP32: 0.1, Precision.BF16: 0.1, Precision.NF4: 0.5}
"""Mean over tokens of |log policy - log sampling policy|, nats, that may be rounding while both are
the same. The engine computes in bf16 by other kernels than the trainer: 0.045 with SmolLM2-135M on
a CPU. What is not rounding is far above: another temperature, template or adapter moves it by some
tenths and more. With nf4 the engine samples from the base as it is, and the trainer has it rounded
to four bits.
"""

KL_CEILING = 10.0
"""Divergence from the base, nats a token, that ends a run at once: such a policy writes something
else altogether."""

_FALL = 0.5
"""Share of the beginning's reward below which a fall is worth stopping for."""

_STANDARD_ERRORS = 5.5
"""Distance below the beginning that is not noise; as in `health`."""

COLLAPSED = 0.1
"""Share of the first steps' entropy under which the last steps' is worth a warning: what is sampled
is nearly the same again and again, and nothing new is tried."""

MOSTLY = 0.8
"""Share of groups of one outcome that is worth a warning: most of the sampling was for nothing."""

OFTEN = 0.2
"""Share of tokens without gradient, for their ratio, that is worth a warning."""


def first_ratio_problem(steps: Sequence[PolicyStep], precision: Precision) -> str | None:
    """What is wrong with the ratios of the first step that trained on anything, or None. Before it
    the policy cannot have moved."""
    trained = [step for step in steps if step.groups]
    if len(trained) != 1 or trained[0] is not steps[-1]:
        return None
    found, limit = trained[0].log_ratio, FIRST_LOG_RATIO[precision]
    if found <= limit:
        return None
    return (
        f"the engine sampled with other probabilities than the trainer computes: they differ by "
        f"{found:.3f} nats a token where they should be the same (within {limit:g}); see that "
        "inference serves the same weights (RLVF_INFERENCE_URL), and tells probabilities at the "
        "temperature (vLLM's --logprobs-mode processed_logprobs, as our inference has it)"
    )


def beginning(rewards: Sequence[float]) -> Sequence[float]:
    """The rewards of the first steps."""
    return rewards[:MINIMUM]


def ending(rewards: Sequence[float]) -> Sequence[float]:
    """The rewards of the last steps."""
    return rewards[-MINIMUM:]


def divergence(steps: Sequence[PolicyStep]) -> str | None:
    """Why the run must stop after the last of its steps, or None.

    A run diverges when loss or gradient is not a number, when the divergence from the base is above
    `KL_CEILING`, or when the mean reward of the last (at most `WINDOW`) steps behind the first
    `MINIMUM` is below half of theirs, and surely below it.
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
    """What is worth knowing about a run that ended."""
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
