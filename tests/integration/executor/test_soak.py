"""The scripts of tests/soak, which `make soak-executor` runs in full, with smaller numbers."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
# What others on this machine put there meanwhile is not what the executor left behind.
OWN_TEMPORARY_FILES = [
    *("unshare", "--mount", "sh", "-c"),
    # The repository may lie below one of them.
    """
    exec 3<"$0"
    for place in /tmp /var/tmp /dev/shm; do mount -t tmpfs tmpfs "$place"; done
    [ -d "$0" ] || { mkdir -p "$0"; mount --no-canonicalize --bind /proc/self/fd/3 "$0"; }
    cd "$0"
    exec "$@" 3<&-
    """,
    str(REPOSITORY),
]

pytestmark = pytest.mark.slow


def run(name: str, *arguments: str, within: Sequence[str] = ()) -> dict[str, object]:
    """The figures that a script ends with, run by the command `within`; it must have found nothing
    wrong."""
    result = subprocess.run(
        [*within, sys.executable, "-m", f"tests.soak.{name}", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert result.stdout, result.stderr
    figures: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    assert figures["faults"] == []
    assert result.returncode == 0
    return figures


def test_a_killed_executor_loses_doubles_and_changes_no_verdict() -> None:
    figures = run("killed_executor", "--gradings", "600")
    assert (figures["verdicts"], figures["changed"]) == (600, 0)


def test_a_busy_machine_changes_no_verdict() -> None:
    figures = run("busy_machine", "--gradings", "40")
    assert figures["different"] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="reads the memory of processes of other users")
def test_hostile_programs_leave_nothing_behind() -> None:
    figures = run("executor", "--executions", "420", within=OWN_TEMPORARY_FILES)
    assert figures["zombies"] == 0
