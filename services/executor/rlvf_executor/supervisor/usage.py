"""What a jail's processes use, read from /proc by the supervisor. Standard library only."""

import contextlib
import glob
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class TreeUsage(NamedTuple):
    """What the processes below one process use.

    CPU time includes that of the children that they waited for.
    """

    threads: int
    cpu_seconds: float


def below(root: int) -> TreeUsage:
    """Adds up the processes below `root`, without those that end meanwhile."""
    processes = _descendants(root).values()
    ticks = sum(int(field) for fields in processes for field in fields[11:15])
    return TreeUsage(sum(int(fields[17]) for fields in processes), ticks / _TICKS_PER_SECOND)


def seconds_kept_waiting(root: int, cpu_seconds: float) -> float:
    """A lower bound on the time that a thread below `root` waited for a core because of others; 0
    where the kernel does not tell.

    `cpu_seconds` is the CPU time of all processes below `root`. While a thread waits for a core,
    the core may run the same program's other threads; that time is subtracted, so that a program
    cannot make the machine look busy by competing with itself.
    """
    longest = 0.0
    for pid in _descendants(root):
        for file in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            with contextlib.suppress(OSError):
                ran, waited = (int(field) / 1e9 for field in Path(file).read_text().split()[:2])
                longest = max(longest, waited - max(0.0, cpu_seconds - ran))
    return longest


def mapped_bytes(pid: int) -> int:
    """The size of a process's address space, bytes. Raises OSError when it has gone."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * _PAGE_BYTES


def only_child(parent: int) -> int:
    """The PID of the child of `parent`: the zygote below its nsjail. 0 if there is none."""
    return next((pid for pid, fields in _processes() if int(fields[1]) == parent), 0)


def _descendants(root: int) -> dict[int, list[bytes]]:
    """The processes below `root`, by PID, with the fields of their `stat` after the name."""
    children: dict[int, list[tuple[int, list[bytes]]]] = defaultdict(list)
    for pid, fields in _processes():
        children[int(fields[1])].append((pid, fields))
    found: dict[int, list[bytes]] = {}
    waiting = [root]
    while waiting:
        below_one = dict(children[waiting.pop()])
        found |= below_one
        waiting += below_one
    return found


def _processes() -> Iterator[tuple[int, list[bytes]]]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                # The second field is a name in parentheses, which may hold anything.
                yield int(name), file.read().rpartition(b")")[2].split()


def cpu_seconds_of(pid: int) -> float:
    """CPU time of one process with all its threads; raises OSError when it has gone.

    The clock's number is computed from the PID as clock_getcpuclockid(3) does, which Python lacks.
    """
    return time.clock_gettime((~pid << 3) | 2)
