"""The same gradings on an idle machine and beside eight busy processes: the same verdicts.

    python -m tests.soak.busy_machine [--gradings N]

Among them are programs that use most of their CPU limit, some that use a little more than it, and
some that sleep. Ends with status 1 when a verdict differs. The last line is JSON.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_common.rpc.channels import open_channel
from tests.processes.executor import ExecutorProcess, limits

BUSY_PROCESSES = 8
_IN_FLIGHT = 16
_DEADLINE_SECONDS = 600.0
_CPU_LIMIT_SECONDS = 0.5
_COMPUTE = (
    "import time\ndef f(x):\n    while time.process_time() < {seconds}: pass\n    return x + 2\n"
)
# Ten programs, in turn, and the verdicts on them.
_PROGRAMS = (
    ("def f(x): return x + 2", "passed"),
    ("def f(x): return x", "failed"),
    ("def f(x): return [][x]", "error"),
    ("import time\ndef f(x):\n    time.sleep(0.3)\n    return x + 2", "passed"),
    (_COMPUTE.format(seconds=0.8 * _CPU_LIMIT_SECONDS), "passed"),
    ("def f(x):\n    return x + sum([1, 1])", "passed"),
    ("def f(x): return str(x)", "failed"),
    (_COMPUTE.format(seconds=1.2 * _CPU_LIMIT_SECONDS), "timeout"),
    ("import time\ndef f(x):\n    time.sleep(0.1)\n    return x", "failed"),
    ("def f(x):\n    x = [0] * 1_000_000\n    return 7", "passed"),
)
_TEST = executor_pb2.CheckFunction(source="def check(candidate): assert candidate(5) == 7")


async def verdicts(stub: "executor_pb2_grpc.ExecutorServiceAsyncStub", gradings: int) -> list[str]:
    """The verdict on each."""
    places = asyncio.Semaphore(_IN_FLIGHT)

    async def grade(number: int) -> str:
        source, _ = _PROGRAMS[number % len(_PROGRAMS)]
        request = executor_pb2.GradeRequest(
            candidate_source=source,
            entry_point="f",
            check_function=_TEST,
            limits=limits(cpu_seconds=_CPU_LIMIT_SECONDS, wall_seconds=60),
        )
        async with places:
            response = await stub.Grade(request, timeout=_DEADLINE_SECONDS)
        return executor_pb2.Verdict.Name(response.verdict).partition("_")[2].lower()

    return await asyncio.gather(*map(grade, range(gradings)))


async def run(gradings: int) -> list[str]:
    """Grades twice and prints; returns what was wrong."""
    with ExecutorProcess() as process:
        async with open_channel(process.address) as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            started = time.monotonic()
            idle = await verdicts(stub, gradings)
            between = time.monotonic()
            with ExitStack() as stack:
                for _ in range(BUSY_PROCESSES):
                    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
                    stack.callback(busy.wait)
                    stack.callback(busy.kill)
                loaded = await verdicts(stub, gradings)
            ended = time.monotonic()
    expected = [_PROGRAMS[number % len(_PROGRAMS)][1] for number in range(gradings)]
    faults = [
        f"{number}: {when} {seen}, not {right}"
        for when, found in (("idle", idle), ("busy", loaded))
        for number, (seen, right) in enumerate(zip(found, expected, strict=True))
        if seen != right
    ]
    figures = {
        "gradings": gradings,
        "different": sum(one != other for one, other in zip(idle, loaded, strict=True)),
        "idle": Counter(idle),
        "busy": Counter(loaded),
        "idle_seconds": round(between - started, 1),
        "busy_seconds": round(ended - between, 1),
        "faults": faults[:20],
    }
    print(json.dumps(figures))
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gradings", type=int, default=1_000)
    if asyncio.run(run(parser.parse_args().gradings)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
