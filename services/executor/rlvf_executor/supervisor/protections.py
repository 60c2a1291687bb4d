"""What the isolation of a supervisor's slot has and lacks on this machine, for people."""

import os
from typing import NamedTuple

from rlvf_executor.contract.slots import LANDLOCK, SlotConfig
from rlvf_executor.supervisor import cgroups, inmates

_NAMESPACES_GIVE = (
    "user namespace",
    "mount namespace with a read-only root, no /proc, no programs",
    "PID namespace for each execution",
    "empty network namespace",
    "IPC and UTS namespaces",
    "empty scratch file system for each execution",
    "seccomp",
    "no capabilities, no_new_privs",
    "rlimits",
)
_LANDLOCK_GIVES = (
    "Landlock: read-only view of the interpreter and libraries",
    "seccomp: one process, no sockets, no signals to others",
    "no_new_privs",
    "rlimits",
)
_LANDLOCK_LACKS = (
    "a scratch directory: programs cannot write files",
    "processes: programs can start threads only",
    "limits over all processes together: that needs a cgroup",
)


class Protections(NamedTuple):
    """The protections of one slot."""

    given: tuple[str, ...]
    missing: tuple[str, ...]
    cgroup: str | None
    """The prefix of its cgroups' names; None if it has none."""


def find(config: SlotConfig) -> Protections:
    """Finds the protections of this process's slot, by trying."""
    if config.tier == LANDLOCK:
        return Protections(_LANDLOCK_GIVES, _LANDLOCK_LACKS, None)
    missing = []
    name = f"{cgroups.PREFIX}{os.getpid()}"
    why_not = _why_no_cgroup(name) if config.cgroup else "turned off by RLVF_EXECUTOR_CGROUP"
    if why_not:
        missing.append(f"cgroup limits over all processes together: {why_not}")
    if inmates.outside_uid(config.slot) is None:
        missing.append("a user of its own for programs: the executor is not root")
    given = _NAMESPACES_GIVE if why_not else (*_NAMESPACES_GIVE, "cgroup")
    return Protections(given, tuple(missing), None if why_not else name)


def _why_no_cgroup(name: str) -> str:
    """Why no cgroup can be made; empty where one can."""
    cgroups.remove_stale()
    try:
        cgroups.make(name).remove()
    except OSError as error:
        # The server compares what its slots lack: the same words for all of them.
        return str(error).replace(name, f"{cgroups.PREFIX}*")
    return ""
