"""The adapter for TRL: its arguments, its rewards and what it logs."""

import inspect
from datetime import timedelta
from typing import Any

import grpc
import pytest

from rlvf_client.rewards import RewardUnavailable
from rlvf_client.rewards.trl import AsyncVerifiedReward, VerifiedReward
from rlvf_client.sdk import errors

from .conftest import FakeEvaluator

_CALL: dict[str, Any] = {
    "prompts": ["p", "p"],
    "completions": ["passed", "failed"],
    "completion_ids": [[1], [2]],
    "task_id": ["t/0", "t/0"],
    "trainer_state": object(),
}


class FakeTrainer:
    """What a trainer hands over."""

    def __init__(self, functions: int) -> None:
        self.reward_funcs = [object()] * functions
        self.metrics: dict[str, float] = {}
        self.extra: dict[str, list[Any]] = {}

    def log_metric(self, name: str, value: float) -> None:
        self.metrics[name] = value

    def log_extra(self, column: str, values: list[Any]) -> None:
        self.extra[column] = values


def test_a_batch_is_rewarded_and_told(fake: FakeEvaluator) -> None:
    trainer = FakeTrainer(1)
    with VerifiedReward(fake.address, "b") as reward:
        found = reward(**_CALL, log_metric=trainer.log_metric, log_extra=trainer.log_extra)
    assert found == [1, 0]
    assert trainer.metrics["verified/passed"] == 0.5
    assert trainer.extra["verdict"] == ["passed", "failed"]


async def test_it_can_be_awaited(fake: FakeEvaluator) -> None:
    reward = AsyncVerifiedReward(fake.address, "b")
    # As TRL finds out.
    assert inspect.iscoroutinefunction(reward.__call__)
    assert await reward(**_CALL) == [1, 0]
    reward.close()


def test_the_answer_of_a_conversation_is_its_last_message(fake: FakeEvaluator) -> None:
    completions: list[list[dict[str, Any]]] = [
        [{"role": "assistant", "content": "passed"}],
        [{"role": "tool", "content": "failed"}, {"role": "assistant", "content": "passed"}],
        [{"role": "assistant", "content": [{"type": "text", "text": "passed"}]}],
    ]
    with VerifiedReward(fake.address, "b") as reward:
        assert reward(["p"] * 3, completions, task_id=["t/0"] * 3) == [1, 1, 1]
    assert fake.sent == [["passed"]]


def test_a_data_set_without_tasks_is_told(fake: FakeEvaluator) -> None:
    with (
        VerifiedReward(fake.address, "b") as reward,
        pytest.raises(errors.InvalidArgument, match="task_id: is not a column"),
    ):
        reward(["p"], ["passed"])


@pytest.mark.parametrize("functions", [0, 1, 2])
def test_nothing_is_masked_where_a_mask_would_count_as_zero(
    fake: FakeEvaluator, functions: int
) -> None:
    """TRL adds up the rewards of other functions; an unknown trainer may have some."""
    trainer = FakeTrainer(functions)
    fake.breaks = [(grpc.StatusCode.UNAVAILABLE, 1)]
    log: dict[str, Any] = {"log_metric": trainer.log_metric} if functions else {}
    arguments: dict[str, Any] = {"patience": timedelta(), "unavailable": "mask"}
    with VerifiedReward(fake.address, "b", **arguments) as reward:
        if functions == 1:
            assert reward(**_CALL, **log) == [None, 0]
            assert trainer.metrics["verified/unavailable"] == 0.5
        else:
            with pytest.raises(RewardUnavailable, match="would count as a reward of 0"):
                reward(**_CALL, **log)
