"""No process of a guardian's command outlives the guardian's owner."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

GUARDIAN = [sys.executable, "-m", "rlvf_client.local_stack.guardian", sys.executable, "-c"]

# Starts a grandchild in a session of its own, which ignores SIGTERM; says the pids of both.
ABANDONING = """
import os, subprocess, sys, time
stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
child = subprocess.Popen(
    [sys.executable, "-c", stubborn + "time.sleep(600)"],
    start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
print(os.getpid(), child.pid, flush=True)
{then}
"""
WAIT = "time.sleep(600)"
END = "os._exit(3)"


@contextmanager
def guarded(then: str) -> Iterator[tuple["subprocess.Popen[bytes]", list[psutil.Process]]]:
    process = subprocess.Popen(
        [*GUARDIAN, ABANDONING.format(then=then)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    pids = [int(pid) for pid in process.stdout.readline().split()]
    found = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(pid))
    yield process, found
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()


def all_gone(processes: list[psutil.Process]) -> bool:
    return psutil.wait_procs(processes, timeout=30)[1] == []


def test_all_end_when_the_owner_closes_the_pipe() -> None:
    with guarded(WAIT) as (guardian, processes):
        assert guardian.stdin is not None
        guardian.stdin.close()
        assert guardian.wait(timeout=30) == 128 + signal.SIGTERM
        assert all_gone(processes)


def test_what_a_command_abandons_ends_with_the_command() -> None:
    with guarded(END) as (guardian, processes):
        assert guardian.wait(timeout=30) == 3
        assert all_gone(processes)


def test_the_command_ends_when_its_guardian_is_killed() -> None:
    with guarded(WAIT) as (guardian, processes):
        command, abandoned = processes
        os.kill(guardian.pid, signal.SIGKILL)
        assert all_gone([command])
        abandoned.kill()


def test_the_command_is_killed_when_its_owner_is_killed() -> None:
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, time\n"
            f"p = subprocess.Popen({[*GUARDIAN, ABANDONING.format(then=WAIT)]!r}, "
            "stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
            "print(p.stdout.readline().decode(), flush=True)\n"
            "time.sleep(600)",
        ],
        stdout=subprocess.PIPE,
    )
    assert owner.stdout is not None
    processes = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
    owner.kill()
    owner.communicate()
    assert all_gone(processes)


def test_temporary_files_go_with_the_command(tmp_path: Path) -> None:
    left = tmp_path / "left"
    making = (
        "import pathlib, tempfile, time\n"
        "directory = tempfile.mkdtemp()\n"
        f"pathlib.Path({str(left)!r}).touch()\n"
        "print(directory, flush=True)\n"
        "time.sleep(600)"
    )
    command = [*GUARDIAN[:3], f"--leaves={left}", *GUARDIAN[3:], making]
    guardian = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert guardian.stdin is not None
    assert guardian.stdout is not None
    with guardian.stdout:
        directory = Path(guardian.stdout.readline().decode().strip())
    assert directory.is_dir()
    assert left.exists()
    # What the kernel does to the pipe of an owner that is killed.
    guardian.stdin.close()
    guardian.wait(timeout=30)
    assert not directory.parent.exists()
    assert not left.exists()


def test_no_command_is_a_usage_error() -> None:
    result = subprocess.run(GUARDIAN[:3], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "COMMAND" in result.stderr
