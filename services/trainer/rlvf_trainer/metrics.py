"""What is recorded of each optimizer step."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import fmean

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Hyperparameters
from rlvf_trainer import health


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """One optimizer step: means over its pairs; what is a mean over tokens is one over those of a
    micro-batch, and micro-batches count by their pairs.

    `loss` is what is minimised, `preference_loss + sft_weight * sft_loss`. `logps_*` are
    log-probabilities of whole answers in nats; rewards are beta times their difference from the
    reference model's, and `margin` the chosen reward less the rejected one. `accuracy` is the share
    of pairs with a positive margin.

    `sft_loss` and `token_logp_*` are of a token, means over the tokens of the answers. `kl` is
    an estimate of the divergence of the policy from its reference in nats a token, over the tokens
    of both answers: the mean of d^2 / 2 with d = log policy - log reference, which is k2 of
    Schulman 2020 (http://joschu.net/blog/kl-approx.html). It is near the divergence while that is
    small, and finite where a rare token was learned by heart, which his unbiased k3 is hardly.
    Metrics of older runs have none of the three.
    """

    step: int
    loss: float
    preference_loss: float
    sft_loss: float
    margin: float
    accuracy: float
    logps_chosen: float
    logps_rejected: float
    reward_chosen: float
    reward_rejected: float
    grad_norm: float
    learning_rate: float
    token_logp_chosen: float = math.nan
    token_logp_rejected: float = math.nan
    kl: float = math.nan


def dump_metrics(steps: Iterable[StepMetrics]) -> bytes:
    """JSON Lines; what is not a finite number becomes null, since JSON knows no NaN."""
    lines = (
        {name: value if math.isfinite(value) else None for name, value in asdict(step).items()}
        for step in steps
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def parse_metrics(data: bytes) -> list[StepMetrics]:
    """Inverse of `dump_metrics`; null becomes NaN."""
    return [_parse(json.loads(line)) for line in data.splitlines()]


def _parse(record: dict[str, float | None]) -> StepMetrics:
    values = {name: math.nan if value is None else value for name, value in record.items()}
    step = int(values.pop("step"))
    return StepMetrics(step=step, **values)


def diverged(steps: Sequence[StepMetrics], indifference: float = health.LN2) -> str | None:
    """`health.divergence` of these steps."""
    return health.divergence(
        [step.preference_loss for step in steps],
        [step.grad_norm for step in steps],
        indifference,
    )


def summarize(
    steps: Sequence[StepMetrics],
    *,
    pairs: int,
    hyper: Hyperparameters,
    seconds: float,
    warnings: Sequence[str],
) -> trainer_pb2.TrainingSummary:
    """A run in short. `steps` is not empty; `warnings` go before those that the metrics give."""
    losses = [step.preference_loss for step in steps]
    reason = diverged(steps, hyper.indifference)
    displaced = health.displacement(
        [step.reward_chosen for step in steps],
        [step.margin for step in steps],
        hyper.beta,
        fmean(step.logps_chosen / step.token_logp_chosen for step in steps),
    )
    notes = [*([reason] if reason else []), *warnings, *([displaced] if displaced else [])]
    summary = trainer_pb2.TrainingSummary(
        pairs=pairs,
        steps=len(steps),
        first_loss=losses[0],
        last_loss=losses[-1],
        mean_loss=fmean(losses),
        last_margin=steps[-1].margin,
        stopped_because=(
            trainer_pb2.STOPPED_BECAUSE_DIVERGED
            if reason
            else trainer_pb2.STOPPED_BECAUSE_COMPLETED
        ),
        detail="; ".join(notes),
        indifference_loss=hyper.indifference,
    )
    summary.duration.FromTimedelta(timedelta(seconds=seconds))
    return summary
