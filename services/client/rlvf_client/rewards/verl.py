"""Reward functions for verl, named in its configuration; written for verl 0.9.1:

    reward.custom_reward_function.path=pkg://rlvf_client.rewards.verl
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.address=localhost:50054
    +reward.custom_reward_function.reward_kwargs.problems=mine.jsonl

A row's task is `extra_info["task_id"]`, or else its `ground_truth`. `problems` is a benchmark's
name or a JSON Lines file, by default the row's `data_source`; the token is the variable
RLVF_AUTH_TOKEN of the reward workers. Further `reward_kwargs` are arguments of `Rewarder`, times in
seconds: `extract`, `credit`, `passed`, `failed`, `ca`, `patience_seconds`, `timeout_seconds`.

verl masks no answer: one that cannot be graded raises. Its reward managers `naive`, `dapo` and
`batch` then stop the training, which resumes from its checkpoint; do not use `prime` and
`rate_limited`, which turn every error into a 0. It imports nothing of verl.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from rlvf_client.rewards.coalescing import Coalescer
from rlvf_client.rewards.rewarder import PATIENCE, Reward, Rewarder
from rlvf_client.sdk.errors import InvalidArgument

__all__ = ["Score", "compute_score", "compute_score_batch", "compute_score_sync"]

_FILES = (".jsonl", ".jsonl.gz")
_EMPTY: Mapping[str, object] = {}


class Score(TypedDict):
    """The result that verl expects: the reward, and values that it logs and dumps with it."""

    score: float
    acc: float
    """1 if the answer passed all tests, else 0."""
    verdict: str


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: object,
    extra_info: Mapping[str, object] | None = None,
    *,
    reward_router_address: object = None,
    reward_model_tokenizer: object = None,
    **settings: Any,
) -> Score:
    """The reward of an answer, for the reward loop. Answers that come at about the same time are
    graded in one call; errors are those of `Rewarder.grade`.

    Raises:
        TypeError: `settings` has an argument that Rewarder does not have.
    """
    coalescer = _coalescer(data_source, settings)
    task_id = _task_id(ground_truth, extra_info)
    return _score(await coalescer.grade_async(task_id, solution_str))


def compute_score_sync(
    data_source: str,
    solution_str: str,
    ground_truth: object,
    extra_info: Mapping[str, object] | None = None,
    *,
    reward_router_address: object = None,
    reward_model_tokenizer: object = None,
    **settings: Any,
) -> Score:
    """As `compute_score`, for a reward manager that calls from its threads."""
    coalescer = _coalescer(data_source, settings)
    return _score(coalescer.grade(_task_id(ground_truth, extra_info), solution_str))


def compute_score_batch(
    data_sources: Sequence[str],
    solution_strs: Sequence[str],
    ground_truths: Sequence[object],
    extra_infos: Sequence[Mapping[str, object] | None],
    **settings: Any,
) -> list[Score]:
    """The rewards of a batch, for the reward manager `batch`; errors as `compute_score`."""
    places: dict[str, list[int]] = {}
    for place, data_source in enumerate(data_sources):
        places.setdefault(str(data_source), []).append(place)
    scores: dict[int, Score] = {}
    for data_source, of_source in places.items():
        batch = _rewarder(data_source, settings).grade(
            [_task_id(ground_truths[place], extra_infos[place]) for place in of_source],
            [solution_strs[place] for place in of_source],
        )
        for place, reward in zip(of_source, batch.rewards, strict=True):
            assert reward is not None, "nothing is masked"
            scores[place] = _score(reward)
    return [scores[place] for place in range(len(scores))]


def _score(reward: Reward) -> Score:
    return Score(score=reward.value, acc=float(reward.verdict == "passed"), verdict=reward.verdict)


def _task_id(ground_truth: object, extra_info: Mapping[str, object] | None) -> str:
    found = (extra_info or _EMPTY).get("task_id", ground_truth)
    if not isinstance(found, str | int) or found == "":
        raise InvalidArgument(
            "extra_info.task_id", "is required, or the task's id as the row's ground_truth"
        )
    return str(found)


def _coalescer(data_source: str, settings: Mapping[str, Any]) -> Coalescer:
    return _made_coalescer(str(data_source), tuple(sorted(settings.items())))


def _rewarder(data_source: str, settings: Mapping[str, Any]) -> Rewarder:
    return _made_rewarder(str(data_source), tuple(sorted(settings.items())))


@cache
def _made_coalescer(data_source: str, settings: tuple[tuple[str, Any], ...]) -> Coalescer:
    return Coalescer(_made_rewarder(data_source, settings))


@cache
def _made_rewarder(data_source: str, settings: tuple[tuple[str, Any], ...]) -> Rewarder:
    """One for each configuration of a process."""
    given = dict(settings)
    if not given.get("address"):
        raise InvalidArgument(
            "custom_reward_function.reward_kwargs.address",
            "is required: host:port of the evaluator",
        )
    problems = given.pop("problems", None) or data_source
    timeout = given.pop("timeout_seconds", None)
    return Rewarder(
        given.pop("address"),
        Path(problems) if problems.endswith(_FILES) else problems,
        patience=timedelta(seconds=given.pop("patience_seconds", PATIENCE.total_seconds())),
        timeout=None if timeout is None else timedelta(seconds=timeout),
        **given,
    )
