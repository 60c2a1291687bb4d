"""Retries of a call: time limits, the pauses between attempts, and when to give up."""

import random
import re
import threading
import time
from contextvars import Context, ContextVar, copy_context
from datetime import timedelta
from typing import Protocol

import grpc

from rlvf_api.errors import from_rpc_error
from rlvf_client.sdk.errors import (
    Cancelled,
    DeadlineExceeded,
    EvaluatorError,
    FailedPrecondition,
    Unavailable,
)

__all__ = ["STOP", "Attempts", "Stop", "stoppable"]

_LONGEST_PAUSE_SECONDS = 10.0
_FOR_EVER = float("inf")
# Messages of gRPC where retrying a call cannot help, and what they mean.
_CANNOT_HELP = (
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not of the authority `ca`"),
    ("Hostname Verification Check failed", "its certificate is of another host"),
    ("WRONG_VERSION_NUMBER", "it does not use TLS, which `ca` or https:// asks for"),
    ("Domain name not found", "there is no such host"),
)
_NOT_CONNECTED = re.compile(
    r"(?:failed to connect to all addresses|connections to all backends failing); last error: "
    r"(?P<reason>.*)"
)


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
    """The attempts of one call. All of them together take at most `timeout`. `advice` is what to
    check where the service cannot be reached."""

    def __init__(self, patience: timedelta, timeout: timedelta | None, advice: str) -> None:
        self._advice = advice
        self._patience_seconds = patience.total_seconds()
        self._ends_at = (
            None if timeout is None else time.monotonic() + max(0.0, timeout.total_seconds())
        )
        self.stop = STOP.get() or Stop()
        self.progress()

    def progress(self) -> None:
        """Reset patience and pauses after progress."""
        self._give_up_at = time.monotonic() + self._patience_seconds
        self._pause = 0.2

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
            raise DeadlineExceeded("the call did not end within `timeout`")
        return min(most, left)

    def pause_or_raise(self, error: EvaluatorError) -> None:
        """Sleep as long as the service asks, but at least the backoff. Raises `error` when the
        patience or the timeout is exhausted, and FailedPrecondition where a retry cannot help."""
        for said, meaning in _CANNOT_HELP:
            if said in error.message:
                raise FailedPrecondition(f"the evaluator cannot be used: {meaning}") from error
        asked_for = error.retry_after.total_seconds() if error.retry_after else 0.0
        pause = max(self._pause, asked_for) * random.uniform(0.75, 1.25)
        until = time.monotonic() + pause
        if until > self._give_up_at or (self._ends_at is not None and until > self._ends_at):
            raise self._final(error) from error.__cause__
        self.stop.pause(pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)

    def _final(self, error: EvaluatorError) -> EvaluatorError:
        """The error that ends the attempts."""
        found = _NOT_CONNECTED.fullmatch(error.message)
        if found is None:
            return error
        return Unavailable(f"the evaluator cannot be reached: {found['reason']}; {self._advice}")

    def pause_or_raise_rpc(self, error: grpc.RpcError) -> None:
        """As `pause_or_raise`, for the error of a call; errors other than Unavailable are
        raised."""
        failure = from_rpc_error(error)
        if not isinstance(failure, Unavailable):
            raise failure from error
        failure.__cause__ = error
        self.pause_or_raise(failure)
