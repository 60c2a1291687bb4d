"""The process inside the jail that forks one child for each execution.

It is slim on purpose: standard library only, one thread, no gRPC. It never holds a program's source
or input: those travel in descriptors that it hands to the child unread, so that a fork of a later
execution has nothing of an earlier one in its memory.

Protocol, on a SOCK_SEQPACKET socket to the supervisor:

 * in: a JSON `Job` with descriptors, or `K` to kill the running child;
 * out: one JSON `Ready` at the start, then one JSON `Ended` for each job.

End of the socket ends the zygote, and with it, as it is the first process of its PID namespace,
everything.
"""

import array
import contextlib
import gc
import importlib
import json
import os
import platform
import resource
import select
import signal
import socket
import sys
from typing import NamedTuple, NoReturn

from rlvf_executor import candidate, confine, judge, policy, program

KILL = b"K"
MAX_DESCRIPTORS = 8

# Kinds of job, and the descriptors that come with each.
CANDIDATE = "candidate"  # payload, channel
JUDGE = "judge"  # payload, channel, report
PROGRAM = "program"  # source, stdin, stdout, stderr


class Job(NamedTuple):
    """What to fork. `processes` is the RLIMIT_NPROC to set, None where a cgroup counts."""

    kind: str
    limits: policy.Limits
    processes: int | None
    address_space: bool


class Ended(NamedTuple):
    """How a child ended.

    `error` is set when its confinement could not be built: then it ran nothing.
    """

    error: str
    status: int
    cpu_seconds: float
    peak_memory_bytes: int


class Ready(NamedTuple):
    """Sent once, when jobs can come."""

    python_version: str


