"""What is tried again, and how: the one retry of all services and of the experiment's driver.

Retried is what may pass by itself (`PASSING`); every other error is raised at once. The pauses grow
exponentially, with jitter so that a restarted server does not get all calls at the same moment, and
are at least what the server asks for in its `RetryInfo`. Patience counts from the first failure:
a call that was answered after minutes by a failure is tried again as long as one that failed at
once.

Three loops are none of this: the SDK's, which may need nothing but grpcio and protobuf; the polling
of operations and of Kubernetes jobs, where an answer is awaited, not a success; and S3's, which
urllib3 retries itself.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import grpc
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from rlvf_api.errors import (
    DeadlineExceeded,
    ResourceExhausted,
    RlvfError,
    Unavailable,
    from_rpc_error,
)

__all__ = ["PASSING", "retried"]

PASSING: tuple[type[Exception], ...] = (Unavailable, ResourceExhausted, DeadlineExceeded)
"""Failures that may pass by themselves."""

_SHORTEST_PAUSE = timedelta(milliseconds=100)
_LONGEST_PAUSE = timedelta(seconds=5)
_JITTER = (0.75, 1.25)

ResultT = TypeVar("ResultT")


async def retried(
    call: Callable[[], Awaitable[ResultT]],
    *,
    on: tuple[type[Exception], ...] = PASSING,
    patience: timedelta | None = None,
    attempts: int | None = None,
    shortest_pause: timedelta = _SHORTEST_PAUSE,
    longest_pause: timedelta = _LONGEST_PAUSE,
    before_retry: Callable[[BaseException], None] | None = None,
) -> ResultT:
    """The result of `call`, which is made again while it fails with one of the errors `on`.

    It is given up when the next attempt would begin later than `patience` after the first failure,
    or after `attempts` calls; with neither, never. `before_retry` is told each failure after which
    the call is made again.

    Raises:
        RlvfError: a call of gRPC failed with it, the last time or with none of `on`.
        Exception: whatever else `call` raised, likewise.
    """

    async def attempt() -> ResultT:
        try:
            return await call()
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None

    # Most calls succeed at once, and tenacity takes 50 us of a call.
    try:
        return await attempt()
    except on as error:
        seen: list[Exception] = [error]

    async def attempt_again() -> ResultT:
        if seen:
            raise seen.pop()
        return await attempt()

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(on),
        wait=_Pauses(shortest_pause.total_seconds(), longest_pause.total_seconds()),
        stop=_GivesUp(None if patience is None else patience.total_seconds(), attempts),
        before_sleep=None if before_retry is None else _told(before_retry),
        reraise=True,
    )
    return await retrying(attempt_again)


@dataclass(frozen=True, slots=True)
class _Pauses:
    """Seconds before the next attempt."""

    shortest: float
    longest: float

    def __call__(self, state: RetryCallState) -> float:
        pause = wait_exponential(multiplier=self.shortest, max=self.longest)(state)
        asked_for = _asked_for(_failure(state))
        return min(max(pause, asked_for), self.longest) * random.uniform(*_JITTER)


@dataclass(slots=True)
class _GivesUp:
    """Whether the failure just seen is the last. One for each call that is retried."""

    patience: float | None
    attempts: int | None
    first_failure: float | None = field(default=None, init=False)

    def __call__(self, state: RetryCallState) -> bool:
        now = state.outcome_timestamp
        assert now is not None
        if self.first_failure is None:
            self.first_failure = now
        if self.attempts is not None and state.attempt_number >= self.attempts:
            return True
        waited = now + state.upcoming_sleep - self.first_failure
        return self.patience is not None and waited > self.patience


def _told(before_retry: Callable[[BaseException], None]) -> Callable[[RetryCallState], None]:
    return lambda state: before_retry(_failure(state))


def _failure(state: RetryCallState) -> BaseException:
    assert state.outcome is not None
    failure = state.outcome.exception()
    assert failure is not None
    return failure


def _asked_for(failure: BaseException) -> float:
    """Seconds after which the server wants to be tried again; 0 where it does not say."""
    if isinstance(failure, RlvfError) and failure.retry_after is not None:
        return failure.retry_after.total_seconds()
    return 0.0
