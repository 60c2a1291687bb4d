"""How a program can end, and what a verdict can be; no I/O."""

import signal
from enum import StrEnum

OUT_OF_MEMORY_SIGNAL = int(signal.SIGRTMAX)
"""A program that dies of an uncaught MemoryError ends itself with this signal, so that its
supervisor can tell the limit from an exit. A program that sends it to itself only claims to have
run out of memory."""


class Outcome(StrEnum):
    """How a program ended, named as in the contract."""

    EXITED = "exited"
    SIGNALED = "signaled"
    CPU_TIME_EXCEEDED = "cpu_time_exceeded"
    WALL_TIME_EXCEEDED = "wall_time_exceeded"
    MEMORY_EXCEEDED = "memory_exceeded"
    PROCESSES_EXCEEDED = "processes_exceeded"


class Verdict(StrEnum):
    """Whether a program is right, named as in the contract."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"


def last_line(stderr: bytes) -> str:
    """The last line of a program's standard error that is not empty, for people."""
    lines = stderr.decode("utf-8", "backslashreplace").strip().splitlines()
    return lines[-1].strip()[:500] if lines else ""
