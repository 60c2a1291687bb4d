"""A scorer for inspect_ai; written for version 0.3.285.

    Task(dataset=..., solver=generate(), scorer=verified("localhost:50054", "humaneval"))

The task is the sample's `metadata["task_id"]`, or else its `id`. An answer that cannot be graded is
an error of its sample, which inspect retries by `retry_on_error`; with "mask" it is unscored, which
no metric counts.
"""

from typing import Any

from rlvf_client.rewards.coalescing import Coalescer
from rlvf_client.rewards.rewarder import Rewarder, RewardUnavailable
from rlvf_client.sdk.own_problems import Problems

__all__ = ["verified"]


def verified(address: str, problems: str | Problems, **arguments: Any) -> Any:
    """A scorer whose metrics are `accuracy` and `stderr`. Samples that end at about the same time
    are graded in one call; `arguments` are those of `Rewarder`. inspect writes none of them into
    its log.

    Raises:
        ImportError: inspect_ai is not installed.
        InvalidArgument: as `Rewarder`.
    """
    from inspect_ai.scorer import Score, accuracy, scorer, stderr

    rewarder = Rewarder(address, problems, **arguments)
    coalescer = Coalescer(rewarder)

    # inspect logs the arguments of this function, of which there are none.
    @scorer(metrics=[accuracy(), stderr()], name="verified")  # type: ignore[untyped-decorator]
    def registered() -> Any:
        async def score(state: Any, target: Any) -> Any:
            task_id = state.metadata.get("task_id", state.sample_id)
            answer = state.output.completion
            try:
                found = await coalescer.grade_async(task_id, answer)
            except RewardUnavailable as error:
                if rewarder.unavailable == "raise":
                    raise
                return Score.unscored(
                    reason="scoring_failed", answer=answer, explanation=error.message
                )
            return Score(
                value=found.value,
                answer=answer,
                explanation=found.detail or None,
                metadata={"verdict": found.verdict, "credit": found.credit},
            )

        return score

    return registered()
