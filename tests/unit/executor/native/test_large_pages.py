"""The interpreter's code on large pages."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

_ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")

# Runs code of many kinds after the move, in the process and in a child of it.
PROGRAM = """
import os, re
from rlvf_executor.native import _native
print(_native.use_large_pages())
def work():
    try:
        {}["missing"]
    except KeyError:
        pass
    return re.sub("b+", "x", "abbc") + str(sum(i * 1.5 for i in range(1000))) + repr(10 ** 50)
first = work()
child = os.fork()
if not child:
    os._exit(work() != first)
print(os.waitpid(child, 0)[1])
pages = [line.split() for line in open("/proc/self/smaps_rollup") if "AnonHugePages" in line]
print(pages[0][1])
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="it does nothing elsewhere")
@pytest.mark.skipif(
    not _ENABLED.exists() or "[never]" in _ENABLED.read_text(),
    reason="this machine has no transparent huge pages",
)
def test_code_runs_from_large_pages_and_a_fork_hands_it_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    moved, child, kilobytes = done.stdout.split()
    assert child == "0"
    if moved == "True":  # Where the interpreter's code is smaller than a large page nothing moves.
        assert int(kilobytes) >= 2048
    else:
        assert kilobytes == "0"
