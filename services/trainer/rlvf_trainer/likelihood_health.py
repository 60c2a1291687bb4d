"""Whether a run on answers is sound, judged by its loss alone, in nats a token. Pure functions,
called by the job after each step.

The first value of a preference loss is known beforehand, that of a likelihood loss is not, so a run
is compared with its own beginning. The loss of a model on its own answers, and on those of similar
models, is well under 1.5 nats a token, and supervised training only lowers it.
"""

import math
from collections.abc import Sequence
from statistics import fmean, variance

from rlvf_trainer.preference_health import MINIMUM, WINDOW, not_a_number

STRANGE = 3.0
"""First loss that is worth a warning: the model is as unsure of each token as among twenty. The
embedded model of 135M has 1.2 on the starter problems' references, which people wrote.
"""

CEILING = 3.0
"""Rise of one step's loss above the first steps' mean that ends a run at once."""

_RISE = 2
"""A mean loss above this many times the beginning's stops a run. A smaller rise can come from the
order of the answers, since a curriculum begins with those that are easily predicted.
"""

_STANDARD_ERRORS = 5.5
"""Standard errors above the beginning that are not noise; as in `health`."""


def strange_answers(first_loss: float) -> str | None:
    """A warning when the model gives the answers little probability before training, or None.

    `first_loss` is in nats a token.
    """
    if first_loss <= STRANGE:
        return None
    return (
        f"the loss of the first step is {first_loss:.2f} nats a token: the model gives these "
        "answers little probability, so they are hardly its own; check that their form suits the "
        "model, and that its weights are complete"
    )


def divergence(losses: Sequence[float], grad_norms: Sequence[float] = ()) -> str | None:
    """Why the run must stop after the last of its steps, or None.

    A run diverges when a number is not finite, when one step's loss is `CEILING` above the mean of
    the first (at most `MINIMUM`) steps before it, or when the mean of the last (at most `WINDOW`)
    steps after those is above twice that mean, and significantly above it.
    """
    if (broken := not_a_number(losses, grad_norms)) is not None or len(losses) < 2:
        return broken
    step = len(losses)
    beginning = losses[: min(MINIMUM, step - 1)]
    start = fmean(beginning)
    if losses[-1] > start + CEILING:
        return f"the loss of step {step} is {losses[-1]:.2f}, and it began at {start:.2f}"
    recent = losses[max(MINIMUM, step - WINDOW) :]
    if len(recent) < MINIMUM:
        return None
    standard_error = math.sqrt(
        variance(beginning) / len(beginning) + variance(recent) / len(recent)
    )
    rise = fmean(recent) - start
    if rise > (_RISE - 1) * start and rise > _STANDARD_ERRORS * standard_error:
        return (
            f"the mean loss of steps {step - len(recent) + 1} to {step} is {fmean(recent):.3f}, "
            f"and it began at {start:.3f}; lower the learning rate"
        )
    return None
