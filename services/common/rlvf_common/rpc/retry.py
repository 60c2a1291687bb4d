"""Retries of calls, for all services and the experiment's driver.

Errors that may pass by themselves (`PASSING`) are retried; others are raised at once. The pauses
grow exponentially, with jitter so that a restarted server does not get all calls at the same
moment. A pause that a server asks for in its `RetryInfo` is made: up to the end of the patience,
when the last attempt begins, or up to the longest pause where there is no patience. Patience counts
from the first failure, so that a call that failed after minutes is retried as long as one that
failed at once.

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
    `attempts`; with neither there is no last attempt. A pause is longer than `longest_pause` only
    if the server asks for it, and if there is a patience. `before_retry` gets each failure that is
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

    plan = _Plan(
        shortest_pause.total_seconds(),
        longest_pause.total_seconds(),
        None if patience is None else patience.total_seconds(),
        attempts,
    )
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(on),
        wait=plan.pause,
        stop=plan.gives_up,
        before_sleep=None if before_retry is None else _told(before_retry),
        reraise=True,
    )
    return await retrying(attempt_again)


@dataclass(slots=True)
class _Plan:
    """When a call is tried again. Each retried call has its own instance."""

    shortest: float
    longest: float
    patience: float | None
    attempts: int | None
    first_failure: float | None = field(default=None, init=False)

    def pause(self, state: RetryCallState) -> float:
        """Seconds before the next attempt."""
        grown = wait_exponential(multiplier=self.shortest, max=self.longest)(state)
        # A server that asks for a pause is not asked before it has passed.
        asked_for = _asked_for(_failure(state)) * random.uniform(1.0, max(_JITTER))
        return max(grown * random.uniform(*_JITTER), min(asked_for, self._left(state)))

    def gives_up(self, state: RetryCallState) -> bool:
        """Whether there is no next attempt; called after `pause`."""
        if self.attempts is not None and state.attempt_number >= self.attempts:
            return True
        return self.patience is not None and state.upcoming_sleep > self._left(state)

    def _left(self, state: RetryCallState) -> float:
        """Seconds in which the next attempt may begin; the longest pause if there is no
        patience."""
        now = state.outcome_timestamp
        assert now is not None
        if self.first_failure is None:
            self.first_failure = now
        return self.longest if self.patience is None else self.first_failure + self.patience - now


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
