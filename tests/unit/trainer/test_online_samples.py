"""Rewards, groups and advantages, and the answers of steps as they are stored."""

import pytest

from rlvf_api.hyperparameters import AdvantageScale, Reward
from rlvf_common.rollouts.rollout import Rollout
from rlvf_trainer.job.online.samples import (
    Group,
    Sample,
    advantages,
    dump_groups,
    exchanged,
    learnable,
    parse_groups,
    reward_of,
)


def group(*rewards: float, task_id: str = "a") -> Group:
    samples = [
        Sample([1], [number], [-1.5], "passed" if reward else "failed", False, reward)
        for number, reward in enumerate(rewards)
    ]
    return Group(task_id, samples)


def rollout(verdict: str, cases_passed: int | None = None) -> Rollout:
    return Rollout(
        task_id="a",
        sample=0,
        completion="",
        finish_reason="stop",
        tokens=1,
        verdict=verdict,
        detail="",
        cpu_ms=1.0,
        cases_passed=cases_passed,
        cases_total=None if cases_passed is None else 4,
    )


def test_a_reward_is_the_verdict_or_the_share_of_cases() -> None:
    assert reward_of(rollout("passed", 4), Reward.VERDICT) == 1
    assert reward_of(rollout("failed", 3), Reward.VERDICT) == 0
    assert reward_of(rollout("failed", 3), Reward.CREDIT) == 0.75
    # Where credit cannot be told, the verdict counts.
    assert reward_of(rollout("passed"), Reward.CREDIT) == 1
    assert reward_of(rollout("timed_out"), Reward.CREDIT) == 0


def test_advantages_are_differences_from_the_mean_of_the_group() -> None:
    assert advantages([1, 0, 0, 0], AdvantageScale.NONE) == [0.75, -0.25, -0.25, -0.25]
    # The deviation of a sample of (1, 0, 0, 0) is 0.5.
    scaled = advantages([1, 0, 0, 0], AdvantageScale.GROUP)
    assert scaled == pytest.approx([1.5, -0.5, -0.5, -0.5], rel=1e-3)


def test_groups_of_one_outcome_are_left_out_and_others_up_to_the_batch() -> None:
    groups = [group(1, 1), group(0, 1, task_id="b"), group(0, 0), group(0.5, 1, task_id="c")]
    assert [one.task_id for one in learnable(groups, 2)] == ["b", "c"]
    assert [one.task_id for one in learnable(groups, 1)] == ["b"]
    assert learnable(groups[:1], 2) == []


def test_exchanged_rewards_are_the_same_ones_of_other_answers() -> None:
    before = group(1, 1, 1, 0, 0, 0, 0, 0)
    after = exchanged(before, seed=1, step=2)
    assert sorted(after.rewards) == sorted(before.rewards)
    assert after.rewards != before.rewards
    assert [one.verdict for one in after.samples] == [one.verdict for one in before.samples]
    assert exchanged(before, seed=1, step=2) == after
    assert any(exchanged(before, seed=1, step=step).rewards != after.rewards for step in range(9))


def test_stored_answers_are_read_as_they_were() -> None:
    groups = [group(1, 0.25), group(0, 0, task_id="\u2028 line")]
    assert parse_groups(dump_groups(groups)) == groups
