"""One jail as its supervisor holds it: a zygote, its cgroup, and the child that it runs."""

import contextlib
import math
import os
import socket
import time
from typing import NamedTuple

from rlvf_executor.contract import control, policy, slots
from rlvf_executor.contract.outcomes import Outcome
from rlvf_executor.native import kernel
from rlvf_executor.supervisor import cgroups, inmates, usage
from rlvf_executor.supervisor.verdicts import Measured
from rlvf_executor.tuning import rehearsal

_CORES = len(os.sched_getaffinity(0))
# Maximum interval between two looks at a running program; shorter when it could reach a limit.
_LOOK_SECONDS = 0.25
_LOOK_SECONDS_WITHOUT_CGROUP = 0.05
_SHORTEST_LOOK_SECONDS = 0.005


class CellDied(Exception):
    """The zygote or its nsjail has gone; the job that it ran has no result."""


class Starved(Exception):
    """The machine was too busy to give the program its CPU time; the job has no result."""


class Setting(NamedTuple):
    """How a cell is built. Inside runs `main` of `module`."""

    module: str
    tier: str
    slot: int
    nsjail: str | None
    core: int | None
    cgroup_name: str | None
    preimported: tuple[str, ...]
    packages: str
    tuned: bool


_NEVER_RAN = Measured(0, None, 0.0, 0.0, 0)


