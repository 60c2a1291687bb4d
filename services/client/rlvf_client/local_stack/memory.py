"""Measures the memory of processes and all their descendants, for progress reports."""

import os
import threading
import time
from contextlib import suppress

import psutil

_INTERVAL_SECONDS = 2.0
_SHARE_OF_A_CORE = 0.01


class Memory:
    """Samples the proportional set size (shared pages counted once) of this process, of another
    one, `root`, and of all their descendants, as a context manager.

    Samples are two seconds apart, or more where sampling would take more than a hundredth of a
    core: the kernel walks all pages for it. A peak between two samples is missed.
    """

    def __init__(self, root: int | None = None) -> None:
        self.now = 0
        """Bytes at the last sample; 0 before the first."""
        self.peak = 0
        """Bytes, the maximum of all samples."""
        self._roots = {os.getpid(), root or os.getpid()}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            began = time.thread_time()
            self.now = sum(map(_pss, self._processes()))
            self.peak = max(self.peak, self.now)
            spent = time.thread_time() - began
            pause = max(_INTERVAL_SECONDS, spent / _SHARE_OF_A_CORE)

    def _processes(self) -> set[psutil.Process]:
        found: set[psutil.Process] = set()
        for root in self._roots:
            with suppress(psutil.Error):
                process = psutil.Process(root)
                found |= {process, *process.children(recursive=True)}
        return found


def _pss(process: psutil.Process) -> int:
    """Proportional set size in bytes; 0 when the process has ended."""
    with suppress(psutil.Error, OSError), open(f"/proc/{process.pid}/smaps_rollup") as rollup:
        for line in rollup:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
