"""The process inside the jail that forks one child for each execution.

It is slim on purpose: standard library only, one thread, no gRPC. It never holds a program's source
or input: those travel in descriptors that it hands to the child unread, so that a fork of a later
execution has nothing of an earlier one in its memory. How it is talked to is in `control.py`.
"""

import contextlib
import fcntl
import os
import resource
import select
import signal
import socket
from collections.abc import Callable
from typing import NoReturn

from rlvf_executor import (
    candidate,
    confine,
    confinement,
    control,
    frames,
    hot_pages,
    large_pages,
    policy,
    program,
    rehearsal,
)
from rlvf_executor.control import Ended, Job

Run = Callable[[bytes, bytes], None]
"""What a confined child does: called with the kind of job and its payload; its other descriptors
are 0 to 2 for a program, and those from 3 on for everything else."""

# Above what a job brings (`control.FIRST_DESCRIPTOR`).
_OWN_DESCRIPTORS = 40


class Scratch:
    """The scratch directory: empty for every program."""

    def __init__(self) -> None:
        self._state: tuple[int, ...] | None = None
        self._size = 0

    def refresh(self, size_bytes: int) -> None:
        """Leaves an empty tmpfs of this size: the same one if nothing was ever changed in it."""
        if self._state is not None:
            if self._size == size_bytes and self._state == self._look():
                return
            confine.unmount(policy.SCRATCH)
        confine.mount_tmpfs(policy.SCRATCH, size_bytes=size_bytes, inodes=policy.SCRATCH_INODES)
        # Inherited by every program. The old mount disappears when nobody is in it any more.
        os.chdir(policy.SCRATCH)
        self._size = size_bytes
        self._state = self._look()

    @staticmethod
    def _look() -> tuple[int, ...]:
        # Every way to leave something behind changes the directory's change time or the free
        # counts.
        entry, usage = os.stat(policy.SCRATCH), os.statvfs(policy.SCRATCH)
        return (
            entry.st_ctime_ns,
            entry.st_mtime_ns,
            entry.st_mode,
            entry.st_uid,
            usage.f_bfree,
            usage.f_ffree,
        )


