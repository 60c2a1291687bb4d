"""Two executors behind one client, one of them killed (-9) in the middle: no verdict is lost, given
twice or changed.

    python -m tests.soak.killed_executor [--gradings N]

Ends with status 1 when something is not as it must be. The last line is JSON.
"""

import argparse
import asyncio
import json
import os
import signal
import time
from collections import Counter

from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from tests.processes.executor import ExecutorProcess

_BODIES = {
    "passed": "return x + {number}",
    "failed": "return x + {number} + 1",
    "error": "return [][x]",
}


def grading(number: int) -> tuple[Problem, str, str]:
    """A problem of its own, an answer, and the verdict on it."""
    problem = Problem(
        task_id=f"soak/{number}",
        prompt="def f(x):\n",
        entry_point="f",
        test=CheckFunction(f"def check(candidate):\n    assert candidate(1) == {number} + 1\n"),
        canonical_solution="",
        source="soak",
        split="test",
    )
    verdict = tuple(_BODIES)[number % len(_BODIES)]
    return problem, f"def f(x):\n    {_BODIES[verdict].format(number=number)}\n", verdict


async def run(gradings: int) -> list[str]:
    """Grades, kills, prints; returns what was wrong."""
    verdicts: dict[int, list[str]] = {number: [] for number in range(gradings)}
    kill_at = gradings // 3
    after_the_kill = 0
    started = time.monotonic()
    with ExecutorProcess(metrics_listen="127.0.0.1:0") as first, ExecutorProcess() as second:
        both = f"ipv4:{first.address},{second.address}"
        async with open_channel(both) as channel:
            grader = Grader(channel)
            given = 0
            by_the_first = 0.0

            async def grade(number: int) -> None:
                nonlocal given, after_the_kill, by_the_first
                problem, answer, _ = grading(number)
                verdicts[number].append((await grader.grade(problem, answer)).verdict)
                given += 1
                if given == kill_at:
                    counts = first.metrics()
                    by_the_first = counts["rlvf_executor_slot_seconds_count"]
                    os.kill(first.pid, signal.SIGKILL)
                after_the_kill += given > kill_at

            await asyncio.gather(*map(grade, range(gradings)))
    found = Counter(len(each) for each in verdicts.values())
    changed = [
        f"{number}: {each} is not {grading(number)[2]}"
        for number, each in verdicts.items()
        if set(each) != {grading(number)[2]}
    ]
    faults = changed[:20]
    if found != {1: gradings}:
        faults.append(f"verdicts for one grading: {dict(found)}")
    if not by_the_first:
        faults.append("the executor that was killed had nothing to do")
    figures = {
        "gradings": gradings,
        "verdicts": sum(map(len, verdicts.values())),
        "changed": len(changed),
        "by_the_killed_one": int(by_the_first),
        "after_the_kill": after_the_kill,
        "seconds": round(time.monotonic() - started, 1),
        "faults": faults,
    }
    print(json.dumps(figures))
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--gradings", type=int, default=5_000)
    if asyncio.run(run(parser.parse_args().gradings)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
