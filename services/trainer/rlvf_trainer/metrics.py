"""What is recorded of each optimizer step."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class PreferenceStep:
    """One optimizer step on pairs: means over its pairs; what is a mean over tokens is one over
    those of a micro-batch, and micro-batches count by their pairs.

    `loss` is what is minimised, `preference_loss + sft_weight * sft_loss`. `logps_*` are
    log-probabilities of whole answers in nats; rewards are beta times their difference from the
    reference model's, and `margin` the chosen reward less the rejected one. `accuracy` is the share
    of pairs with a positive margin.

    `sft_loss` and `token_logp_*` are of a token, means over the tokens of the answers. `kl` is
    an estimate of the divergence of the policy from its reference in nats a token, over the tokens
    of both answers: the mean of d^2 / 2 with d = log policy - log reference, which is k2 of
    Schulman 2020 (http://joschu.net/blog/kl-approx.html). It is near the divergence while that is
    small, and finite where a rare token was learned by heart, which his unbiased k3 is hardly.
    Metrics of older runs have none of the three. `reference_loss` is the preference loss of the
    first step with the reference in the policy's place, where training goes on from an adapter.
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
    reference_loss: float = math.nan


@dataclass(frozen=True, slots=True)
class LikelihoodStep:
    """One optimizer step on answers.

    `loss` is the negative log-likelihood of a token in nats, a mean over the tokens of the step's
    answers; `logps` is the log-probability of a whole answer, a mean over them.
    """

    step: int
    loss: float
    logps: float
    grad_norm: float
    learning_rate: float


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One optimizer step on graded answers.

    Of all `samples` answers that were drawn for it, those to problems that were replaced too:
    `reward` and `passed` are means, `tokens` is what they have together, `truncated` the share that
    was cut off, `one_outcome` the share of groups whose rewards are all the same.

    Of the `groups` that it trained on, with `trained_tokens` of prompts and answers: `staleness` is
    how many optimizer steps the policy was ahead of the one that sampled, and the others are means
    over the tokens of answers. `ratio` is the probability of a token over that with which it was
    sampled, `log_ratio` the absolute value of its logarithm, `far_ratio` the share of ratios beyond
    a factor of two, `clip_low` and `clip_high` the shares that have no gradient for it; `entropy`
    is in nats, and `kl`, from the base, an estimate in nats: k3 of Schulman 2020
    (http://joschu.net/blog/kl-approx.html) times the ratio, not there without its weight.
    """

    step: int
    loss: float
    reward: float
    passed: float
    samples: float
    tokens: float
    truncated: float
    one_outcome: float
    groups: float
    trained_tokens: float
    staleness: float
    ratio: float
    log_ratio: float
    far_ratio: float
    clip_low: float
    clip_high: float
    entropy: float
    kl: float
    grad_norm: float
    learning_rate: float


StepMetrics = PreferenceStep | LikelihoodStep | PolicyStep


@dataclass(frozen=True, slots=True)
class Measured:
    """Of a policy on some records: the log-probability of an answer, a mean over the answers, and
    the entropy where a token of an answer is foretold, a mean over the tokens; nats.
    """

    logps: float
    entropy: float


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
    if "preference_loss" in record:
        return PreferenceStep(step=step, **values)
    return (PolicyStep if "reward" in record else LikelihoodStep)(step=step, **values)