class Zygote:
    """Forks and watches one child at a time."""

    def __init__(
        self, supervisor: socket.socket, surroundings: confinement.Surroundings, run: Run
    ) -> None:
        self.supervisor = socket.socket(fileno=_moved_up(supervisor.detach()))
        self.run_child = run
        self.namespaces = surroundings.namespaces
        self.confinement = confinement.Confinement(surroundings)
        self.scratch = Scratch()
        if self.namespaces:
            self.scratch.refresh(policy.DEFAULT_LIMITS.disk_bytes)
        self.own_pidfd = _moved_up(os.pidfd_open(os.getpid()))
        # One pipe for all jobs: a child says once how its confinement went, and has closed it
        # before it runs anything.
        self.told, self.tell = map(_moved_up, os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC))
        self.poll = select.poll()
        self.poll.register(self.supervisor, select.POLLIN)

    def run(self) -> None:
        """Serves jobs until the supervisor hangs up."""
        while True:
            data, descriptors = control.receive(self.supervisor)
            if not data:
                return
            if data == control.KILL:  # Its child had ended already.
                continue
            if data == control.PIN:
                self._pin(*descriptors)
                continue
            try:
                ended = self._execute(Job.unpack(data), descriptors)
            except OSError as error:
                ended = Ended(0, 0.0, 0, f"the jail could not start a process: {error}")
                os.closerange(control.FIRST_DESCRIPTOR, _OWN_DESCRIPTORS)
            self.supervisor.send(ended.pack())

    @staticmethod
    def _pin(file: int) -> None:
        packed = control.read_file(file)
        os.close(file)
        ring = hot_pages.pin(packed)
        if ring >= 0:
            _moved_up(ring)

    def _execute(self, job: Job, descriptors: list[int]) -> Ended:
        if self.namespaces:
            # For judges too: a test may write files, and the next one is another caller's.
            self.scratch.refresh(job.disk_bytes)
            confine.unshare(confine.CLONE_NEWPID)
        with_status = job.kind == control.PROGRAM and self.namespaces
        status_read, status_write = os.pipe() if with_status else (-1, -1)
        try:
            pid = confine.fork()
            if pid == 0:
                self._child(job, len(descriptors), status_write)
            if self.namespaces:
                confine.setns(self.own_pidfd, confine.CLONE_NEWPID)
            if with_status:
                os.close(status_write)
            os.closerange(control.FIRST_DESCRIPTOR, control.FIRST_DESCRIPTOR + len(descriptors))
            status, usage = self._watch(pid)
            error = self._setup_error()
            inner = os.read(status_read, 4) if with_status else b""
        finally:
            if with_status:
                os.close(status_read)
        # A program with a first process of its own, which saw how the program ended.
        if len(inner) == 4:
            status = int.from_bytes(inner, "big", signed=True)
        return Ended(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, error)

    def _watch(self, pid: int) -> tuple[int, resource.struct_rusage]:
        """Waits for the child, killing it when told to; dies with the supervisor."""
        pidfd = os.pidfd_open(pid)
        self.poll.register(pidfd, select.POLLIN)
        try:
            while True:
                ready = [descriptor for descriptor, _ in self.poll.poll()]
                if pidfd in ready:
                    _, status, usage = os.wait4(pid, 0)
                    return status, usage
                message, _ = control.receive(self.supervisor)
                os.kill(pid, signal.SIGKILL)
                if not message:
                    os._exit(0)
        finally:
            self.poll.unregister(pidfd)
            os.close(pidfd)

    def _setup_error(self) -> str:
        try:
            told = os.read(self.told, 1000)
        except BlockingIOError:
            return "the process died before it was confined"
        return "" if told == b"S" else told.decode(errors="replace")

    def _child(self, job: Job, descriptors: int, status: int) -> NoReturn:
        """Confines itself and runs the job. Never returns to the zygote's own frames.

        What it touches here, each child copies: it calls little, and makes few objects.
        """
        try:
            if job.kind == control.PROGRAM and self.namespaces:
                self._become_init(status)
            end = control.FIRST_DESCRIPTOR + descriptors - 1
            payload = control.read_file(end)
            os.setsid()
            # The standard streams are the null device, unless the program has its own.
            if job.kind == control.PROGRAM:
                for stream in range(3):
                    os.dup2(control.FIRST_DESCRIPTOR + stream, stream)
                end = control.FIRST_DESCRIPTOR
            confine.set_limits(
                disk_bytes=job.disk_bytes,
                cpu_seconds=job.cpu_seconds,
                memory_bytes=job.memory_bytes,
                processes=job.processes,
            )
            self.confinement.apply()
            os.write(self.tell, b"S")
            os.closerange(end, policy.OPEN_FILES)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.write(self.tell, f"{type(error).__name__}: {error}".encode()[:1000])
            os._exit(1)
        self.run_child(job.kind, payload)
        os._exit(0)

    def _become_init(self, status: int) -> None:
        """Forks.

        The child goes on, and this process stays as the first of the PID namespace, to reap.
        """
        # Where the program is of the same user, Python's own handler would let it end this process,
        # and with it the account of what the program used; without one the kernel drops the signal.
        handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
        pid = confine.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, handler)
            return
        try:
            # It keeps one descriptor, so that whoever reads the program's output sees the program's
            # end.
            os.closerange(0, status)
            os.closerange(status + 1, policy.OPEN_FILES)
            while True:
                ended, result = os.wait()
                if ended == pid:
                    os.write(status, result.to_bytes(4, "big", signed=True))
                    break
            # What the program left behind is ended and reaped, so that its CPU time is counted.
            os.kill(-1, signal.SIGKILL)
            while True:
                os.wait()
        except BaseException:
            # The usual end: nobody is left to wait for. Only a status that was never written leaves
            # this one to be the program's, and then it is no success.
            os._exit(1)


def _moved_up(descriptor: int) -> int:
    """The same open file, out of the way of what jobs bring."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _OWN_DESCRIPTORS)
    os.close(descriptor)
    return moved


def _run(kind: bytes, payload: bytes) -> None:
    if kind == control.PROGRAM:
        program.run(payload.decode())
    entry_point, _, source = payload.partition(b"\n")
    candidate.serve(
        source.decode(), entry_point.decode(), control.channel_at(control.FIRST_DESCRIPTOR)
    )


def _warm_up() -> None:
    """Does here, on a program of our own, what every child will do.

    Python writes down what it learns from running code (type lookups, specialised instructions),
    and a child would copy each page that it writes to.
    """
    ours, theirs = socket.socketpair()
    for _ in range(_WARM_UP_CALLS):
        frames.send(ours, rehearsal.CALL)
    ours.shutdown(socket.SHUT_WR)
    candidate.serve(rehearsal.SOURCE, rehearsal.ENTRY_POINT, theirs)
    for _ in range(_WARM_UP_CALLS):
        with contextlib.suppress(ValueError):
            candidate.serve("0 = 1", "f", theirs)
        file = os.memfd_create("warm-up")
        control.read_file(file)
        os.close(file)
        Job.unpack(Job(control.CANDIDATE, 1.0, 1, None, None).pack())
        Ended(0, 0.0, 0).pack()
        os.setresgid(-1, -1, -1)
        os.setresuid(-1, -1, -1)
        confine.no_new_privileges()
    ours.close()
    theirs.close()


# Python specialises an instruction when it has run so often.
_WARM_UP_CALLS = 16


def main() -> None:
    """Runs a zygote of programs and candidates, started by `jail.py`."""
    supervisor, surroundings = confinement.enter()
    zygote = Zygote(supervisor, surroundings, _run)
    _warm_up()
    large_pages.use_for_code()
    confinement.say_ready(zygote.supervisor)
    zygote.run()
