"""Calls that are made again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from grpc import StatusCode
from grpc.aio import AioRpcError, Metadata
from tenacity import AsyncRetrying, RetryCallState

from rlvf_api.errors import InvalidArgument, ResourceExhausted, RlvfError, Unavailable
from rlvf_common.rpc import retry
from rlvf_common.rpc.retry import retried


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, in seconds; none is waited for, and none has jitter."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(round(seconds, 3))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(retry, "_JITTER", (1.0, 1.0))
    return made


def failing_with(*failures: Exception) -> Callable[[], Awaitable[str]]:
    """A call that fails with these, one after the other, and then succeeds."""
    left = iter(failures)

    async def call() -> str:
        for failure in left:
            raise failure
        return "done"

    return call


def unreachable() -> Unavailable:
    return Unavailable("away", None)


async def test_pauses_grow_to_the_longest(pauses: list[float]) -> None:
    call = failing_with(*(unreachable() for _ in range(5)))
    assert await retried(call, longest_pause=timedelta(seconds=0.5)) == "done"
    assert pauses == [0.1, 0.2, 0.4, 0.5, 0.5]


async def test_the_server_is_left_alone_as_long_as_it_asks(pauses: list[float]) -> None:
    full = ResourceExhausted("full", timedelta(seconds=3))
    assert await retried(failing_with(full, unreachable())) == "done"
    assert pauses == [3.0, 0.2]


async def test_no_pause_is_longer_than_the_longest(pauses: list[float]) -> None:
    full = ResourceExhausted("full", timedelta(hours=3))
    await retried(failing_with(full), longest_pause=timedelta(seconds=5))
    assert pauses == [5.0]


async def test_what_does_not_pass_is_raised_at_once(pauses: list[float]) -> None:
    with pytest.raises(InvalidArgument):
        await retried(failing_with(InvalidArgument("seed", "is negative")))
    assert pauses == []


async def test_a_grpc_failure_is_tried_again_as_the_error_that_it_means(
    pauses: list[float],
) -> None:
    away = AioRpcError(StatusCode.UNAVAILABLE, Metadata(), Metadata(), "away")
    wrong = AioRpcError(StatusCode.NOT_FOUND, Metadata(), Metadata(), "no such task")
    with pytest.raises(RlvfError, match="no such task") as raised:
        await retried(failing_with(away, wrong))
    assert raised.value.code is StatusCode.NOT_FOUND
    assert len(pauses) == 1


async def test_patience_ends_before_a_pause_that_would_outlast_it(pauses: list[float]) -> None:
    last = Unavailable("the fourth", None)
    call = failing_with(unreachable(), unreachable(), unreachable(), last)
    with pytest.raises(Unavailable, match="the fourth"):
        await retried(call, patience=timedelta(seconds=0.5))
    assert pauses == [0.1, 0.2, 0.4]


@pytest.mark.parametrize("jitter", [0.75, 1.25])
async def test_no_jitter_shortens_what_the_server_asks_for(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch, jitter: float
) -> None:
    monkeypatch.setattr(retry, "_JITTER", (0.75, 1.25))
    # What is drawn is the lowest, or the highest.
    drawn: dict[float, Callable[[float, float], float]] = {0.75: min, 1.25: max}
    monkeypatch.setattr(random, "uniform", drawn[jitter])
    full = ResourceExhausted("full", timedelta(seconds=60))
    call = failing_with(unreachable(), full)
    assert await retried(call, patience=timedelta(minutes=3)) == "done"
    assert pauses == ([0.075, 60.0] if jitter < 1 else [0.125, 75.0])


async def test_the_last_attempt_begins_when_the_patience_ends(pauses: list[float]) -> None:
    full = ResourceExhausted("full", timedelta(hours=3))
    assert await retried(failing_with(full), patience=timedelta(seconds=10)) == "done"
    assert pauses == [10.0]


def test_patience_counts_from_the_first_failure() -> None:
    plan = retry._Plan(shortest=0.1, longest=5.0, patience=10.0, attempts=None)

    def fails_at(seconds: float) -> bool:
        state = RetryCallState(AsyncRetrying(), None, (), {})
        state.start_time = 0.0
        state.outcome_timestamp = seconds
        state.upcoming_sleep = 1.0
        return plan.gives_up(state)

    assert [fails_at(900.0), fails_at(909.0), fails_at(909.5)] == [False, False, True]


async def test_attempts_are_counted_and_told(pauses: list[float]) -> None:
    told: list[str] = []
    failures = [Unavailable(f"number {number}") for number in range(1, 4)]
    with pytest.raises(Unavailable, match="number 3"):
        await retried(
            failing_with(*failures),
            attempts=3,
            before_retry=lambda error: told.append(str(error)),
        )
    assert told == ["number 1", "number 2"]
