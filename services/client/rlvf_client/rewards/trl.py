"""Reward functions for TRL's `GRPOTrainer` and `RLOOTrainer`; written for TRL 1.16.

    trainer = GRPOTrainer(..., reward_funcs=VerifiedReward("localhost:50054", "humaneval"))

The data set has a column `task_id`. TRL calls a reward function with the prompts, completions and
columns of a batch, and leaves an answer out of the loss whose reward is None: so "mask" is possible
here. It imports nothing of TRL.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from rlvf_client.rewards.rewarder import Batch, Rewarder, RewardUnavailable
from rlvf_client.sdk.errors import InvalidArgument

__all__ = ["AsyncVerifiedReward", "VerifiedReward"]

Completion: TypeAlias = str | Sequence[Mapping[str, Any]]
"""Text, or the messages of a conversation."""


class _Adapter(Rewarder):
    """What both reward functions share; arguments as `Rewarder`."""

    __name__ = "verified"  # TRL's name of its metrics.

    def _batch(
        self, completions: Sequence[Completion], task_id: Sequence[object] | None
    ) -> tuple[Sequence[object], list[str]]:
        """The tasks and answers of a call."""
        if task_id is None:
            raise InvalidArgument(
                "task_id", "is not a column of the data set; add one with the ids of the problems"
            )
        return task_id, [_text(one) for one in completions]

    def _told(
        self,
        batch: Batch,
        log_metric: Callable[[str, float], None] | None,
        log_extra: Callable[[str, list[Any]], None] | None,
    ) -> list[float | None]:
        """The rewards; logs metrics and verdicts with TRL's functions."""
        if None in batch.rewards:
            _require_alone(log_metric)
        if log_metric is not None:
            for name, value in batch.metrics.items():
                log_metric(f"{self.__name__}/{name}", value)
        if log_extra is not None:
            rewards = batch.rewards
            log_extra("verdict", ["unavailable" if one is None else one.verdict for one in rewards])
            log_extra("detail", ["" if one is None else one.detail for one in rewards])
        return batch.values


class VerifiedReward(_Adapter):
    """A reward function that TRL calls and waits for. Arguments and errors as `Rewarder`."""

    def __call__(
        self,
        prompts: Sequence[object],
        completions: Sequence[Completion],
        *,
        task_id: Sequence[object] | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        log_extra: Callable[[str, list[Any]], None] | None = None,
        **columns: object,
    ) -> list[float | None]:
        """The rewards of a batch."""
        batch = self.grade(*self._batch(completions, task_id))
        return self._told(batch, log_metric, log_extra)


class AsyncVerifiedReward(_Adapter):
    """The same as a coroutine function, which TRL awaits together with other asynchronous ones."""

    async def __call__(
        self,
        prompts: Sequence[object],
        completions: Sequence[Completion],
        *,
        task_id: Sequence[object] | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        log_extra: Callable[[str, list[Any]], None] | None = None,
        **columns: object,
    ) -> list[float | None]:
        """The rewards of a batch."""
        batch = await self.grade_async(*self._batch(completions, task_id))
        return self._told(batch, log_metric, log_extra)


def _text(completion: Completion) -> str:
    """The answer; for a conversation, the text of its last message."""
    if isinstance(completion, str):
        return completion
    content = completion[-1].get("content") if completion else ""
    if content is None or isinstance(content, str):
        return content or ""  # None: a message of tool calls alone
    return "".join(str(part.get("text", "")) for part in content)


def _require_alone(log_metric: object) -> None:
    """Raise RewardUnavailable where TRL would not leave out a None.

    It adds up the rewards of all functions that gave one: with a second function, such as one for
    the format, a None would count as 0. `log_metric` is a method of the trainer, which knows its
    functions.
    """
    trainer = getattr(log_metric, "__self__", None)
    if len(getattr(trainer, "reward_funcs", ())) != 1:
        raise RewardUnavailable(
            "answers could not be graded, and a mask would count as a reward of 0: TRL leaves an "
            'answer out only where all reward functions give None; use unavailable="raise"'
        )
