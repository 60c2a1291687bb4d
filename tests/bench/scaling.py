"""Verdicts per second of one `Grader` on 1, 2 and 4 executor processes behind one name.

    make bench-scaling                # or: python -m tests.bench.scaling

The programs sleep, so that the number of executors bounds the speed and not that of cores. The last
line is JSON: verdicts per second by the number of executors, and the speed on the most of them
beside that many times the speed on one.
"""

import asyncio
import json
import time
from contextlib import ExitStack

from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import MOST_AT_ONCE, Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.concurrency import for_each
from tests.processes.executor import ExecutorProcess

EXECUTORS = (1, 2, 4)
_SLOTS = 4
_SLEEP_SECONDS = 0.5
# Of each slot, so that the beginning and the end, when some have nothing to do, count for little.
_PROGRAMS = 40

PROBLEM = Problem(
    "sleep", "def f(x):\n", "f", CheckFunction("def check(c):\n    assert c(1) == 2\n"), ""
)
SLEEPER = f"import time\ndef f(x):\n    time.sleep({_SLEEP_SECONDS})\n    return x + 1\n"


async def rate(executors: list[ExecutorProcess]) -> float:
    """Verdicts per second."""
    address = "ipv4:" + ",".join(one.address for one in executors)
    async with open_channel(address) as channel:
        grader = Grader(channel)

        async def grade(_: int) -> None:
            found = await grader.grade(PROBLEM, SLEEPER)
            if found.verdict != "passed":
                raise SystemExit(f"a program that sleeps got {found.verdict}: {found.detail}")

        count = len(executors) * _SLOTS * _PROGRAMS
        started = time.perf_counter()
        await for_each(range(count), grade, at_once=min(count, MOST_AT_ONCE))
        return count / (time.perf_counter() - started)


async def main() -> None:
    with ExitStack() as stack:
        settings = {"executor_slots": str(_SLOTS)}
        all_executors = [
            stack.enter_context(ExecutorProcess(**settings)) for _ in range(max(EXECUTORS))
        ]
        rates: dict[int, float] = {}
        for count in EXECUTORS:
            rates[count] = await rate(all_executors[:count])
            linear = rates[count] / count / rates[1]
            print(
                f"{count} executors: {rates[count]:.1f} verdicts/s, {linear:.2f} of linear",
                flush=True,
            )
    most = max(EXECUTORS)
    figures: dict[str, float] = {str(count): round(found, 1) for count, found in rates.items()}
    print(json.dumps({**figures, "of_linear": round(rates[most] / most / rates[1], 3)}))


if __name__ == "__main__":
    asyncio.run(main())
