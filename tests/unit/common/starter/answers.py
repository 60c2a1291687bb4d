"""Runs answers to starter problems in this process; only for programs that the tests made."""

import ast
import contextlib
import gc
import io
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from rlvf_common.problems.kinds_of_test import CheckFunction, StandardStreams
from rlvf_common.problems.problem import Problem

CPU_SECONDS = 0.02
"""What a wrong answer may use. The references need a tenth of it."""

REFERENCE_CPU_SECONDS = 1.0
"""What a right answer may use, so that no pause of this process fails it."""

MEMORY_BYTES = 64 << 20
"""What an answer may use beyond what this process has."""


class OutOfTime(BaseException):
    """An answer loops; derived from BaseException so that none swallows it."""


@contextmanager
def limits(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` inside after so much CPU time, and MemoryError where too much is taken."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    room = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (room, before[1]))
    previous = signal.signal(signal.SIGPROF, stop)
    gc.disable()  # The whole process's garbage is no part of an answer's time.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.enable()
        signal.signal(signal.SIGPROF, previous)
        resource.setrlimit(resource.RLIMIT_AS, before)


def reference(problem: Problem) -> str:
    """The reference solution, a whole program."""
    return problem.prompt + problem.canonical_solution


def define(source: str | CodeType, name: str) -> Callable[..., Any]:
    """The function or class of that name that a program defines."""
    namespace: dict[str, Any] = {"__name__": "answer"}
    exec(compile(source, name, "exec") if isinstance(source, str) else source, namespace)
    found: Callable[..., Any] = namespace[name]
    return found


@cache
def check_of(source: str) -> Callable[[Callable[..., Any]], None]:
    """The check that a test's source defines."""
    return define(source, "check")


def run(code: CodeType, stdin: str) -> str:
    """What a program writes."""
    stdout = io.StringIO()
    stdin_before, sys.stdin = sys.stdin, io.StringIO(stdin)
    try:
        with contextlib.redirect_stdout(stdout):
            exec(code, {"__name__": "__main__"})
    finally:
        sys.stdin = stdin_before
    return stdout.getvalue()


def lines(text: str) -> list[str]:
    """What the comparison `lines` compares."""
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n").split("\n")


def passes(problem: Problem, answer: str | ast.Module, seconds: float = CPU_SECONDS) -> bool:
    """Whether a program passes the problem's test."""
    return _succeeds(lambda: run_test(problem, compile(answer, problem.task_id, "exec")), seconds)


def passes_check(problem: Problem, candidate: Callable[..., Any]) -> bool:
    """Whether a function or class passes the problem's check."""
    assert isinstance(problem.test, CheckFunction)
    check = check_of(problem.test.source)
    return _succeeds(lambda: check(candidate), CPU_SECONDS)


def run_test(problem: Problem, code: CodeType) -> None:
    """Raises what the problem's test raises; AssertionError where the output is another."""
    if isinstance(problem.test, CheckFunction):
        check_of(problem.test.source)(define(code, problem.entry_point))
    elif isinstance(problem.test, StandardStreams):
        for case in problem.test.cases:
            assert lines(run(code, case.stdin)) == lines(case.stdout)


def _succeeds(test: Callable[[], None], seconds: float) -> bool:
    try:
        with limits(seconds):
            test()
    except (Exception, OutOfTime, SystemExit):
        return False
    return True
