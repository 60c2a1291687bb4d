"""What a jail's processes use, read from /proc by the supervisor outside. Standard library only."""

import os
from collections import defaultdict
from typing import NamedTuple

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class TreeUsage(NamedTuple):
    """The processes below one process.

    Threads, and CPU time with that of children they waited for.
    """

    threads: int
    cpu_seconds: float


def below(root: int) -> TreeUsage:
    """Adds up the processes below `root`; those that end meanwhile are left out."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, TreeUsage] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                # The second field is a name in parentheses, which may hold anything.
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        pid = int(name)
        children[int(fields[1])].append(pid)
        ticks = sum(int(field) for field in fields[11:15])
        used[pid] = TreeUsage(int(fields[17]), ticks / _TICKS_PER_SECOND)
    threads = 0
    seconds = 0.0
    waiting = list(children[root])
    while waiting:
        pid = waiting.pop()
        threads += used[pid].threads
        seconds += used[pid].cpu_seconds
        waiting += children[pid]
    return TreeUsage(threads, seconds)


def only_child(parent: int) -> int:
    """The process whose parent is `parent`: the zygote below its nsjail. 0 where there is none."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            return int(name)
    return 0