class Surroundings(NamedTuple):
    """What the supervisor built around this zygote."""

    namespaces: bool  # Inside nsjail: PID namespaces and mounts can be made.
    own_user: bool  # Programs run as a user of their own.
    read_only: tuple[str, ...]  # Without namespaces: the paths that Landlock lets programs read.
    preimported: tuple[str, ...]


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

    def __init__(self, control: socket.socket, surroundings: Surroundings) -> None:
        self.control = control
        self.surroundings = surroundings
        self.scratch = Scratch()
        self.own_pidfd = os.pidfd_open(os.getpid())
        self.null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self.filter = confine.seccomp_program()
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)

    def run(self) -> None:
        """Serves jobs until the supervisor hangs up."""
        while True:
            data, descriptors = _receive(self.control)
            if not data:
                return
            if data == KILL:  # Its child had ended already.
                continue
            kind, limits, processes, address_space = json.loads(data)
            job = Job(kind, policy.Limits(*limits), processes, address_space)
            try:
                ended = self._execute(job, descriptors)
            except OSError as error:
                ended = Ended(f"the jail could not start a process: {error}", 0, 0.0, 0)
            finally:
                for descriptor in descriptors:
                    with contextlib.suppress(OSError):
                        os.close(descriptor)
            self.control.send(json.dumps(ended).encode())

    def _execute(self, job: Job, descriptors: list[int]) -> Ended:
        if self.surroundings.namespaces:
            if job.kind != JUDGE:
                self.scratch.refresh(job.limits.disk_bytes)
            confine.unshare(confine.CLONE_NEWPID)
        setup_read, setup_write = os.pipe()
        with_status = job.kind == PROGRAM and self.surroundings.namespaces
        status_read, status_write = os.pipe() if with_status else (-1, -1)
        try:
            pid = os.fork()
            if pid == 0:
                self._child(job, descriptors, setup_write, status_write)
            if self.surroundings.namespaces:
                confine.setns(self.own_pidfd, confine.CLONE_NEWPID)
            os.close(setup_write)
            if with_status:
                os.close(status_write)
            for descriptor in descriptors:
                os.close(descriptor)
            descriptors.clear()
            status, usage = self._watch(pid)
            error = _setup_error(setup_read)
            inner = os.read(status_read, 4) if with_status else b""
        finally:
            os.close(setup_read)
            if with_status:
                os.close(status_read)
        if (
            len(inner) == 4
        ):  # A program with a first process of its own, which saw how the program ended.
            status = int.from_bytes(inner, "big", signed=True)
        return Ended(error, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

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
                if self.control.fileno() in ready:
                    message, _ = _receive(self.control)
                    os.kill(pid, signal.SIGKILL)
                    if not message:
                        os._exit(0)
        finally:
            self.poll.unregister(pidfd)
            os.close(pidfd)

    def _child(self, job: Job, descriptors: list[int], setup: int, status: int) -> NoReturn:
        """Confines itself and runs the job. Never returns to the zygote's own frames."""
        try:
            signal.set_wakeup_fd(-1)
            self.control.close()
            if job.kind == PROGRAM and self.surroundings.namespaces:
                self._become_init(status)
            stdio, kept = _descriptors_of(job.kind, descriptors, self.null)
            source = _read_all(descriptors[0])
            os.setsid()
            self._confine(job)
            os.write(setup, b"S")
            kept = _arrange(stdio, kept)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.write(setup, f"{type(error).__name__}: {error}".encode()[:1000])
            os._exit(1)
        _run(job.kind, source, kept)
        os._exit(0)

    def _become_init(self, status: int) -> None:
        """Forks.

        The child goes on, and this process stays as the first of the PID namespace, to reap.
        """
        pid = os.fork()
        if pid == 0:
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
            os._exit(0)

    def _confine(self, job: Job) -> None:
        around = self.surroundings
        confine.set_limits(job.limits, processes=job.processes, address_space=job.address_space)
        if around.namespaces:
            if around.own_user:
                os.setgroups([])
                os.setresgid(policy.PROGRAM_UID, policy.PROGRAM_UID, policy.PROGRAM_UID)
                os.setresuid(policy.PROGRAM_UID, policy.PROGRAM_UID, policy.PROGRAM_UID)
            confine.drop_capabilities()
            confine.no_new_privileges()
            confine.install_filter(self.filter)
            os.chdir(policy.SCRATCH)
            return
        confine.drop_capabilities()
        confine.forbid_inspection()
        confine.no_new_privileges()
        confine.landlock(around.read_only, policy.DEVICES)
        confine.install_filter(
            confine.seccomp_program(
                without=policy.LANDLOCK_FORBIDDEN_SYSCALLS, only_pid=os.getpid()
            )
        )


def _descriptors_of(
    kind: str, descriptors: list[int], null: int
) -> tuple[tuple[int, int, int], list[int]]:
    """Which descriptors become 0, 1 and 2, and which are kept from 3 on."""
    if kind == PROGRAM:
        _, stdin, stdout, stderr = descriptors
        return (stdin, stdout, stderr), []
    return (null, null, null), descriptors[1:]


def _arrange(stdio: tuple[int, int, int], kept: list[int]) -> list[int]:
    """Puts the descriptors in their places and closes every other one."""
    high = [os.dup(descriptor) for descriptor in (*stdio, *kept)]
    moved = []
    base = max(high) + 1
    for offset, descriptor in enumerate(high):
        os.dup2(descriptor, base + offset)
        moved.append(base + offset)
    for place, descriptor in enumerate(moved):
        os.dup2(descriptor, place, inheritable=place < 3)
    os.closerange(3 + len(kept), policy.OPEN_FILES)
    return list(range(3, 3 + len(kept)))


def _run(kind: str, payload: bytes, kept: list[int]) -> None:
    # The standard streams are the zygote's own: they hold nothing, and their descriptors are the
    # program's by now.
    if kind == PROGRAM:
        program.run(payload.decode())
    channel = socket.socket(fileno=kept[0])
    if kind == CANDIDATE:
        entry_point, _, source = payload.partition(b"\n")
        candidate.serve(source.decode(), entry_point.decode(), channel)
        return
    report = kept[1]

    def send(sent: judge.Report) -> None:
        os.write(report, json.dumps(sent).encode() + b"\n")

    judge.run(payload, channel, send)


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0)


def _setup_error(setup: int) -> str:
    told = os.read(setup, 1000)
    return (
        ""
        if told == b"S"
        else told.decode(errors="replace") or "the process died before it was confined"
    )


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    size = array.array("i").itemsize
    try:
        data, ancillary, _, _ = control.recvmsg(1 << 16, socket.CMSG_SPACE(MAX_DESCRIPTORS * size))
    except ConnectionError:
        return b"", []
    descriptors = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % size])
    return data, list(descriptors)


def main() -> None:
    """Runs a zygote.

    `zygote.main()` with the control descriptor and the surroundings as JSON in argv.
    """
    confine.die_with_parent()
    control = socket.socket(fileno=int(sys.argv[1]))
    namespaces, own_user, read_only, preimported = json.loads(sys.argv[2])
    surroundings = Surroundings(namespaces, own_user, tuple(read_only), tuple(preimported))
    for name in preimported:
        importlib.import_module(name)
    if namespaces:
        confine.drop_bounding_set()
    else:
        confine.forbid_inspection()
    sys.path[:] = [path for path in sys.path if not path.startswith(PACKAGE_ROOT)]
    sys.dont_write_bytecode = True
    zygote = Zygote(control, surroundings)
    gc.collect()
    gc.freeze()
    control.send(json.dumps(Ready(platform.python_version())).encode())
    zygote.run()


# Where `jail.py` shows this package inside the jail.
PACKAGE_ROOT = "/rlvf"
