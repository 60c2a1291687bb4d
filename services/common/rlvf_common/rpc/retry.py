"""Retries of calls, for all services and the experiment's driver.

Errors that may pass by themselves (`PASSING`) are retried; others are raised at once. The pauses
grow exponentially, with jitter so that a restarted server does not get all calls at the same
moment, and are at least what the server asks for in its `RetryInfo`. Patience counts from the first
failure, so that a call that failed after minutes is retried as long as one that failed at once.

Three loops do not use this: the SDK's, which may import only grpcio and protobuf; the polling of
operations; and that of S3, where urllib3 retries.
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
    """The result of `call`, which is repeated while it fails with one of the errors `on`.

    The last attempt begins at most `patience` after the first failure, and is at most number
    `attempts`; with neither there is no last attempt. `before_retry` gets each failure that is
    retried.

    Raises:
        RlvfError: a gRPC call failed for the last time, or with an error not in `on`.
        Exception: `call` raised another exception, likewise.
    """

    async def attempt() -> ResultT:
        try:
            return await call()
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None

    # Most calls succeed at once, and tenacity adds 50 us to a call.
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
    """Whether to give up after the latest failure. Each retried call has its own instance."""

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
    """Seconds after which the server asks to retry; 0 if it does not."""
    if isinstance(failure, RlvfError) and failure.retry_after is not None:
        return failure.retry_after.total_seconds()
    return 0.0
