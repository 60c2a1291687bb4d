"""The adapter for verl: its arguments and its results."""

import asyncio
import inspect
from typing import Any

import grpc
import pytest

from rlvf_client.rewards import RewardUnavailable
from rlvf_client.rewards.verl import compute_score, compute_score_batch, compute_score_sync
from rlvf_client.sdk import errors

from .conftest import FakeEvaluator


def _call(fake: FakeEvaluator, answer: str, **more: Any) -> dict[str, Any]:
    """As the reward loop calls, with the `reward_kwargs` of a configuration."""
    return {
        "data_source": "source",
        "solution_str": answer,
        "ground_truth": "t/0",
        "extra_info": {"num_turns": 2},
        "address": fake.address,
        "patience_seconds": 0,
        **more,
    }


async def test_answers_are_rewarded_one_by_one(fake: FakeEvaluator) -> None:
    assert inspect.iscoroutinefunction(compute_score)
    found = await asyncio.gather(
        compute_score(**_call(fake, "passed")), compute_score(**_call(fake, "timeout"))
    )
    assert list(found) == [
        {"score": 1, "acc": 1, "verdict": "passed"},
        {"score": 0, "acc": 0, "verdict": "timeout"},
    ]
    assert {header.benchmark for header in fake.headers} == {"source"}


def test_settings_are_those_of_the_configuration(fake: FakeEvaluator) -> None:
    more = {"problems": "b", "credit": True, "extract": False, "failed": -1.0}
    found = compute_score_sync(**_call(fake, "2/5", **more))
    assert found["score"] == pytest.approx(-0.2)
    [header] = fake.headers
    assert (header.benchmark, header.credit, header.extract) == ("b", True, False)


def test_the_task_is_in_the_extra_information_or_the_ground_truth(fake: FakeEvaluator) -> None:
    told = {"ground_truth": "42", "extra_info": {"task_id": "t/1"}}
    assert compute_score_sync(**_call(fake, "passed", **told))["score"] == 1
    with pytest.raises(errors.InvalidArgument, match=r"extra_info\.task_id: is required"):
        compute_score_sync(**_call(fake, "passed", ground_truth=None))


def test_a_batch_of_several_sources_keeps_its_order(fake: FakeEvaluator) -> None:
    found = compute_score_batch(
        data_sources=["a", "b", "a"],
        solution_strs=["passed", "failed", "memory"],
        ground_truths=["t/0", "t/1", "t/0"],
        extra_infos=[{}, None, {}],
        address=fake.address,
    )
    assert [one["verdict"] for one in found] == ["passed", "failed", "memory"]
    assert [header.benchmark for header in fake.headers] == ["a", "b"]


def test_what_cannot_be_graded_is_raised(fake: FakeEvaluator) -> None:
    fake.breaks = [(grpc.StatusCode.UNAVAILABLE, 0)]
    with pytest.raises(RewardUnavailable):
        compute_score_sync(**_call(fake, "passed"))


def test_an_address_is_required(fake: FakeEvaluator) -> None:
    with pytest.raises(errors.InvalidArgument, match=r"reward_kwargs\.address: is required"):
        compute_score_sync(**_call(fake, "passed", address=""))
