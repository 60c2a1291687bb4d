"""Verdicts as rewards, where the service fails in the middle: against a fake evaluator."""

import asyncio
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import grpc
import pytest

from rlvf_client.rewards import Rewarder, RewardUnavailable
from rlvf_client.rewards.coalescing import Coalescer
from rlvf_client.sdk import errors

from .conftest import FakeEvaluator

_UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
_PATIENCE = timedelta(minutes=1)


def _patient(fake: FakeEvaluator, **arguments: Any) -> Rewarder:
    return Rewarder(fake.address, "b", **{"patience": _PATIENCE, **arguments})


def test_rewards_are_in_the_order_of_the_answers(rewarder: Rewarder) -> None:
    answers = ["failed", "passed", "timeout", "passed 2", "memory", "error"]
    batch = rewarder.grade(["t/0", "t/1"] * 3, answers)
    assert batch.values == [0, 1, 0, 1, 0, 0]
    assert [one and one.verdict for one in batch.rewards] == [one.split()[0] for one in answers]


def test_the_trainer_chooses_the_values(fake: FakeEvaluator) -> None:
    with _patient(fake, passed=2.0, failed=-1.0) as rewarder:
        assert rewarder.grade(["t/0", "t/0"], ["passed", "failed"]).values == [2, -1]


def test_credit_lies_between_and_is_only_given_where_it_is_asked_for(fake: FakeEvaluator) -> None:
    given = (["t/0", "t/0", "t/0"], ["2/5", "passed", "failed"])
    with _patient(fake, credit=True, passed=1.0, failed=-1.0) as rewarder:
        batch = rewarder.grade(*given)
    assert batch.values == pytest.approx([-0.2, 1, -1])
    assert [one and one.credit for one in batch.rewards] == [0.4, None, None]
    with _patient(fake) as rewarder:
        assert rewarder.grade(*given).values == [0, 1, 0]
    assert [header.credit for header in fake.headers] == [True, False]


def test_equal_answers_to_a_task_are_graded_once(fake: FakeEvaluator, rewarder: Rewarder) -> None:
    batch = rewarder.grade(["t/0", "t/0", "t/1", "t/0"], ["passed", "passed", "passed", "failed"])
    assert batch.values == [1, 1, 1, 0]
    assert fake.sent == [["passed", "passed", "failed"]]


def test_a_broken_call_is_repeated_with_what_is_left(fake: FakeEvaluator) -> None:
    fake.breaks = [(_UNAVAILABLE, 2), (_UNAVAILABLE, 0), (_UNAVAILABLE, 1)]
    with _patient(fake) as rewarder:
        batch = rewarder.grade(["t/0"] * 4, ["passed 1", "passed 2", "failed 3", "passed 4"])
    assert batch.values == [1, 1, 0, 1]
    assert [len(sent) for sent in fake.sent] == [4, 2, 2, 1]


def test_an_answer_without_a_verdict_has_no_reward(fake: FakeEvaluator) -> None:
    """It is 0 neither when it is raised nor when it is masked."""
    fake.breaks = [(_UNAVAILABLE, 2)] * 2
    given = (["t/0"] * 3, ["passed 1", "failed 2", "passed 3"])
    with (
        _patient(fake, patience=timedelta()) as rewarder,
        pytest.raises(RewardUnavailable, match="1 of 3 answers could not be graded"),
    ):
        rewarder.grade(*given)
    with _patient(fake, patience=timedelta(), unavailable="mask") as rewarder:
        batch = rewarder.grade(*given)
    assert batch.values == [None, 0, 1]
    assert batch.metrics["unavailable"] == pytest.approx(1 / 3)


def test_a_deadline_leaves_what_was_graded_before_it(fake: FakeEvaluator) -> None:
    fake.breaks = [(_UNAVAILABLE, 1)] * 100
    arguments = {"timeout": timedelta(seconds=0.5), "unavailable": "mask"}
    with _patient(fake, **arguments) as rewarder:
        assert 1.0 in rewarder.grade(["t/0"] * 9, [f"passed {n}" for n in range(9)]).values
    fake.never_answers = True
    with _patient(fake, **arguments) as rewarder:
        assert rewarder.grade(["t/0"], ["passed"]).values == [None]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, errors.Unauthenticated),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, errors.ResourceExhausted),
        (grpc.StatusCode.NOT_FOUND, errors.NotFound),
        (grpc.StatusCode.FAILED_PRECONDITION, errors.FailedPrecondition),
    ],
)
def test_what_only_the_caller_can_correct_is_never_masked(
    fake: FakeEvaluator, status: grpc.StatusCode, kind: type[errors.EvaluatorError]
) -> None:
    fake.breaks = [(status, 0)]
    with (
        _patient(fake, patience=timedelta(), unavailable="mask") as rewarder,
        pytest.raises(kind),
    ):
        rewarder.grade(["t/0"], ["passed"])
    assert len(fake.sent) == 1


def test_a_task_that_does_not_exist_is_never_masked(fake: FakeEvaluator) -> None:
    with _patient(fake, unavailable="mask") as rewarder:
        for tasks in (["t/0", "nowhere"], ["nowhere", "nowhere"]):
            with pytest.raises(errors.InvalidArgument, match="is not a task"):
                rewarder.grade(tasks, ["passed", "failed"])


@pytest.mark.parametrize("others", [0, 1])
def test_an_answer_that_no_service_grades_has_failed(rewarder: Rewarder, others: int) -> None:
    """The model chose its length. Where no other answer is valid, the service refuses the call."""
    batch = rewarder.grade(["t/0"] * (1 + others), ["huge", "passed"][: 1 + others])
    found = batch.rewards[0]
    assert found is not None
    assert (found.value, found.verdict, found.detail) == (0, "invalid", "is too long")
    assert batch.values[1:] == [1] * others


