"""Core and scheduling of the processes of a slot. Standard library only.

Supervisor, zygote, candidate and judge work in turns. On one core a turn passes without waking
another core, and the data are still in its caches; under SCHED_BATCH (sched(7)) a candidate answers
all calls that it was sent before the judge reads the first answer. Together this saves a tenth of
the CPU time of a small grading.
"""

import contextlib
import os


def take(core: int | None) -> None:
    """Runs this process and those that it will start on `core`, under SCHED_BATCH.

    None: on any core.
    """
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        if core is not None:
            os.sched_setaffinity(0, {core})


class Turns:
    """Of a supervisor: has it share the core of its slot while jobs are short."""

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
        """The job takes longer: its limits must be enforced whatever its processes do."""
        if not self._on_time:
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._cores)
                os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            self._on_time = True
