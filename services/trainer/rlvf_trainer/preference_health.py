"""Whether a run on pairs is sound, judged by its preference loss and rewards alone. Pure functions,
called by the job after each step; `likelihood_health` has those for a run on answers.

The preference loss of one pair is -log sigmoid(m), except for IPO. The reward margin m is beta
times the difference of the log-ratios of the chosen and the rejected answer (Rafailov et al. 2023,
https://arxiv.org/abs/2305.18290, eq. 7). A policy that equals its reference has m = 0 and so a loss
of ln 2. By convexity a mean loss above ln 2 means that the policy prefers the rejected answers, or
that its margins scatter far more than their mean has grown. So the loss of indifference is where a
run starts, and what it must not rise above. It is ln 2 for every logistic loss and 1/(2 beta)^2 for
IPO (`Hyperparameters.indifference`); all limits here are multiples of it.
"""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from rlvf_api.hyperparameters import Precision

LN2 = math.log(2)

# The policy's first forward pass and the reference's are the same computation, since LoRA's B
# starts at zero. So the loss is ln 2 up to rounding: |dL| <= |dm| / 2, and fp32 sums of a few
# hundred log-probabilities differ by at most 1e-4. In bf16 (8 bits of mantissa) another kernel may
# be used with autograd, which moves m by a few 1e-3. Dropout left on in either pass moves the loss
# by 1e-2 or more, and must not be accepted.
FIRST_LOSS_TOLERANCE = {Precision.FP32: 1e-3, Precision.BF16: 2e-3, Precision.NF4: 2e-3}

WINDOW = 16
"""Number of last steps that are judged by themselves, so that a late rise is seen."""

MINIMUM = 8
"""A mean over fewer steps than this is not judged."""

CEILING = 4
"""Loss of one step that ends a run at once, as a multiple of indifference: 4 ln 2 means odds of 1
to 15 for the chosen answers, on average.
"""

_RISE = 1.1
"""A mean loss above 1.1 ln 2 stops a run: the mildest case of the prior experiment is 1.16 ln 2.
Margins that scatter by 0.5 around zero, as those of a policy that learns nothing, give 1.04 ln 2.
"""

_STANDARD_ERRORS = 5.5
"""Standard errors above ln 2 that are not noise. One-sided p = 0.0005 by Student's t with 8 steps;
so small because the test is repeated at every step. In simulations of 60 steps of 8 pairs whose
margins scatter by 0.5 and learn nothing, 1.5% of the runs are stopped; with 4.5 it would be 8%.
"""

_DISPLACED_NATS = 1.0
"""Mean loss of log-likelihood of the chosen answers, in nats an answer, that is worth a warning;
rounding in bf16 stays below 0.5.
"""


MOVED_NATS = 1.0
"""Change of log-probability, in nats an answer, below which a policy is nearly where it began. For
pairs it is the margin over beta, so with beta 0.1 a margin of 0.1. Measured with a 0.5B model: 15
steps at 2e-5 ended at a margin of 0.04, and its score on held-out problems had not changed.
"""


