"""Where the CPU time goes: the executor's processes, by what they are."""

import os
from contextlib import suppress
from typing import NamedTuple

import psutil


class Spent(NamedTuple):
    """CPU seconds of an executor's processes since they started, by what they are."""

    server: float
    supervisors: float
    zygotes: float
    """Everything below the supervisors that lives on from one execution to the next."""
    children: float
    """What was forked for one execution and has ended."""


def spent(server: int) -> Spent:
    """Reads the account of the executor whose server is the process `server`.

    The kernel counts in ticks of 10 ms: compare readings that are seconds apart.
    """
    supervisors = psutil.Process(server).children()
    below = [child for parent in supervisors for child in parent.children(recursive=True)]
    # A jail's first process waits for its zygotes and not for what they fork.
    return Spent(
        _own(psutil.Process(server)),
        sum(map(_own, supervisors)),
        sum(map(_own, below)),
        sum(map(_waited_for, [*supervisors, *below])),
    )


def own_seconds() -> float:
    """CPU seconds of this process."""
    times = os.times()
    return times.user + times.system


def per_verdict(before: Spent, after: Spent, verdicts: int) -> dict[str, float]:
    """CPU milliseconds for one verdict, by what spent them."""
    return {
        name: (late - early) / verdicts * 1000
        for name, early, late in zip(Spent._fields, before, after, strict=True)
    }


def _own(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _waited_for(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.children_user + times.children_system)
    return 0.0
