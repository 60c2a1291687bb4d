"""The jail of a worker as its supervisor holds it."""

import contextlib
import json
import math
import socket
import time

from rlvf_executor.contract import control, policy
from rlvf_executor.contract.cache import Cache
from rlvf_executor.contract.memory_files import memory_file
from rlvf_executor.contract.report import CALL_ENDED, Report
from rlvf_executor.supervisor import inmates, usage
from rlvf_executor.supervisor.cell import BaseCell, Setting


class WorkerFailed(Exception):
    """The worker has gone or was too slow. A forked judge has to repeat its work."""


class WorkerCell(BaseCell):
    """Runs one test at a time in a worker, and replaces the worker when it fails."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._worker_pid = 0
        # Mirrors the worker's cache, which keeps and drops the same tests in the same order.
        self._kept: Cache[None] = Cache(policy.WORKER_CACHE_BYTES)
        self._cpu_limit = 0.0
        self._cpu_seconds_before: float | None = None
        # Infinity when no test runs.
        self._next_look = math.inf

    def launch(self) -> None:
        """Starts the worker without waiting for it."""
        super().launch()
        self._kept = Cache(policy.WORKER_CACHE_BYTES)

    def submit(
        self, digest: bytes, cpu_limit: float, test: bytes, channel: int, first: int | None = None
    ) -> None:
        """Has a candidate judged by a test, or its cases counted from the number `first` on.

        `cpu_limit` in seconds; `channel` stays open. `digest` is that of `test`, under which the
        worker caches it. Raises WorkerFailed.
        """
        try:
            try:
                self._send(digest, test, channel, first)
            except OSError:  # It has exited because its memory had grown (`worker.py`).
                self.restart()
                self._send(digest, test, channel, first)
        except (OSError, inmates.JailError) as error:
            raise WorkerFailed(str(error)) from None
        self._cpu_limit = cpu_limit
        self._cpu_seconds_before = None
        self._plan_look()

    def _send(self, digest: bytes, test: bytes, channel: int, first: int | None) -> None:
        asked = digest if first is None else b"%b%d" % (digest, first)
        if digest in self._kept:
            control.send(self.control, asked, [channel])
            self._kept[digest]  # Marks it as used.
            return
        with contextlib.ExitStack() as files:
            control.send(self.control, asked, [channel, memory_file(test, files)])
        self._kept.keep(digest, None, len(test))

    def receive(self) -> Report:
        """The next report. Raises WorkerFailed when there is none."""
        try:
            data = self.control.recv(control.MAX_MESSAGE_BYTES)
        except OSError:
            data = b""
        if not data:
            raise WorkerFailed("it ended")
        report = Report(*json.loads(data))
        if report.kind != CALL_ENDED:
            self._next_look = math.inf
        return report

    def has_report(self) -> bool:
        """Whether `receive` would not wait."""
        try:
            self.control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:  # `receive` raises.
            return True
        return True

    def end_quietly(self) -> None:
        """Waits for the end of a test whose candidate was killed, or replaces the worker."""
        try:
            self.control.settimeout(policy.WORKER_LOOK_SECONDS)
            while self._next_look != math.inf:
                self.receive()
            self.control.settimeout(None)
        except WorkerFailed:
            self._next_look = math.inf
            with contextlib.suppress(inmates.JailError, OSError):
                self.restart()

    def seconds_to_look(self) -> float:
        """Seconds until `look` is due; infinity when no test runs."""
        return max(0.0, self._next_look - time.monotonic())

    def look(self) -> None:
        """Raises WorkerFailed when the test has used up its CPU time.

        The measurement starts at the first look: most tests have ended by then.
        """
        if time.monotonic() < self._next_look:
            return
        try:
            now = usage.cpu_seconds_of(self._worker_pid)
        except OSError:
            raise WorkerFailed("it has gone") from None
        if self._cpu_seconds_before is None:
            self._cpu_seconds_before = now
        if now - self._cpu_seconds_before >= self._cpu_limit:
            raise WorkerFailed("it reached its limit of CPU time")
        self._plan_look()

    def _plan_look(self) -> None:
        self._next_look = time.monotonic() + policy.WORKER_LOOK_SECONDS

    def wait_ready(self) -> None:
        """Waits for the worker that `launch` started; raises JailError."""
        super().wait_ready()
        self._worker_pid = self._pid()