def gain_of_chosen(margins: Sequence[float], beta: float) -> float:
    """How much the chosen answers gained on the rejected ones, in nats: from the first step to the
    last quarter of the steps, at most `WINDOW` of them."""
    last = max(1, min(WINDOW, len(margins) // 4))
    return (fmean(margins[-last:]) - margins[0]) / beta


def standstill(gain: float, what: str, steps: int, learning_rate: float) -> str | None:
    """A warning when a run ends nearly where it began, or None.

    `gain` is a change of log-probability in nats an answer; `what` says of which answers, in words;
    `learning_rate` is the peak rate of the schedule.
    """
    if not abs(gain) < MOVED_NATS:
        return None
    return (
        f"the policy ends nearly where it began: {what} by {gain:.2g} nats an answer, and a change "
        f"below {MOVED_NATS:g} has not changed a score so far; try a higher learning rate (it is "
        f"{learning_rate:g}; 2e-5 to 1e-4 is usual for pairs, 1e-4 to 2e-4 for answers) or more "
        f"steps (there are {steps}; about 100 is usual), by more records or epochs"
    )


def first_loss_problem(loss: float, precision: Precision, indifference: float = LN2) -> str | None:
    """What is wrong with the preference loss of the first step, or None."""
    tolerance = FIRST_LOSS_TOLERANCE[precision] * indifference / LN2
    if math.isfinite(loss) and abs(loss - indifference) <= tolerance:
        return None
    return (
        f"the preference loss of the first step is {loss:.4f}, not {_named(indifference)} (within "
        f"{tolerance:.2g}): policy and reference differ before training, so the run would measure "
        "something else; look for dropout in the base model, or for weights that load differently "
        "each time"
    )


def divergence(
    losses: Sequence[float], grad_norms: Sequence[float] = (), indifference: float = LN2
) -> str | None:
    """Why the run must stop after the last of its steps, or None.

    `losses` are the preference losses of all steps so far, `grad_norms` their gradient norms. A run
    diverges when a number is not finite, when one step's loss is above `CEILING`, or when the mean
    of the whole run or of its last `WINDOW` steps is above 1.1 times indifference and significantly
    above it.
    """
    if not losses:
        return None
    step = len(losses)
    if (broken := not_a_number(losses, grad_norms)) is not None:
        return broken
    if losses[-1] > CEILING * indifference:
        return (
            f"the preference loss of step {step} is {losses[-1]:.2f}, where "
            f"{_named(indifference)} is indifference"
        )
    for first in (0, max(0, step - WINDOW)):
        if _is_clear_rise(losses[first:], indifference):
            return (
                f"the mean preference loss of steps {first + 1} to {step} is "
                f"{fmean(losses[first:]):.3f}, above {_named(indifference)}: the policy moves "
                "towards the rejected answers; lower the learning rate or look at the pairs"
            )
    return None


def not_a_number(losses: Sequence[float], grad_norms: Sequence[float]) -> str | None:
    """Which number of the last step is not finite, in words, or None."""
    for name, values in (("loss", losses), ("gradient", grad_norms)):
        if values and not math.isfinite(values[-1]):
            return f"the {name} of step {len(losses)} is not a number"
    return None


def _named(indifference: float) -> str:
    return f"ln 2 = {LN2:.4f}" if indifference == LN2 else f"{indifference:.4g}"


def _is_clear_rise(losses: Sequence[float], indifference: float) -> bool:
    if len(losses) < MINIMUM:
        return False
    mean = fmean(losses)
    standard_error = stdev(losses) / math.sqrt(len(losses))
    return mean > _RISE * indifference and mean - indifference > _STANDARD_ERRORS * standard_error


def displacement(
    chosen_rewards: Sequence[float],
    margins: Sequence[float],
    beta: float,
    chosen_tokens: float | None = None,
) -> str | None:
    """A warning when the chosen answers lose likelihood while margins rise, or None.

    `chosen_rewards` are beta times the log-ratio of the chosen answers, step by step;
    `chosen_tokens` is their mean length in tokens. The phenomenon is described in Razin et al.
    2024, https://arxiv.org/abs/2410.08847, and Pal et al. 2024, https://arxiv.org/abs/2402.13228.
    """
    if not chosen_rewards:
        return None
    nats = fmean(chosen_rewards[-WINDOW:]) / beta
    margin = fmean(margins[-WINDOW:])
    if nats < -_DISPLACED_NATS and margin > 0:
        per_token = f", {-nats / chosen_tokens:.3f} a token" if chosen_tokens else ""
        return (
            f"likelihood displacement: over the last {min(WINDOW, len(margins))} steps the margin "
            f"is {margin:.3f}, but the chosen answers are less likely than under the reference, "
            f"by {-nats:.1f} nats an answer{per_token}"
        )
    return None
