"""One cgroup per slot, version 1 or 2, where the supervisor may make it. Standard library only.

The slot's jail starts in the group, so that no process has to be moved for an execution (a move
waits for a grace period of the kernel, which costs more than the execution). What the jail itself
uses is measured once and added to each limit.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import NamedTuple

from rlvf_executor.contract import policy

_MOUNT = Path("/sys/fs/cgroup")
_NEEDED = ("memory", "pids", "cpuacct")
# A group's name: this prefix, the PID of the process that made it, a counter.
PREFIX = "rlvf-executor-"
# The group to which the executor itself moves in version 2.
_LEAF = "rlvf-executor"


class Events(NamedTuple):
    """How often a limit of a group took effect since it was made."""

    out_of_memory_kills: int
    refused_forks: int


class Group:
    """The cgroup of one slot."""

    def __init__(self, directories: dict[str, Path], version: int) -> None:
        self._directories = directories
        self._version = version
        self._limits: tuple[int, int] | None = None
        self._baseline_bytes = 0
        self._baseline_processes = 0
        self._open_files: dict[str, int] = {}
        self._parsed: dict[str, tuple[bytes, dict[str, int]]] = {}

    def join(self) -> None:
        """Puts the calling process into the group."""
        for directory in set(self._directories.values()):
            (directory / "cgroup.procs").write_text("0")

    def measure_baseline(self) -> None:
        """Measures what the idle jail uses."""
        name = "memory.usage_in_bytes" if self._version == 1 else "memory.current"
        self._baseline_bytes = int((self._directories["memory"] / name).read_text())
        self._baseline_processes = int((self._directories["pids"] / "pids.current").read_text())

    def limit(self, *, memory_bytes: int, processes: int) -> None:
        """Sets what the next execution may use, in addition to the jail itself."""
        if self._limits == (memory_bytes, processes):
            return
        total = memory_bytes + self._baseline_bytes
        memory = self._directories["memory"]
        if self._version == 1:
            self._set_memory_v1(memory, total)
        else:
            (memory / "memory.max").write_text(str(total))
            with contextlib.suppress(OSError):  # No swap accounting: nothing to limit.
                (memory / "memory.swap.max").write_text("0")
        # One more for the first process of the PID namespace.
        (self._directories["pids"] / "pids.max").write_text(
            str(processes + self._baseline_processes + 1)
        )
        self._limits = (memory_bytes, processes)

    @staticmethod
    def _set_memory_v1(memory: Path, total: int) -> None:
        # Memory plus swap may not be below memory; the right order depends on the direction.
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        for name in (*names, *names[:1]):
            with contextlib.suppress(OSError):
                (memory / name).write_text(str(total))

    def cpu_seconds(self) -> float:
        """CPU time of all processes that ever ran in the group."""
        if self._version == 1:
            return int(self._content("cpuacct", "cpuacct.usage")) / 1e9
        return self._field("cpuacct", "cpu.stat", "usage_usec") / 1e6

    def events(self) -> Events:
        """Reads the counters."""
        memory = "memory.oom_control" if self._version == 1 else "memory.events"
        return Events(
            self._field("memory", memory, "oom_kill"), self._field("pids", "pids.events", "max")
        )

    def _content(self, controller: str, name: str) -> bytes:
        # Kept open: this is read after every execution.
        descriptor = self._open_files.get(name)
        if descriptor is None:
            descriptor = os.open(self._directories[controller] / name, os.O_RDONLY | os.O_CLOEXEC)
            self._open_files[name] = descriptor
        return os.pread(descriptor, 4096, 0)

    def _field(self, controller: str, file_name: str, field: str) -> int:
        content = self._content(controller, file_name)
        # Most executions leave the content as it was; then it need not be parsed.
        known = self._parsed.get(file_name)
        if known is None or known[0] != content:
            lines = (line.partition(" ") for line in content.decode().splitlines())
            fields = {key: int(value) for key, _, value in lines if value.isdigit()}
            known = self._parsed[file_name] = (content, fields)
        return known[1].get(field, 0)

    def remove(self) -> None:
        """Removes the group, after its processes have ended."""
        for descriptor in self._open_files.values():
            os.close(descriptor)
        self._open_files.clear()
        for directory in set(self._directories.values()):
            for _ in range(100):
                try:
                    directory.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:  # The last process has not quite ended.
                    time.sleep(0.01)


def make(name: str) -> Group:
    """Makes a group of this name below that of this process.

    Raises:
        OSError: there are no cgroups, or they may not be made; the message says which.
    """
    version = _version()
    if version == 2:
        _delegate(_own_v2())
    directories = _directories(name)
    made: list[Path] = []
    try:
        for directory in dict.fromkeys(directories.values()):
            directory.mkdir()
            made.append(directory)
        group = Group(directories, version)
        group.events()
        group.cpu_seconds()
        group.limit(memory_bytes=policy.GIB << 10, processes=1 << 15)
    except OSError:
        for directory in made:
            directory.rmdir()
        raise
    return group


def _own_paths() -> dict[str, str]:
    paths = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


def _version() -> int:
    return 2 if (_MOUNT / "cgroup.controllers").exists() else 1


def _directories(name: str) -> dict[str, Path]:
    if _version() == 2:
        return dict.fromkeys(_NEEDED, _own_v2() / name)
    own = _own_paths()
    directories = {}
    for controller in _NEEDED:
        root = _MOUNT / controller
        if controller not in own or not root.is_dir():
            raise FileNotFoundError(f"there is no {controller} cgroup")
        directories[controller] = root / own[controller].lstrip("/") / name
    return directories


def _own_v2() -> Path:
    own = _MOUNT / _own_paths().get("", "/").lstrip("/")
    if own.name == _LEAF:
        own = own.parent
    # In a cgroup namespace the mount is the visible root.
    return own if own.is_dir() else _MOUNT


def _delegate(own: Path) -> None:
    """Lets groups below `own` have limits of their own (version 2)."""
    if {"memory", "pids"} <= set((own / "cgroup.subtree_control").read_text().split()):
        return
    # A group with processes cannot delegate controllers, so they move to a leaf first.
    leaf = own / _LEAF
    leaf.mkdir(exist_ok=True)
    for pid in (own / "cgroup.procs").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            (leaf / "cgroup.procs").write_text(pid)
    (own / "cgroup.subtree_control").write_text("+memory +pids")


def remove_stale() -> None:
    """Removes the groups of killed executors: those whose process no longer exists."""
    try:
        parents = {directory.parent for directory in _directories("unused").values()}
    except OSError:  # There are no cgroups.
        return
    for parent in parents:
        for stale in parent.glob(f"{PREFIX}*"):
            pid = stale.name.removeprefix(PREFIX).split("-")[0]
            if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
                with contextlib.suppress(OSError):
                    stale.rmdir()
