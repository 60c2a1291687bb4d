# ruff: noqa: E501 -- programs in one string each read better than wrapped.
"""Programs of the soak: right and wrong answers, and attacks, each with how it may end."""

from typing import NamedTuple

from rlvf.executor.v1 import executor_pb2
from tests.processes.executor import limits

MIB = 1 << 20
_LIMITS = limits(cpu_seconds=3, wall_seconds=10, memory_bytes=128 * MIB, processes=8)
# For programs that may end by it: on a busy machine any other program could, too.
_SHORT = limits(cpu_seconds=0.1, wall_seconds=5, memory_bytes=128 * MIB, processes=8)
_SLEEPY = limits(cpu_seconds=0.1, wall_seconds=0.2, memory_bytes=128 * MIB, processes=8)
_TEST = "def check(candidate):\n    assert candidate(5) == 7\n    assert candidate(0) == 2\n"
_STOPPED = {"cpu_time_exceeded", "wall_time_exceeded", "memory_exceeded", "processes_exceeded"}
_BELOW_PASSED = {"failed", "error", "timeout", "memory"}


class Job(NamedTuple):
    """One request, and the outcomes or verdicts that are right for it."""

    name: str
    request: executor_pb2.GradeRequest | executor_pb2.ExecuteRequest
    right: set[str]


def graded(name: str, source: str, right: set[str]) -> Job:
    """A candidate of a grading."""
    request = executor_pb2.GradeRequest(
        candidate_source=source,
        entry_point="f",
        check_function=executor_pb2.CheckFunction(source=_TEST),
        limits=_limits_for(right),
    )
    return Job(name, request, right)


def executed(
    name: str, source: str, right: set[str], asked: executor_pb2.Limits | None = None
) -> Job:
    """A program that is run."""
    request = executor_pb2.ExecuteRequest(source=source, limits=asked or _limits_for(right))
    return Job(name, request, right)


def _limits_for(right: set[str]) -> executor_pb2.Limits:
    return _SHORT if right & {"cpu_time_exceeded", "timeout"} else _LIMITS


PEACEFUL = (
    graded("a right answer", "def f(x): return x + 2", {"passed"}),
    graded("a wrong answer", "def f(x): return x + 3", {"failed"}),
    graded(
        "a slower right answer", "def f(x):\n    sum(range(20_000))\n    return x + 2", {"passed"}
    ),
    graded("an exception", "def f(x): return [][x]", {"error"}),
    executed("a program", "print(sum(range(1000)))", {"exited"}),
)

_KEEP_FORKING = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
_KEEP_STARTING_THREADS = (
    "import threading, time\nwhile True:\n"
    "    try: threading.Thread(target=time.sleep, args=(9,)).start()\n    except RuntimeError: pass"
)
_DAEMON = (
    "import os, time\ntry:\n    if os.fork() == 0:\n        os.setsid()\n"
    "        if os.fork() == 0: time.sleep(1000)\n        os._exit(0)\nexcept OSError: pass"
)
_FILL = (
    "n = 0\ntry:\n    while True:\n        with open(f'/tmp/{n}', 'wb') as file: file.write(bytes(1 << 20))\n"
    "        n += 1\nexcept OSError: pass"
)
_FILL_INODES = "n = 0\ntry:\n    while True:\n        open(f'/tmp/{n}', 'w').close(); n += 1\nexcept OSError: pass"
_KILL_ALL = (
    "import os\nfor pid in (-1, 1, os.getppid(), *range(2, 300)):\n    if pid != os.getpid():\n"
    "        try: os.kill(pid, 9)\n        except OSError: pass"
)
_WRITE_EVERYWHERE = (
    "import os\ndef f(x):\n    for n in range(256):\n"
    "        for line in (b'[\"passed\", \"\"]\\n', b'\\0\\0\\0\\2VT'):\n"
    "            try: os.write(n, line)\n            except OSError: pass\n    os._exit(0)"
)
_LIAR = "class E(int):\n    def __eq__(s, o): return True\ndef f(x): return E()"

HOSTILE = (
    executed("computes for ever", "while True: pass", _STOPPED),
    executed("computes in C", "sum(range(10 ** 12))", _STOPPED),
    executed("sleeps for ever", "import time\ntime.sleep(1000)", _STOPPED, _SLEEPY),
    executed("forks for ever", _KEEP_FORKING, _STOPPED | {"exited"}),
    executed("starts threads for ever", _KEEP_STARTING_THREADS, _STOPPED),
    executed("leaves a daemon", _DAEMON, {"exited"} | _STOPPED),
    executed("allocates at once", "x = bytearray(10 * 2**30)", {"memory_exceeded"}),
    executed("allocates step by step", "x = []\nwhile True: x.append(bytearray(1 << 20))", _STOPPED),
    executed("fills its directory", _FILL, {"exited"} | _STOPPED),
    executed("fills its directory with names", _FILL_INODES, {"exited"} | _STOPPED),
    executed("prints for ever", "while True: print('x' * 100_000)", _STOPPED),
    executed("kills all", _KILL_ALL, {"exited", "signaled"} | _STOPPED),
    executed("overflows the stack", "x = []\nfor _ in range(10**6): x = [x]\nrepr(x)",
             {"exited", "signaled"} | _STOPPED),
    executed("opens descriptors", "import os\ntry:\n    while True: os.dup(0)\nexcept OSError: pass",
             {"exited"}),
    executed("a segmentation fault", "import ctypes\nctypes.string_at(0)", {"signaled"}),
    graded("exits in the call", "import os\ndef f(x): os._exit(0)", {"error"}),
    graded("equals everything", _LIAR, {"error", "failed"}),
    graded("writes to every descriptor", _WRITE_EVERYWHERE, _BELOW_PASSED),
    graded("closes its channel", "import os\ndef f(x): os.closerange(3, 64)", _BELOW_PASSED),
    graded("answers with much", "def f(x): return 'x' * (60 << 20)", _BELOW_PASSED),
    graded("computes for ever in the call", "def f(x):\n    while True: pass", {"timeout"}),
)  # fmt: skip
