"""The metrics that are recorded of each optimizer step, and their JSON Lines."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class PreferenceStep:
    """One optimizer step on pairs. All numbers are means over its pairs; a mean over tokens is one
    over those of a micro-batch, and micro-batches are weighted by their pairs.

    `loss` is what is minimised, `preference_loss + sft_weight * sft_loss`. `logps_*` are
    log-probabilities of whole answers in nats; rewards are beta times their difference from the
    reference model's, and `margin` the chosen reward less the rejected one. `accuracy` is the share
    of pairs with a positive margin.

    `sft_loss` and `token_logp_*` are means over the tokens of the answers, in nats. `kl` estimates
    the divergence of the policy from its reference in nats a token, over the tokens of both
    answers: the mean of d^2 / 2 with d = log policy - log reference, which is k2 of Schulman 2020
    (http://joschu.net/blog/kl-approx.html). It is near the divergence while that is small, and
    stays moderate where a rare token was memorised, unlike his unbiased k3. Metrics of older runs
    lack `token_logp_*` and `kl`. `reference_loss` is the preference loss of the first step with the
    reference in the policy's place, if training starts from an adapter.
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

    `loss` is the negative log-likelihood in nats, a mean over the tokens of the step's answers;
    `logps` is the log-probability of a whole answer in nats, a mean over the answers.
    """

    step: int
    loss: float
    logps: float
    grad_norm: float
    learning_rate: float


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One optimizer step on graded answers.

    Some numbers describe all `samples` answers that were drawn for it, including those to problems
    that were replaced: `reward` and `passed` are means, `tokens` is the total, `truncated` the
    share of answers that were cut off, `one_outcome` the share of groups whose rewards are all the
    same.

    The others describe the `groups` that it trained on, which have `trained_tokens` tokens of
    prompts and answers. `staleness` is how many optimizer steps the policy was ahead of the one
    that sampled. The rest are means over the tokens of answers: `ratio` is the probability of a
    token divided by its probability when it was sampled, `log_ratio` the absolute value of its
    logarithm, `far_ratio` the share of ratios beyond a factor of two, `clip_low` and `clip_high`
    the shares without gradient because of their ratio. `entropy` is in nats. `kl` estimates the
    divergence from the base in nats: k3 of Schulman 2020 (http://joschu.net/blog/kl-approx.html)
    times the ratio; NaN if `kl_weight` is 0.
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
    """A policy measured on some records: the log-probability of an answer, a mean over the answers,
    and the entropy where a token of an answer is predicted, a mean over the tokens; in nats.
    """

    logps: float
    entropy: float


def dump_metrics(steps: Iterable[StepMetrics]) -> bytes:
    """The steps as JSON Lines; a number that is not finite becomes null, since JSON has no NaN."""
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
