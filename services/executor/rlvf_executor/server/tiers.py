"""Finds the strongest isolation that works on this machine, by trying it. Fails closed."""

import os
from typing import NamedTuple

from rlvf_common.rpc.errors import FailedPrecondition
from rlvf_executor.jail import kernel
from rlvf_executor.server.settings import ExecutorSettings
from rlvf_executor.server.slot import Slot, SlotDied
from rlvf_executor.supervisor import cgroups, inmates, supervisor

_NAMESPACE_PROTECTIONS = (
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
_LANDLOCK_PROTECTIONS = (
    "Landlock: read-only view of the interpreter and libraries",
    "seccomp: one process, no sockets, no signals to others",
    "no_new_privs",
    "rlimits",
)
_LANDLOCK_LACKS = (
    "a scratch directory: programs cannot write files",
    "processes: programs can start threads only",
)


class Found(NamedTuple):
    """What was found: the tier, what it gives, what is missing, and its first slot, started."""

    tier: str
    protections: tuple[str, ...]
    missing: tuple[str, ...]
    cgroup: bool
    first_slot: Slot


def config(
    settings: ExecutorSettings, found_tier: str, slot: int, cgroup: bool
) -> supervisor.Config:
    """The configuration of one slot."""
    return supervisor.Config(found_tier, slot, inmates.find_nsjail(), cgroup, settings.core(slot))


async def find(settings: ExecutorSettings) -> Found:
    """Tries the tiers from the strongest down.

    Raises:
        FailedPrecondition: none works, or the one that was asked for does not.
    """
    wanted = settings.executor_tier
    missing: list[str] = []
    for tier in inmates.TIERS if wanted == "auto" else (wanted,):
        cgroup = False
        if tier == inmates.NAMESPACES:
            cgroup, why_not = _cgroup(settings)
            lacks = [f"cgroup limits over all processes together: {why_not}"] if why_not else []
            if inmates.outside_uid(0) is None:
                lacks.append("a user of its own for programs: the executor is not root")
        else:
            lacks = list(_LANDLOCK_LACKS)
            lacks.append("limits over all processes together: that needs a cgroup")
            version = kernel.landlock_version()
            if version < kernel.LANDLOCK_LEAST_VERSION:
                missing.append(f"landlock: this kernel has ABI {version}; 3 is needed (Linux 6.2)")
                continue
        slot = Slot(config(settings, tier, 0, cgroup))
        try:
            await slot.start()
        except (SlotDied, OSError) as error:
            missing.append(f"{tier}: {error}")
            continue
        gives = _NAMESPACE_PROTECTIONS if tier == inmates.NAMESPACES else _LANDLOCK_PROTECTIONS
        if cgroup:
            gives = (*gives, "cgroup")
        return Found(tier, gives, (*missing, *lacks), cgroup, slot)
    raise FailedPrecondition(
        "no isolation works here, so nothing will be run: "
        + "; ".join(missing)
        + ". Allow user namespaces, or run on a kernel with Landlock"
    )


def _cgroup(settings: ExecutorSettings) -> tuple[bool, str]:
    """Whether the slots can have cgroups, or why not."""
    if settings.executor_cgroup == "off":
        return False, "turned off by RLVF_EXECUTOR_CGROUP"
    cgroups.remove_stale()
    try:
        cgroups.make(f"{cgroups.PREFIX}{os.getpid()}").remove()
    except OSError as error:
        return False, str(error)
    return True, ""
