"""One jail as its supervisor holds it: a zygote, its cgroup, and the child that it runs now."""

import json
import os
import socket
import time
from array import array
from typing import NamedTuple

from rlvf_executor import cgroups, jail, policy, usage, zygote
from rlvf_executor.outcomes import Measured, Outcome

_CORES = len(os.sched_getaffinity(0))
# How often a program that runs on is looked at; sooner when it could reach its CPU limit before.
_LOOK_SECONDS = 0.25
_LOOK_SECONDS_WITHOUT_CGROUP = 0.05
_SHORTEST_LOOK_SECONDS = 0.005


class CellDied(Exception):
    """The zygote or its nsjail is gone; what it ran has no result."""


class Setting(NamedTuple):
    """How a cell is built."""

    tier: str
    slot: int
    nsjail: str | None
    cgroup_name: str | None
    preimported: tuple[str, ...]


class Cell:
    """Runs one child at a time in one jail, and enforces its limits from outside."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.python_version = ""
        self._generation = 0
        self._group: cgroups.Group | None = None
        self._zygote: jail.Zygote | None = None
        self._limits = policy.DEFAULT_LIMITS
        self._started = 0.0
        self._before = cgroups.Reading(0.0, 0, 0)
        self._next_look = 0.0
        self._own_threads = 0
        self._kill_deadline: float | None = None
        self._killed_for: Outcome | None = None
        self.measured: Measured | None = None
        self.setup_error = ""

    @property
    def control(self) -> socket.socket:
        """Readable when the child has ended or the zygote has died."""
        assert self._zygote is not None
        return self._zygote.control

    @property
    def running(self) -> bool:
        """Whether a child was submitted that has not ended."""
        return self.measured is None

    def launch(self) -> None:
        """Starts the zygote without waiting for it."""
        if self.setting.cgroup_name is not None:
            self._generation += 1
            self._group = cgroups.make(f"{self.setting.cgroup_name}-{self._generation}")
        on_start = self._group.join if self._group is not None else _nothing
        self._zygote = jail.start(
            self.setting.tier,
            slot=self.setting.slot,
            nsjail=self.setting.nsjail,
            preimported=self.setting.preimported,
            on_start=on_start,
        )

    def wait_ready(self) -> None:
        """Waits for the zygote that `launch` started; raises JailError."""
        assert self._zygote is not None
        self.python_version = jail.wait_ready(self._zygote).python_version
        if self._group is not None:
            self._group.measure_baseline()
            self._before = self._group.read()

    def stop(self) -> None:
        """Kills everything in the cell and removes its cgroup."""
        if self._zygote is not None:
            jail.stop(self._zygote)
            self._zygote = None
        if self._group is not None:
            self._group.remove()
            self._group = None

    def restart(self) -> None:
        """Replaces the zygote."""
        self.stop()
        self.launch()
        self.wait_ready()

    def submit(self, kind: str, limits: policy.Limits, descriptors: list[int]) -> None:
        """Has a child forked; the descriptors stay open here. Raises CellDied."""
        processes: int | None = None
        if self._group is not None:
            self._group.limit(memory_bytes=limits.memory_bytes, processes=limits.processes)
        elif self.setting.tier == jail.NAMESPACES:
            # Counted per user in the jail's user namespace: the zygote and the first process may be
            # of the same user as the program.
            processes = limits.processes + (3 if jail.outside_uid(self.setting.slot) is None else 1)
        job = zygote.Job(kind, limits, processes, address_space=self._group is None)
        self._limits = limits
        # An executed program has a first process of the jail's above it.
        self._own_threads = int(kind == zygote.PROGRAM and self.setting.tier == jail.NAMESPACES)
        self.measured = None
        self.setup_error = ""
        self._killed_for = None
        self._kill_deadline = None
        try:
            self.control.sendmsg(
                [json.dumps(job).encode()],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors).tobytes())],
            )
        except OSError as error:
            raise CellDied(f"the zygote is gone: {error}") from None
        self._started = time.monotonic()
        self._plan_look(self._started, 0.0)

    def kill(self, reason: Outcome | None) -> None:
        """Kills the child; `collect` will return its end. Raises CellDied."""
        if not self.running or self._kill_deadline is not None:
            return
        self._killed_for = reason
        self._kill_deadline = time.monotonic() + policy.KILL_SECONDS
        try:
            self.control.send(zygote.KILL)
        except OSError as error:
            raise CellDied(f"the zygote is gone: {error}") from None

    def seconds_to_look(self) -> float:
        """When `look` is due."""
        due = self._kill_deadline if self._kill_deadline is not None else self._next_look
        return max(0.0, due - time.monotonic())

    def look(self) -> None:
        """Kills the child if it has reached a limit. Raises CellDied when it does not die."""
        now = time.monotonic()
        if not self.running:
            return
        if self._kill_deadline is not None:
            if now >= self._kill_deadline:
                raise CellDied("the zygote does not answer")
            return
        if now < self._next_look:
            return
        cpu_seconds, threads, refused = self._use_now()
        if refused or threads > self._limits.processes:
            self.kill(Outcome.PROCESSES_EXCEEDED)
        elif cpu_seconds >= self._limits.cpu_seconds:
            self.kill(Outcome.CPU_TIME_EXCEEDED)
        elif now - self._started >= self._limits.wall_seconds:
            self.kill(Outcome.WALL_TIME_EXCEEDED)
        else:
            self._plan_look(now, cpu_seconds)

    def _use_now(self) -> tuple[float, int, bool]:
        """CPU seconds so far, threads now (0 where a cgroup limits them), whether a fork was
        refused."""
        if self._group is not None:
            reading = self._group.read()
            return (
                reading.cpu_seconds - self._before.cpu_seconds,
                0,
                reading.refused_forks > self._before.refused_forks,
            )
        assert self._zygote is not None
        tree = usage.below(self._zygote_pid())
        return tree.cpu_seconds, max(0, tree.threads - self._own_threads), False

    def _zygote_pid(self) -> int:
        assert self._zygote is not None
        pid = self._zygote.process.pid
        if self.setting.tier != jail.NAMESPACES:
            return pid
        return usage.only_child(pid)

    def _plan_look(self, now: float, cpu_seconds: float) -> None:
        # No program can use more CPU time than cores times wall time.
        to_cpu_limit = (self._limits.cpu_seconds - cpu_seconds) / _CORES
        to_wall_limit = self._started + self._limits.wall_seconds - now
        most = _LOOK_SECONDS if self._group is not None else _LOOK_SECONDS_WITHOUT_CGROUP
        self._next_look = now + max(_SHORTEST_LOOK_SECONDS, min(most, to_cpu_limit, to_wall_limit))

    def collect(self) -> None:
        """Reads the child's end from the control socket.

        Raises CellDied when the zygote has died.
        """
        try:
            data = self.control.recv(1 << 16)
        except OSError:
            data = b""
        wall_seconds = time.monotonic() - self._started
        if data:
            ended = zygote.Ended(*json.loads(data))
            self.setup_error = ended.error
            measured = Measured(
                ended.status,
                self._killed_for,
                ended.cpu_seconds,
                wall_seconds,
                ended.peak_memory_bytes,
            )
            self.measured = self._with_counters(measured)
            return
        # The kernel may have chosen the zygote when the program's memory ran out; then that is the
        # outcome.
        measured = self._with_counters(Measured(9, Outcome.MEMORY_EXCEEDED, 0.0, wall_seconds, 0))
        if not measured.out_of_memory_kills:
            raise CellDied("the zygote died")
        self.restart()
        self.measured = measured._replace(peak_memory_bytes=self._limits.memory_bytes)

    def _with_counters(self, measured: Measured) -> Measured:
        if self._group is None:
            return measured
        now = self._group.read()
        before, self._before = self._before, now
        cpu_seconds = measured.cpu_seconds
        if measured.killed_for is not None:
            # The children of a killed program are not in its own account.
            cpu_seconds = max(cpu_seconds, now.cpu_seconds - before.cpu_seconds)
        return measured._replace(
            cpu_seconds=cpu_seconds,
            out_of_memory_kills=now.out_of_memory_kills - before.out_of_memory_kills,
            refused_forks=now.refused_forks - before.refused_forks,
        )


def _nothing() -> None:
    pass
