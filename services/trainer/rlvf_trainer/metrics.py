"""What is recorded of each optimizer step."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import fmean

from rlvf.trainer.v1 import trainer_pb2
from rlvf_trainer import health


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """One optimizer step: means over its pairs.

    `loss` is what is minimised, `preference_loss + sft_weight * sft_loss`. `logps_*` are
    log-probabilities of whole answers in nats; rewards are beta times their difference from the
    reference model's, and `margin` the chosen reward less the rejected one. `accuracy` is the share
    of pairs with a positive margin.
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


def diverged(steps: Sequence[StepMetrics]) -> str | None:
    """`health.divergence` of these steps."""
    return health.divergence(
        [step.preference_loss for step in steps], [step.grad_norm for step in steps]
    )


def summarize(
    steps: Sequence[StepMetrics],
    *,
    pairs: int,
    beta: float,
    seconds: float,
    warnings: Sequence[str],
) -> trainer_pb2.TrainingSummary:
    """A run in short. `steps` is not empty; `warnings` go before those that the metrics give."""
    losses = [step.preference_loss for step in steps]
    reason = diverged(steps)
    displaced = health.displacement(
        [step.reward_chosen for step in steps], [step.margin for step in steps], beta
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
    )
    summary.duration.FromTimedelta(timedelta(seconds=seconds))
    return summary
