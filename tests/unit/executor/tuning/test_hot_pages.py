"""Pages that parent and child write to: which they are, and that a fork copies them when pinned."""

import json
import subprocess
import sys

import pytest

# Forks children that write to some pages, before and after these are pinned. Says what the first
# shared with its parent no more, and how many page faults each met.
PROGRAM = """
import ctypes, json, mmap, os, resource
from rlvf_executor.tuning import hot_pages

PAGES, WRITTEN = 400, range(100, 200)
libc = ctypes.PyDLL(None)
memory = mmap.mmap(-1, PAGES * mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
memory[:] = b"p" * len(memory)

def fork(then):
    told, tell = os.pipe()
    wait, go = os.pipe()
    child = os.fork()
    if child == 0:
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for page in WRITTEN:
            memory[page * mmap.PAGESIZE] = 99
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
        os.write(tell, str(faults).encode())
        os.close(go)
        os.read(wait, 1)
        os._exit(0)
    faults = int(os.read(told, 100))
    result = then()
    os.close(go)
    os.waitpid(child, 0)
    return faults, result

before, ranges = fork(lambda: hot_pages.written(os.getpid()))
pages = {a // mmap.PAGESIZE + n for a, size in ranges for n in range(size // mmap.PAGESIZE)}
mine = range(start // mmap.PAGESIZE, start // mmap.PAGESIZE + PAGES)
found = [page - mine.start for page in mine if page in pages]
pinned = hot_pages.pin(hot_pages.pack(ranges)) >= 0
after, _ = fork(lambda: None)
intact = memory[:] == b"p" * len(memory)
print(json.dumps([before, found, pinned, after, intact]))
"""


def said_by(program: str) -> str:
    """What a program writes, in a process of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_pages_that_a_child_writes_to_are_copied_at_the_fork() -> None:
    before, found, pinned, after, intact = json.loads(said_by(PROGRAM))
    assert found == list(range(100, 200))
    assert before >= 100
    assert intact, "the child wrote to its parent's memory"
    if not pinned:
        pytest.skip("the kernel gives no io_uring here, or lets no memory be locked")
    assert after < before - 90


def test_nothing_is_found_where_one_may_not_look() -> None:
    # As an executor that is not root, in the tier without namespaces.
    program = (
        "import os\n"
        "from rlvf_executor.tuning import hot_pages\n"
        "if os.getuid() == 0: os.setresuid(65534, 65534, 65534)\n"
        "print(hot_pages.written(1))"
    )
    assert said_by(program) == "[]\n"


def test_without_a_ring_nothing_is_pinned() -> None:
    program = (
        "import resource\n"
        "from rlvf_executor.tuning import hot_pages\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))\n"
        "print(hot_pages.pin(hot_pages.pack([(0, 4096)])))"
    )
    assert said_by(program) == "-1\n"
