"""Grades answers that a trainer hands over one by one in batches."""

import asyncio
import threading
import time
from concurrent.futures import Future
from datetime import timedelta

from rlvf_client.rewards.rewarder import Reward, Rewarder
from rlvf_client.sdk.errors import EvaluatorError

__all__ = ["Coalescer"]

WINDOW = timedelta(milliseconds=5)
"""About the overhead of a call (tests/bench/rewards.py)."""


class Coalescer:
    """Grades answers that arrive within `window` after a first one in one call of a Rewarder.

    A slow batch does not delay later ones: each has its own call. Each answer raises its own error,
    one of `Rewarder.grade`; an answer that cannot be graded always raises.
    """

    def __init__(self, rewarder: Rewarder, window: timedelta = WINDOW) -> None:
        self._rewarder = rewarder
        self._window_seconds = window.total_seconds()
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, str, Future[Reward]]] = []

    def grade(self, task_id: object, answer: str) -> Reward:
        """The reward of an answer; blocks."""
        return self._submitted(task_id, answer).result()

    async def grade_async(self, task_id: object, answer: str) -> Reward:
        """The reward of an answer, awaited. Cancelling it does not end its batch."""
        return await asyncio.wrap_future(self._submitted(task_id, answer))

    def _submitted(self, task_id: object, answer: str) -> Future[Reward]:
        future: Future[Reward] = Future()
        with self._lock:
            self._waiting.append((str(task_id), answer, future))
            is_first = len(self._waiting) == 1
        if is_first:
            threading.Thread(target=self._grade_soon, name="rlvf-rewards", daemon=True).start()
        return future

    def _grade_soon(self) -> None:
        time.sleep(self._window_seconds)
        with self._lock:
            waiting, self._waiting = self._waiting, []
        # Those that were cancelled meanwhile are not graded.
        batch = [one for one in waiting if one[2].set_running_or_notify_cancel()]
        try:
            outcomes, _ = self._rewarder.outcomes(
                [task_id for task_id, _, _ in batch], [answer for _, answer, _ in batch]
            )
        except BaseException as error:
            for _, _, future in batch:
                future.set_exception(error)
            return
        for (_, _, future), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, EvaluatorError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
