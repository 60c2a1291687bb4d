"""Many executions, one in ten hostile: memory stays flat and nothing is left behind.

    make soak-executor                          # or: python -m tests.soak.executor --executions N

Needs root, to read the memory and descriptors of processes of other users. Ends with status 1 when
something is not as it must be. The last line is JSON.
"""

import argparse
import asyncio
import itertools
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

import psutil

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_common.rpc.channels import open_channel
from tests.processes.executor import ExecutorProcess
from tests.soak.hostile import HOSTILE, PEACEFUL, Job
from tests.soak.leftovers import cgroup_count, differences, held, memory_mib, temporary_files

STEPS = 20
MOST_MIB = 150.0
MOST_GROWTH = 0.05
_IN_FLIGHT = 16
_DEADLINE_SECONDS = 300.0

Stub: TypeAlias = "executor_pb2_grpc.ExecutorServiceAsyncStub"


def jobs() -> Iterator[Job]:
    """For ever: nine peaceful ones, then a hostile one, each kind in turn."""
    peaceful, hostile = itertools.cycle(PEACEFUL), itertools.cycle(HOSTILE)
    while True:
        yield from itertools.islice(peaceful, 9)
        yield next(hostile)


async def run(stub: Stub, job: Job) -> str:
    """The outcome or verdict, in lower case without the prefix."""
    if isinstance(job.request, executor_pb2.GradeRequest):
        graded = await stub.Grade(job.request, timeout=_DEADLINE_SECONDS)
        return executor_pb2.Verdict.Name(graded.verdict).partition("_")[2].lower()
    executed = await stub.Execute(job.request, timeout=_DEADLINE_SECONDS)
    return executor_pb2.Outcome.Name(executed.outcome).partition("_")[2].lower()


async def run_many(stub: Stub, work: Iterator[Job], wrong: Counter[str]) -> None:
    """Runs all of `work`; what ends as it must not is counted in `wrong`."""

    async def worker() -> None:
        for job in work:
            result = await run(stub, job)
            if result not in job.right:
                wrong[f"{job.name}: {result}"] += 1

    await asyncio.gather(*(worker() for _ in range(_IN_FLIGHT)))


def faults(memory: list[float], wrong: Counter[str]) -> list[str]:
    """What is not as it must be; `memory` has one reading for each step, in MiB."""
    found = [f"{count} times {name}" for name, count in wrong.most_common(20)]
    if max(memory) > MOST_MIB:
        found.append(f"memory reached {max(memory):.1f} MiB, more than {MOST_MIB:.0f}")
    tenth = STEPS // 10
    second, last = sum(memory[tenth : 2 * tenth]) / tenth, sum(memory[-tenth:]) / tenth
    if abs(last / second - 1) > MOST_GROWTH:
        found.append(f"memory went from {second:.1f} to {last:.1f} MiB")
    return found


async def soak(executions: int) -> list[str]:
    """Runs the soak and prints it; returns what was wrong."""
    files_before = temporary_files()
    wrong: Counter[str] = Counter()
    memory: list[float] = []
    endless = jobs()
    started = time.monotonic()
    with ExecutorProcess() as process:
        async with open_channel(process.address) as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            # One of each first: what is made once is there before anything is counted.
            await run_many(stub, iter((*PEACEFUL, *HOSTILE)), wrong)
            before = held(process.pid)
            for step in range(1, STEPS + 1):
                share = executions * step // STEPS - executions * (step - 1) // STEPS
                await run_many(stub, itertools.islice(endless, share), wrong)
                memory.append(memory_mib(process.pid))
                print(f"{executions * step // STEPS} executions: {memory[-1]:.1f} MiB", flush=True)
            after = held(process.pid)
        below = psutil.Process(process.pid).children(recursive=True)
        groups = cgroup_count(process.pid)
    found = [*faults(memory, wrong), *differences(before, after)]
    if survivors := [str(one) for one in psutil.wait_procs(below, timeout=20)[1]]:
        found.append(f"still there after the end: {survivors}")
    if left := temporary_files() - files_before:
        found.append(f"left after the end: {sorted(left)}")
    figures = {
        "executions": executions,
        "seconds": round(time.monotonic() - started, 1),
        "memory_mib_second_tenth": round(sum(memory[2:4]) / 2, 1),
        "memory_mib_last_tenth": round(sum(memory[-2:]) / 2, 1),
        "memory_mib_most": round(max(memory), 1),
        "zombies": after.zombies,
        "processes": after.processes,
        "cgroups": groups,
        "descriptors": sum(map(sum, after.descriptors.values())),
        "mounts": sum(after.mounts),
        "faults": found,
    }
    print(json.dumps(figures))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--executions", type=int, default=100_000)
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("the soak reads other users' processes: run it as root")
    with tempfile.TemporaryDirectory(prefix="rlvf-soak-") as directory:
        # What the executor itself leaves shows in a directory that nobody else writes to.
        os.environ["TMPDIR"] = tempfile.tempdir = directory
        if asyncio.run(soak(arguments.executions)):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
