"""The part in C: lists of system calls, and children that are forked, confined and waited for."""

import errno
import os
import subprocess
import sys

import pytest

from rlvf_executor.native import kernel

# Forks a child with a payload of five bytes and the standard descriptors; says what came of it.
PROGRAM = """
import os, socket
from rlvf_executor.native import _native
from rlvf_executor.native import kernel

FIRST = 50

def run(own_pidfd, *failing):
    ours, theirs = socket.socketpair()
    told, tell = os.pipe()
    payload = os.memfd_create("payload")
    os.write(payload, b"12345")
    for number in (FIRST, FIRST + 1):
        os.dup2(payload, number)
    calls = kernel.Calls()
    calls.add("setsid")
    for one in failing:
        calls.add(*one)
    calls.add("write", tell, b"S", 1)
    try:
        result = _native.run(
            theirs.fileno(), own_pidfd, tell, FIRST, FIRST + 2, False, calls.packed
        )
    except OSError as error:
        print(error.strerror)
    else:
        if isinstance(result, bytes):
            os._exit(len(result) if os.getsid(0) == os.getpid() else 1)
        print(os.waitstatus_to_exitcode(result[0]), os.read(told, 100).decode(), end=" ")
        print([one for one in (FIRST, FIRST + 1) if os.path.exists(f"/proc/self/fd/{one}")])
    try:
        os.wait()
    except ChildProcessError:
        print("no child is left")
"""


def said_by(code: str) -> list[str]:
    """The lines that a program writes, in a process of its own."""
    command = [sys.executable, "-c", PROGRAM + code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def test_a_child_has_its_payload_after_its_calls_and_its_end_is_reported() -> None:
    assert said_by("run(-1)") == ["5 S []", "no child is left"]


def test_a_child_that_cannot_make_a_call_says_so_and_runs_nothing() -> None:
    lines = said_by("run(-1, ('dup3', 99, 98, 0), ('write', 1, b'ran on', 6))")
    assert lines == ["1 dup3: Bad file descriptor []", "no child is left"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a PID namespace outside a jail")
def test_a_zygote_that_cannot_return_to_its_namespace_leaves_no_child() -> None:
    assert said_by("run(9999)") == ["Bad file descriptor", "no child is left"]


def test_a_call_that_fails_is_named() -> None:
    with pytest.raises(OSError, match="setns") as caught:
        kernel.call("setns", -1, 0)
    assert caught.value.errno == errno.EBADF


def test_a_call_without_a_number_is_refused() -> None:
    with pytest.raises(OSError, match="no number is known for the system call nothing"):
        kernel.Calls().add("nothing")
