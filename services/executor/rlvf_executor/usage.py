"""What a jail's processes use, read from /proc by the supervisor outside. Standard library only."""

import os
from typing import NamedTuple

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class TreeUsage(NamedTuple):
    """The processes below one process: threads, and CPU time with that of children they waited for."""

    threads: int
    cpu_seconds: float


def below(root: int) -> TreeUsage:
    """Adds up the processes below `root`; those that end meanwhile are left out."""
    threads = 0
    ticks = 0
    for pid in _descendants(root):
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The second field is a name in parentheses, which may hold anything.
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
        threads += int(fields[17])
    return TreeUsage(threads, ticks / _TICKS_PER_SECOND)


def _descendants(root: int) -> list[int]:
    found: list[int] = []
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        try:
            threads = os.listdir(f"/proc/{parent}/task")
        except OSError:
            continue
        for thread in threads:
            try:
                with open(f"/proc/{parent}/task/{thread}/children", "rb") as file:
                    children = [int(pid) for pid in file.read().split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found
