"""Graded answers of a step, their rewards, and their advantages."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean, stdev

from rlvf_api.hyperparameters import AdvantageScale, Reward
from rlvf_common.rollouts.rollout import Rollout
from rlvf_common.rollouts.sampling import Trace

__all__ = [
    "Group",
    "Sample",
    "advantages",
    "dump_groups",
    "exchanged",
    "learnable",
    "parse_groups",
    "reward_of",
]

_SMALL = 1e-4
"""Added to the deviation that advantages are divided by, as in TRL's `GRPOTrainer`."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One graded answer, as the engine drew it: `Trace` says what the three lists are."""

    prompt_ids: list[int]
    token_ids: list[int]
    logps: list[float]
    verdict: str
    truncated: bool
    reward: float

    @classmethod
    def of(cls, trace: Trace, rollout: Rollout, reward: Reward) -> "Sample":
        """A drawn answer with its verdict."""
        return cls(
            trace.prompt_ids,
            trace.token_ids,
            trace.logps,
            rollout.verdict,
            rollout.truncated,
            reward_of(rollout, reward),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The answers to one problem in one step."""

    task_id: str
    samples: list[Sample]

    @property
    def rewards(self) -> list[float]:
        """The rewards of its answers, in order."""
        return [sample.reward for sample in self.samples]

    @property
    def has_one_outcome(self) -> bool:
        """Whether all its rewards are the same, so that there is nothing to learn from it."""
        return len(set(self.rewards)) == 1


def reward_of(rollout: Rollout, reward: Reward) -> float:
    """The reward of a graded answer, from 0 to 1."""
    if reward is Reward.CREDIT and rollout.credit is not None:
        return rollout.credit
    return float(rollout.verdict == "passed")


def exchanged(group: Group, seed: int, step: int) -> Group:
    """The group with its rewards exchanged at random among its answers."""
    rewards = group.rewards
    random.Random(repr((seed, step, group.task_id, "rewards"))).shuffle(rewards)
    samples = [
        replace(sample, reward=reward)
        for sample, reward in zip(group.samples, rewards, strict=True)
    ]
    return replace(group, samples=samples)


def learnable(groups: Iterable[Group], most: int) -> list[Group]:
    """The first `most` of the groups whose rewards are not all the same."""
    return [group for group in groups if not group.has_one_outcome][:most]


def advantages(rewards: Sequence[float], scale: AdvantageScale) -> list[float]:
    """Each reward less the mean of all, and with GROUP divided by their standard deviation (Shao
    et al. 2024, https://arxiv.org/abs/2402.03300, section 4.1.2; with n - 1 degrees of freedom, as
    in TRL)."""
    mean = fmean(rewards)
    unit = stdev(rewards) + _SMALL if scale is AdvantageScale.GROUP else 1.0
    return [(reward - mean) / unit for reward in rewards]


def dump_groups(groups: Iterable[Group]) -> bytes:
    """JSON Lines, one group a line."""
    return "".join(json.dumps(asdict(group)) + "\n" for group in groups).encode()


def parse_groups(data: bytes) -> list[Group]:
    """Inverse of `dump_groups`."""
    return [
        Group(record["task_id"], [Sample(**sample) for sample in record["samples"]])
        for record in map(json.loads, data.splitlines())
    ]
