"""The zygote's process, inside the jail: forks one child for each execution.

It is small on purpose: standard library only, one thread, no gRPC. It never reads a program's
source or input: the child gets them as descriptors, so that no later fork has them in its memory.
Its messages are in `control.py`.
"""

import contextlib
import os
from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn

from rlvf_executor.contract import control, policy
from rlvf_executor.contract.control import Ended, Job, Socket
from rlvf_executor.contract.surroundings import Surroundings
from rlvf_executor.jail import candidate, confinement, program
from rlvf_executor.native import _native, kernel
from rlvf_executor.tuning import forks, hot_pages

Run = Callable[[bytes, bytes], None]
"""What a confined child runs: called with the kind of job and its payload. A program's other
descriptors are 0 to 2; those of other kinds begin at 3."""

# Above the descriptors of a job (`control.FIRST_DESCRIPTOR`).
_OWN_DESCRIPTORS = 40
_LAST_DESCRIPTOR = 2**32 - 1
_DUPLICATE_FROM = 1030  # F_DUPFD_CLOEXEC of fcntl(2)
# Jobs differ only in their kind and limits, so there are few.
_MAX_PREPARED = 16


class Scratch:
    """The scratch directory: empty for every program."""

    def __init__(self) -> None:
        self._state: tuple[int, ...] | None = None
        self._size = 0

    def refresh(self, size_bytes: int) -> None:
        """Provides an empty tmpfs of this size: the current one if nothing was changed in it."""
        if self._state is not None:
            if self._size == size_bytes and self._state == self._look():
                return
            kernel.unmount(policy.SCRATCH)
        kernel.mount_tmpfs(policy.SCRATCH, size_bytes=size_bytes, inodes=policy.SCRATCH_INODES)
        # Inherited by every program. The old mount disappears with its last user.
        os.chdir(policy.SCRATCH)
        self._size = size_bytes
        self._state = self._look()

    @staticmethod
    def _look() -> tuple[int, ...]:
        # Anything left behind changes the directory's change time or the free counts.
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

    def __init__(self, supervisor: Socket, surroundings: Surroundings, run: Run) -> None:
        self.supervisor = Socket(fileno=_moved_up(supervisor.detach()))
        self.run_child = run
        self.namespaces = surroundings.namespaces
        self.confinement = confinement.Confinement(surroundings)
        self.scratch = Scratch()
        if self.namespaces:
            self.scratch.refresh(policy.DEFAULT_LIMITS.disk_bytes)
        self.own_pidfd = _moved_up(os.pidfd_open(os.getpid()))
        # One pipe for all jobs: a child reports once whether it is confined, and closes the pipe
        # before it runs foreign code.
        self.told, self.tell = map(_moved_up, os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC))
        self._prepare = lru_cache(_MAX_PREPARED)(self._prepare_anew)

    def run(self) -> None:
        """Serves jobs until the supervisor closes the socket."""
        while True:
            data, descriptors = control.receive(self.supervisor)
            if not data:
                return
            if data == control.KILL:  # The child has ended already.
                continue
            if data == control.PIN:
                self._pin(*descriptors)
                continue
            try:
                ended = self._execute(data, len(descriptors))
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

    def _execute(self, data: bytes, count: int) -> Ended:
        """Runs a job that came with `count` descriptors. In the child it does not return."""
        job, calls = self._prepare(data, count)
        if self.namespaces:
            # For judges too: a test may write files, and the next may be another caller's.
            self.scratch.refresh(job.disk_bytes)
        result = _native.run(
            self.supervisor.fileno(),
            self.own_pidfd if self.namespaces else -1,
            self.tell,
            control.FIRST_DESCRIPTOR,
            control.FIRST_DESCRIPTOR + count,
            job.kind == control.PROGRAM and self.namespaces,
            calls.packed,
        )
        if isinstance(result, bytes):
            self._child(job.kind, result, count)
        return Ended(*result, self._setup_error())

    def _prepare_anew(self, data: bytes, count: int) -> tuple[Job, kernel.Calls]:
        """A job, and the system calls that its child has to make first."""
        job, calls = Job.unpack(data), kernel.Calls()
        calls.add("setsid")
        # Other kinds keep the null device as standard streams.
        if job.kind == control.PROGRAM:
            for stream in range(3):
                calls.add("dup3", control.FIRST_DESCRIPTOR + stream, stream, 0)
        kernel.add_limits(
            calls,
            disk_bytes=job.disk_bytes,
            cpu_seconds=job.cpu_seconds,
            memory_bytes=job.memory_bytes,
            processes=job.processes,
        )
        self.confinement.add_to(calls)
        if self.namespaces:
            calls.add("write", self.tell, b"S", 1)
            calls.add("close_range", _first_unused(job.kind, count), _LAST_DESCRIPTOR, 0)
        return job, calls

    def _setup_error(self) -> str:
        try:
            told = os.read(self.told, 1000)
        except BlockingIOError:
            return "the process died before it was confined"
        return "" if told == b"S" else told.decode(errors="replace")

    def _child(self, kind: bytes, payload: bytes, count: int) -> NoReturn:
        """Runs the job. Never returns to the zygote's own frames.

        Each child copies the pages that it touches here, so this calls little and makes few
        objects.
        """
        if not self.namespaces:
            try:
                self.confinement.finish()
                os.write(self.tell, b"S")
                os.closerange(_first_unused(kind, count), policy.OPEN_FILES)
            except BaseException as error:
                with contextlib.suppress(OSError):
                    os.write(self.tell, f"{type(error).__name__}: {error}".encode()[:1000])
                os._exit(1)
        try:
            self.run_child(kind, payload)
        except BaseException:
            os._exit(1)
        os._exit(0)


def _first_unused(kind: bytes, count: int) -> int:
    """A child keeps the descriptors below this: all but the last, which was its payload; a program
    none, because they have become its standard streams."""
    return control.FIRST_DESCRIPTOR + (0 if kind == control.PROGRAM else count - 1)


def _moved_up(descriptor: int) -> int:
    """The same open file under a number above those of jobs."""
    moved = kernel.call("fcntl", descriptor, _DUPLICATE_FROM, _OWN_DESCRIPTORS)
    os.close(descriptor)
    return moved


def _run(kind: bytes, payload: bytes) -> None:
    if kind == control.PROGRAM:
        program.run(payload.decode())
    entry_point, _, source = payload.partition(b"\n")
    candidate.serve(
        source.decode(), entry_point.decode(), control.channel_at(control.FIRST_DESCRIPTOR)
    )


def main() -> None:
    """Runs a zygote for programs and candidates; `inmates.py` starts it."""
    supervisor, surroundings = confinement.enter()
    zygote = Zygote(supervisor, surroundings, _run)
    if surroundings.tuned:
        forks.warm_up(candidate.serve)
        forks.use_large_pages()
    confinement.say_ready(zygote.supervisor)
    zygote.run()
