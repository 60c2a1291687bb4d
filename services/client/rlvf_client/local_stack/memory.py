"""Measures the peak memory of this process and all its descendants."""

import threading
from contextlib import suppress

import psutil

_INTERVAL_SECONDS = 2.0


class PeakMemory:
    """Samples the proportional set size (shared pages counted once) of a process tree, as a
    context manager.

    It misses peaks between two samples, which are two seconds apart.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while True:
            self.bytes = max(self.bytes, sum(map(_pss, [me, *me.children(recursive=True)])))
            if self._stop.wait(_INTERVAL_SECONDS):
                return


def _pss(process: psutil.Process) -> int:
    """Proportional set size in bytes; 0 when the process has ended."""
    with suppress(psutil.Error, OSError), open(f"/proc/{process.pid}/smaps_rollup") as rollup:
        for line in rollup:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