def test_characters_that_are_not_text_are_graded_as_replacement_characters(
    fake: FakeEvaluator, rewarder: Rewarder
) -> None:
    assert rewarder.grade(["t/0"], ["passed \ud800"]).values == [1]
    assert fake.sent == [["passed \ufffd"]]


def test_without_answers_there_is_no_call(fake: FakeEvaluator, rewarder: Rewarder) -> None:
    assert rewarder.grade([], []).values == []
    assert fake.sent == []


def test_as_many_tasks_as_answers_are_needed(rewarder: Rewarder) -> None:
    with pytest.raises(errors.InvalidArgument, match="must be as many as the answers: 1 for 2"):
        rewarder.grade(["t/0"], ["passed", "failed"])


def test_metrics_are_shares_of_all_answers(rewarder: Rewarder) -> None:
    metrics = rewarder.grade(["t/0"] * 4, ["passed", "failed", "error", "error 2"]).metrics
    assert metrics.pop("seconds") > 0
    assert {name: share for name, share in metrics.items() if share} == {
        "passed": 0.25,
        "failed": 0.25,
        "error": 0.5,
        "unparseable": 0.5,
    }
    assert {"timeout", "memory", "invalid", "unavailable"} < set(metrics)


def test_the_token_is_that_of_the_environment(
    fake: FakeEvaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RLVF_AUTH_TOKEN", "theirs")
    for token in (None, "", "mine"):
        with _patient(fake, token=token) as rewarder:
            rewarder.grade(["t/0"], ["passed"])
    assert fake.tokens == ["Bearer theirs", None, "Bearer mine"]


def test_it_can_be_sent_to_another_process(rewarder: Rewarder) -> None:
    rewarder.grade(["t/0"], ["passed"])
    with pickle.loads(pickle.dumps(rewarder)) as again:
        assert again.grade(["t/0"], ["passed"]).values == [1]


def test_own_problems_are_stored_once_and_again_when_they_expired(fake: FakeEvaluator) -> None:
    with Rewarder(fake.address, ({"task_id": task} for task in ("t/0", "t/1"))) as rewarder:
        for _ in range(2):
            rewarder.grade(["t/0"], ["passed"])
        assert fake.problems == [b'{"task_id": "t/0"}\n{"task_id": "t/1"}\n']
        fake.breaks = [(grpc.StatusCode.FAILED_PRECONDITION, 0)]
        assert rewarder.grade(["t/0"], ["passed"]).values == [1]
        # What is wrong with them is not cured by storing them again and again.
        fake.breaks = [(grpc.StatusCode.FAILED_PRECONDITION, 0)] * 3
        with pytest.raises(errors.FailedPrecondition):
            rewarder.grade(["t/0"], ["passed"])
    names = [header.benchmark for header in fake.headers]
    assert names == ["sha256-1", "sha256-1", "sha256-1", "sha256-2", "sha256-2", "sha256-3"]


async def test_a_cancelled_call_ends_at_the_service(fake: FakeEvaluator) -> None:
    fake.never_answers = True
    with _patient(fake) as rewarder:
        work = asyncio.create_task(rewarder.grade_async(["t/0"], ["passed"]))
        while not fake.sent:
            await asyncio.sleep(0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        while not fake.cancelled:
            await asyncio.sleep(0)


def test_the_argument_unavailable_is_checked() -> None:
    with pytest.raises(errors.InvalidArgument, match='must be "raise" or "mask"'):
        Rewarder("localhost:1", "b", unavailable="zero")  # type: ignore[arg-type]


@pytest.fixture
def coalescer(rewarder: Rewarder) -> Coalescer:
    """A coalescer whose window is long enough for a busy machine."""
    return Coalescer(rewarder, timedelta(seconds=0.5))


async def test_answers_of_the_same_time_are_one_call(
    fake: FakeEvaluator, coalescer: Coalescer
) -> None:
    answers = [f"{'passed' if n % 3 else 'failed'} {n}" for n in range(50)]
    rewards = await asyncio.gather(*(coalescer.grade_async("t/0", one) for one in answers))
    assert [one.value for one in rewards] == [float(n % 3 > 0) for n in range(50)]
    assert len(fake.sent) == 1
    with ThreadPoolExecutor(9) as threads:
        later = list(threads.map(lambda one: coalescer.grade("t/1", one).value, answers[:9]))
    assert later == [float(n % 3 > 0) for n in range(9)]
    assert len(fake.sent) == 2


async def test_each_answer_has_its_own_error(fake: FakeEvaluator, coalescer: Coalescer) -> None:
    fake.breaks = [(_UNAVAILABLE, 2)]
    found = await asyncio.gather(
        coalescer.grade_async("t/0", "passed"),
        coalescer.grade_async("nowhere", "passed"),
        coalescer.grade_async("t/1", "passed"),
        return_exceptions=True,
    )
    kinds = [RewardUnavailable, errors.InvalidArgument]
    assert [type(one) for one in found[:2]] == kinds
    assert getattr(found[2], "value", None) == 1


async def test_every_answer_gets_an_error_of_the_call(
    fake: FakeEvaluator, coalescer: Coalescer
) -> None:
    fake.breaks = [(grpc.StatusCode.NOT_FOUND, 0)]
    found = await asyncio.gather(
        *(coalescer.grade_async("t/0", f"passed {n}") for n in range(3)), return_exceptions=True
    )
    assert [type(one) for one in found] == [errors.NotFound] * 3
