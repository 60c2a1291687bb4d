"""What an executor holds: memory, processes, descriptors, mounts, cgroups, files."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from rlvf_executor.supervisor import cgroups

MIB = 1 << 20


class Held(NamedTuple):
    """Counts that must be the same after a soak as before it."""

    processes: int
    zombies: int
    descriptors: dict[str, list[int]]
    """By the processes' names, each process's number."""
    mounts: list[int]
    """In the mount namespace of each process."""
    scratch_files: int
    """In what programs see as /tmp."""
    cgroups: int
    temporary_files: frozenset[str]
    """Names in this machine's directory for temporary files."""


def sandboxes(server: int) -> list[psutil.Process]:
    """Supervisors and everything below them."""
    return psutil.Process(server).children(recursive=True)


def memory_mib(server: int) -> float:
    """Proportional set size of supervisors, jails and zygotes together; needs root."""
    total = 0
    for process in sandboxes(server):
        with suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / MIB


def held(server: int) -> Held:
    """Counts now; nothing may be running."""
    everyone = [psutil.Process(server), *sandboxes(server)]
    descriptors: dict[str, list[int]] = {}
    mounts: list[int] = []
    scratch_files = 0
    for process in everyone:
        if process.status() == psutil.STATUS_ZOMBIE:
            continue
        proc = Path(f"/proc/{process.pid}")
        descriptors.setdefault(process.name(), []).append(process.num_fds())
        mounts.append(len((proc / "mountinfo").read_text().splitlines()))
        if not os.path.samefile(proc / "root", "/"):
            scratch_files += len(list((proc / "root/tmp").iterdir()))
    return Held(
        processes=len(everyone),
        zombies=sum(process.status() == psutil.STATUS_ZOMBIE for process in everyone),
        descriptors={name: sorted(counts) for name, counts in sorted(descriptors.items())},
        mounts=sorted(mounts),
        scratch_files=scratch_files,
        cgroups=cgroup_count(server),
        temporary_files=temporary_files(),
    )


def cgroup_count(server: int) -> int:
    """Groups that this executor made, or that an executor left that is gone."""
    supervisors = {process.pid for process in psutil.Process(server).children()}
    owners = [
        int(name.removeprefix(cgroups.PREFIX).split("-")[0])
        for _, directories, _ in os.walk("/sys/fs/cgroup")
        for name in directories
        if name.startswith(cgroups.PREFIX)
    ]
    return sum(pid in supervisors or not psutil.pid_exists(pid) for pid in owners)


def temporary_files() -> frozenset[str]:
    """Names in the directories for temporary files."""
    places = {tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"}
    return frozenset(
        f"{place}/{name}" for place in places if os.path.isdir(place) for name in os.listdir(place)
    )


def differences(before: Held, after: Held) -> list[str]:
    """What is not as it was, as sentences."""
    found = [
        f"{name}: {early} before, {late} after"
        for name, early, late in zip(Held._fields, before, after, strict=True)
        if name != "temporary_files" and early != late
    ]
    new_files = after.temporary_files - before.temporary_files
    return [*found, *(f"left: {name}" for name in sorted(new_files))]