class BaseCell:
    """One jail and the process in it; the base of both kinds of cell."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.python_version = ""
        self._generation = 0
        self._group: cgroups.Group | None = None
        self._inmate: inmates.Inmate | None = None

    @property
    def control(self) -> socket.socket:
        """The socket to the process; readable when it has sent a message or died."""
        assert self._inmate is not None
        return self._inmate.control

    def launch(self) -> None:
        """Starts the process without waiting for it."""
        if self.setting.cgroup_name is not None:
            self._generation += 1
            self._group = cgroups.make(f"{self.setting.cgroup_name}-{self._generation}")
        on_start = self._group.join if self._group is not None else _nothing
        self._inmate = inmates.start(
            self.setting.tier,
            slot=self.setting.slot,
            nsjail=self.setting.nsjail,
            core=self.setting.core,
            module=self.setting.module,
            preimported=self.setting.preimported,
            packages=self.setting.packages,
            tuned=self.setting.tuned,
            on_start=on_start,
        )

    def wait_ready(self) -> None:
        """Waits for the process that `launch` started; raises JailError."""
        assert self._inmate is not None
        self.python_version = inmates.wait_ready(self._inmate).python_version

    def stop(self) -> None:
        """Kills everything in the cell and removes its cgroup."""
        if self._inmate is not None:
            inmates.stop(self._inmate)
            self._inmate = None
        if self._group is not None:
            self._group.remove()
            self._group = None

    def restart(self) -> None:
        """Replaces the process."""
        self.stop()
        self.launch()
        self.wait_ready()

    def _pid(self) -> int:
        """The PID of the process itself, not of the nsjail around it."""
        assert self._inmate is not None
        pid = self._inmate.process.pid
        return usage.only_child(pid) if self.setting.tier == slots.NAMESPACES else pid


class Cell(BaseCell):
    """Runs one child of a zygote at a time, and enforces its limits from outside."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._limits = policy.DEFAULT_LIMITS
        # What its packages have mapped; a limit of memory that goes by mappings comes on top.
        self._packages_bytes = 0
        self._started = 0.0
        self._cpu_seconds_before = 0.0
        self._cpu_seconds_at_call = 0.0
        self.call_reached_limit = False
        self._events = cgroups.Events(0, 0)
        self._next_look = 0.0
        self._own_threads = 0
        self._leave_deadline: float | None = None
        self._kill_deadline: float | None = None
        self._killed_for: Outcome | None = None
        self.measured: Measured | None = _NEVER_RAN
        self.setup_error = ""

    @property
    def running(self) -> bool:
        """Whether a submitted child has not ended."""
        return self.measured is None

    def wait_ready(self) -> None:
        """Waits for the zygote that `launch` started; raises JailError."""
        super().wait_ready()
        if self._group is not None:
            self._group.measure_baseline()
        elif self.setting.packages:
            mapped = usage.mapped_bytes(self._pid())
            self._packages_bytes = max(0, mapped - kernel.INTERPRETER_ADDRESS_SPACE)
        assert self._inmate is not None
        try:
            if self.setting.tuned and self.setting.module == "jail.zygote":
                rehearsal.pin_hot_pages(self.control, self._pid())
        except rehearsal.RehearsalFailed as error:
            # Else its late answers would be taken for those of later jobs.
            inmates.stop(self._inmate)
            raise inmates.JailError(f"the first program does not run: {error}") from None
        if self._group is not None:
            self._events = self._group.events()

    def submit(self, kind: bytes, limits: policy.Limits, descriptors: list[int]) -> None:
        """Has a child forked; the descriptors stay open in this process. Raises CellDied."""
        memory_bytes: int | None = limits.memory_bytes + self._packages_bytes
        processes: int | None = None
        if self._group is not None:
            self._group.limit(memory_bytes=limits.memory_bytes, processes=limits.processes)
            self._cpu_seconds_before = self._group.cpu_seconds()
            memory_bytes = None
        elif self.setting.tier == slots.NAMESPACES:
            # Counted per user in the jail's user namespace; the zygote and the first process may
            # run as the same user as the program.
            processes = limits.processes + (
                3 if inmates.outside_uid(self.setting.slot) is None else 1
            )
        job = control.Job(kind, limits.cpu_seconds, limits.disk_bytes, memory_bytes, processes)
        self._limits = limits
        # The first process of an executed program's PID namespace is not the program's.
        self._own_threads = int(kind == control.PROGRAM and self.setting.tier == slots.NAMESPACES)
        self.measured = None
        self.setup_error = ""
        self.call_reached_limit = False
        self._cpu_seconds_at_call = 0.0
        self._killed_for = None
        self._kill_deadline = self._leave_deadline = None
        try:
            control.send(self.control, job.pack(), descriptors)
        except OSError as error:
            raise CellDied(f"the zygote has gone: {error}") from None
        self._started = time.monotonic()
        self._plan_look(self._started, 0.0)

    def kill(self, reason: Outcome | None) -> None:
        """Kills the child; `collect` then reads its end. Raises CellDied."""
        if not self.running or self._kill_deadline is not None:
            return
        self._killed_for = reason
        self._kill_deadline = time.monotonic() + policy.KILL_SECONDS
        try:
            self.control.send(control.KILL)
        except OSError as error:
            raise CellDied(f"the zygote has gone: {error}") from None

    def next_call(self, ended: int) -> None:
        """Checks the budget of the calls that have ended, and starts the next. Raises CellDied.

        If several have ended since the last look, only their sum is known: one of them has surely
        used up its budget when the sum is that of all budgets.
        """
        if self.running:
            cpu_seconds = self._use_now()[0]
            self._check_call(cpu_seconds, ended)
            self._cpu_seconds_at_call = cpu_seconds

    def _check_call(self, cpu_seconds: float, calls: int = 1) -> None:
        budget = self._limits.call_cpu_seconds * calls
        if budget and cpu_seconds - self._cpu_seconds_at_call >= budget:
            self.call_reached_limit = True
            self.kill(Outcome.CPU_TIME_EXCEEDED)

    def expect_end(self) -> None:
        """Gives the child, whose work is done, `LEAVE_SECONDS` to exit; `look` then kills it."""
        self._leave_deadline = time.monotonic() + policy.LEAVE_SECONDS

    def seconds_to_look(self) -> float:
        """Seconds until `look` is due; infinity when nothing runs."""
        if not self.running:
            return math.inf
        due = self._kill_deadline or self._leave_deadline or self._next_look
        return max(0.0, due - time.monotonic())

    def look(self) -> None:
        """Kills the child if it has reached a limit.

        Raises:
            CellDied: it does not die.
            Starved: it reached its wall time because the machine was busy.
        """
        now = time.monotonic()
        if not self.running:
            return
        if self._kill_deadline is not None:
            if now >= self._kill_deadline:
                raise CellDied("the zygote does not answer")
            return
        if self._leave_deadline is not None and now >= self._leave_deadline:
            self.kill(None)
            return
        if now < self._next_look:
            return
        cpu_seconds, threads, refused = self._use_now()
        self._check_call(cpu_seconds)
        if refused or threads > self._limits.processes:
            self.kill(Outcome.PROCESSES_EXCEEDED)
        elif cpu_seconds >= self._limits.cpu_seconds:
            self.kill(Outcome.CPU_TIME_EXCEEDED)
        elif now - self._started >= self._limits.wall_seconds:
            waited = usage.seconds_kept_waiting(self._pid(), cpu_seconds)
            if waited >= policy.STARVED_SHARE * self._limits.wall_seconds:
                raise Starved(f"the program waited {waited:.0f} s for a core; the machine is busy")
            self.kill(Outcome.WALL_TIME_EXCEEDED)
        else:
            self._plan_look(now, cpu_seconds)

    def _use_now(self) -> tuple[float, int, bool]:
        """CPU seconds so far, current threads (0 where a cgroup limits them), whether a fork was
        refused."""
        if self._group is not None:
            return (
                self._group.cpu_seconds() - self._cpu_seconds_before,
                0,
                self._group.events().refused_forks > self._events.refused_forks,
            )
        tree = usage.below(self._pid())
        return tree.cpu_seconds, max(0, tree.threads - self._own_threads), False

    def _plan_look(self, now: float, cpu_seconds: float) -> None:
        # A program's CPU time is at most cores times wall time.
        budget = self._limits.cpu_seconds
        if self._limits.call_cpu_seconds:
            budget = min(budget, self._cpu_seconds_at_call + self._limits.call_cpu_seconds)
        to_cpu_limit = (budget - cpu_seconds) / _CORES
        to_wall_limit = self._started + self._limits.wall_seconds - now
        longest = _LOOK_SECONDS if self._group is not None else _LOOK_SECONDS_WITHOUT_CGROUP
        pause = min(longest, to_cpu_limit, to_wall_limit)
        self._next_look = now + max(_SHORTEST_LOOK_SECONDS, pause)

    def collect(self) -> bool:
        """Reads the child's end from the control socket; always False, for `watch.Handler`.

        Raises CellDied when the zygote has died.
        """
        try:
            data = self.control.recv(control.MAX_MESSAGE_BYTES)
        except OSError:
            data = b""
        wall_seconds = time.monotonic() - self._started
        if data:
            ended = control.Ended.unpack(data)
            self.setup_error = ended.error
            measured = Measured(
                ended.status,
                self._killed_for,
                ended.cpu_seconds,
                wall_seconds,
                ended.peak_memory_bytes,
            )
            self.measured = self._with_counters(measured)
            return False
        # The kernel may have killed the zygote because the program ran out of memory; then that is
        # the outcome.
        measured = self._with_counters(Measured(9, Outcome.MEMORY_EXCEEDED, 0.0, wall_seconds, 0))
        if not measured.out_of_memory_kills:
            raise CellDied("the zygote died")
        self.restart()
        self.measured = measured._replace(peak_memory_bytes=self._limits.memory_bytes)
        return False

    def result(self) -> Measured:
        """How the child ended. Raises CellDied when it could not be confined and so ran nothing."""
        if self.setup_error:
            raise CellDied(self.setup_error)
        assert self.measured is not None
        return self.measured

    def end_quietly(self) -> None:
        """Kills the child and waits for its end; replaces a zygote that does not react."""
        try:
            self.kill(None)
            if self.running:
                self.control.settimeout(policy.KILL_SECONDS)
                self.collect()
                self.control.settimeout(None)
        except (CellDied, OSError, inmates.JailError):
            with contextlib.suppress(inmates.JailError, OSError):
                self.restart()

    def _with_counters(self, measured: Measured) -> Measured:
        if self._group is None:
            return measured
        cpu_seconds = measured.cpu_seconds
        if measured.killed_for is not None:
            # The kernel does not add the children of a killed program to its CPU time.
            cpu_seconds = max(cpu_seconds, self._group.cpu_seconds() - self._cpu_seconds_before)
        now = self._group.events()
        before, self._events = self._events, now
        return measured._replace(
            cpu_seconds=cpu_seconds,
            out_of_memory_kills=now.out_of_memory_kills - before.out_of_memory_kills,
            refused_forks=now.refused_forks - before.refused_forks,
        )


def _nothing() -> None:
    pass
