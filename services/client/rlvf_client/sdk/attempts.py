"""Retries of a call: time limits, the pauses between attempts, and when to give up."""

import logging
import random
import threading
import time
from contextvars import Context, ContextVar, copy_context
from datetime import timedelta
from typing import Protocol

import grpc

from rlvf_api.errors import from_rpc_error
from rlvf_client.sdk.diagnosis import Diagnosis
from rlvf_client.sdk.errors import (
    Cancelled,
    DeadlineExceeded,
    EvaluatorError,
    FailedPrecondition,
    InvalidArgument,
    Unavailable,
)

__all__ = ["STOP", "Attempts", "Stop", "stoppable"]

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0
_FOR_EVER = float("inf")
_PASSED = "Deadline Exceeded"

log = logging.getLogger("rlvf_client")


class _Call(Protocol):
    def cancel(self) -> object: ...


class Stop:
    """Ends a method of the client that another thread runs: its call, or its pause."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._call: _Call | None = None

    def stop(self) -> None:
        """End it with Cancelled."""
        self._stopped.set()
        if self._call is not None:
            self._call.cancel()

    def watch(self, call: _Call) -> None:
        """Set the call that runs from now on."""
        self._call = call
        if self._stopped.is_set():
            call.cancel()

    def pause(self, seconds: float) -> None:
        """Sleep; raise Cancelled when stopped."""
        if self._stopped.wait(seconds):
            raise Cancelled("the caller stopped the call")


STOP: ContextVar[Stop | None] = ContextVar("STOP", default=None)
"""The Stop of the method that runs in this context; None: it cannot be stopped."""


def stoppable() -> tuple[Stop, Context]:
    """A new context, and the Stop of the calls that are made in it."""
    stop, context = Stop(), copy_context()
    context.run(STOP.set, stop)
    return stop, context


class Attempts:
    """The attempts of one call. All of them together take at most `timeout`.

    Raises InvalidArgument where `patience` or `timeout` is no timedelta.
    """

    def __init__(
        self, patience: timedelta, timeout: timedelta | None, diagnosis: Diagnosis
    ) -> None:
        self._diagnosis = diagnosis
        self._patience_seconds = _seconds("patience", patience)
        self._ends_at = (
            None if timeout is None else time.monotonic() + max(0.0, _seconds("timeout", timeout))
        )
        self.stop = STOP.get() or Stop()
        self.progress()

    def progress(self) -> None:
        """Reset patience and pauses after progress."""
        self._give_up_at = time.monotonic() + self._patience_seconds
        self._pause = _FIRST_PAUSE_SECONDS

    def left(self) -> timedelta | None:
        """What is left of the timeout, for a part of the call.

        Raises:
            DeadlineExceeded: the timeout has passed.
        """
        return None if self._ends_at is None else timedelta(seconds=self.seconds(_FOR_EVER))

    def seconds(self, most: float) -> float:
        """How long the next attempt may take, at most `most`.

        Raises:
            DeadlineExceeded: the timeout has passed.
        """
        if self._ends_at is None:
            return most
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise self._too_late()
        return min(most, left)

    def pause_or_raise(self, error: EvaluatorError) -> None:
        """Sleep as long as the service asks, but at least the backoff. Raises `error` when the
        patience or the timeout is exhausted, and FailedPrecondition where a retry cannot help."""
        if why := self._diagnosis.cannot_be_used(error.message):
            raise FailedPrecondition(why) from error
        asked_for = error.retry_after.total_seconds() if error.retry_after else 0.0
        pause = max(self._pause * random.uniform(0.75, 1.25), asked_for * random.uniform(1.0, 1.25))
        until = time.monotonic() + pause
        if until > self._give_up_at or (self._ends_at is not None and until > self._ends_at):
            why = self._diagnosis.cannot_be_reached(error.message)
            raise (Unavailable(why) if why else error) from error.__cause__
        if self._pause == _FIRST_PAUSE_SECONDS:
            left = self._give_up_at - time.monotonic()
            log.warning(
                "%s: %s; trying again, for %.0f s", self._diagnosis.address, error.message, left
            )
        self.stop.pause(pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)

    def failure(self, error: grpc.RpcError) -> EvaluatorError:
        """The error of a call, as the SDK raises it."""
        found = from_rpc_error(error)
        # gRPC's own message, which says no more; a service's names what took too long.
        return self._too_late() if _PASSED in found.message else found

    def _too_late(self) -> DeadlineExceeded:
        if self._ends_at is None:
            return DeadlineExceeded("the service did not answer in time; ask its operator")
        return DeadlineExceeded(
            "the call did not end within its `timeout`; repeat it with a longer one"
        )

    def pause_or_raise_rpc(self, error: grpc.RpcError) -> None:
        """As `pause_or_raise`, for the error of a call; errors other than Unavailable are
        raised."""
        failure = self.failure(error)
        if not isinstance(failure, Unavailable):
            raise failure from error
        failure.__cause__ = error
        self.pause_or_raise(failure)


def _seconds(name: str, given: object) -> float:
    if not isinstance(given, timedelta):
        raise InvalidArgument(name, f"must be a timedelta, such as timedelta(minutes=5): {given!r}")
    return given.total_seconds()
