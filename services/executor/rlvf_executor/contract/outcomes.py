"""How a program can end, and the verdicts; for all processes. No I/O."""

import signal
from enum import StrEnum

OUT_OF_MEMORY_SIGNAL = int(signal.SIGRTMAX)
"""The process of a program with an uncaught MemoryError kills itself with this signal, so that the
supervisor can tell the memory limit from an exit. A program that sends itself this signal only gets
the outcome of a program that ran out of memory."""


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
    """The last non-empty line of a program's standard error, for people."""
    lines = stderr.decode("utf-8", "backslashreplace").strip().splitlines()
    return lines[-1].strip()[:500] if lines else ""
