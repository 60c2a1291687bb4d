"""The process between a local stack and one service: it ends the service, and removes its temporary
files, when its owner ends.

    python -m rlvf_client.local_stack.guardian [--leaves PATH]... COMMAND...

Runs COMMAND and watches its own standard input, which its owner holds open. When that closes,
because the owner closed it or died, COMMAND gets SIGTERM, and after a grace period everything that
it started gets SIGKILL. The guardian adopts orphans (PR_SET_CHILD_SUBREAPER, prctl(2)), so that it
also finds processes that COMMAND abandoned. If the guardian itself is killed, the kernel kills
COMMAND (PR_SET_PDEATHSIG).

COMMAND has its own temporary directory (TMPDIR), which is removed when it has ended. So is every
PATH: a file that COMMAND makes elsewhere and leaves behind. Both are left behind if the guardian
itself is killed.

Exits with COMMAND's status; 128 + n when signal n ended it.
"""

import argparse
import ctypes
import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

GRACE_SECONDS = 25.0

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill_descendants() -> None:
    """SIGKILL all descendants until there are none; new ones may appear meanwhile."""
    me = psutil.Process()
    while children := me.children(recursive=True):
        for child in children:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(children, timeout=1.0)
        _reap()


def _reap() -> None:
    """Collect adopted orphans that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _run(command: list[str], temporary: str) -> int:
    """Run a command until it or the owner ends; return its status, or minus the signal number."""
    ended, on_child = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(on_child, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    stop = False

    def request_stop(*_: object) -> None:
        nonlocal stop
        stop = True

    signal.signal(signal.SIGTERM, request_stop)

    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": temporary},
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )
    while process.poll() is None and not stop:
        readable, _, _ = select.select([0, ended], [], [])
        if ended in readable:
            os.read(ended, 4096)
        if 0 in readable and not os.read(0, 4096):
            stop = True
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while process.poll() is None and (left := deadline - time.monotonic()) > 0:
            if select.select([ended], [], [], left)[0]:
                os.read(ended, 4096)
    _kill_descendants()
    return process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--leaves", metavar="PATH", type=Path, action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.command:
        raise SystemExit(__doc__)
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # The owner handles a Ctrl-C in a terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with TemporaryDirectory(prefix="rlvf-", ignore_cleanup_errors=True) as temporary:
            status = _run(arguments.command, temporary)
    finally:
        for path in arguments.leaves:
            with suppress(OSError):
                path.unlink()
    raise SystemExit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
