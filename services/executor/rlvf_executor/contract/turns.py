"""On which cores the processes of a slot run, and who goes first. Standard library only.

The processes of a slot take turns: supervisor, zygote, candidate, judge. On one core a turn passes
without waking another core up, and finds in the caches what the last one left there; and under
SCHED_BATCH a candidate answers all the calls that it was sent before the judge reads the first
answer (sched(7)). Together they save a tenth of the CPU time of a small grading.
"""

import contextlib
import os


def take(core: int | None) -> None:
    """Has this process, and all that it will start, run on `core`, each until it waits.

    On any core where it is None.
    """
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        if core is not None:
            os.sched_setaffinity(0, {core})


class Turns:
    """Of a supervisor: it takes turns with the processes of its slot while jobs are short."""

    def __init__(self, core: int | None) -> None:
        self._core = core
        self._cores = os.sched_getaffinity(0)
        self._on_time = True

    def take(self) -> None:
        """A job begins."""
        if self._on_time:
            take(self._core)
            self._on_time = False

    def be_on_time(self) -> None:
        """The job takes longer: whatever its processes do, its limits are to be enforced."""
        if not self._on_time:
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._cores)
                os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            self._on_time = True
