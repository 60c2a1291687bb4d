"""A reward for tasks of verifiers, on which prime-rl trains; written for verifiers 0.4.

    class CodeTask(vf.Task[vf.TaskData]):
        verified = verified_reward("localhost:50054", "humaneval")

A task's `id` is the id of its problem. The answer is the last reply. An answer that cannot be
graded fails its rollout, which is how verifiers treats failures of the infrastructure: the rollout
is retried with `--env.retries` or left out, and has no reward.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from rlvf_client.rewards.coalescing import Coalescer
from rlvf_client.rewards.rewarder import Rewarder
from rlvf_client.sdk.errors import InvalidArgument
from rlvf_client.sdk.own_problems import Problems

__all__ = ["verified_reward"]


def verified_reward(
    address: str, problems: str | Problems, *, weight: float = 1.0, **arguments: Any
) -> Callable[..., Coroutine[Any, Any, float]]:
    """A `@vf.reward` method for a class of tasks. Rollouts of about the same time are graded in one
    call. The trace gets the metric `tests_passed`, 0 or 1, and the verdict as `info["verified"]`;
    `arguments` are those of `Rewarder`.

    Raises:
        ImportError: verifiers is not installed.
        InvalidArgument: as `Rewarder`.
    """
    from verifiers.v1 import reward

    coalescer = Coalescer(Rewarder(address, problems, **arguments))

    # verifiers passes arguments by the names of the parameters.
    async def verified(self: object, task: Any, trace: Any) -> float:
        if not task.id:
            raise InvalidArgument("task.id", "is required: the id of the problem")
        found = await coalescer.grade_async(task.id, _reply(trace))
        trace.record_metric("tests_passed", float(found.verdict == "passed"))
        trace.info["verified"] = {
            "verdict": found.verdict,
            "detail": found.detail,
            "credit": found.credit,
        }
        return found.value

    marked: Callable[..., Coroutine[Any, Any, float]] = reward(weight=weight)(verified)
    return marked


def _reply(trace: Any) -> str:
    """As `Trace.last_reply`, but with leading white space, which the body of a function begins
    with."""
    if trace.root_reply is not None:
        return str(trace.root_reply)
    messages = trace.assistant_messages
    return str(messages[-1].content or "") if messages else ""
