"""Runs answers to starter problems in this process; only for programs that the tests made."""

import ast
import contextlib
import io
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType, FrameType
from typing import Any

from rlvf_common.problems.kinds_of_test import CheckFunction, StandardStreams
from rlvf_common.problems.problem import Problem

CPU_SECONDS = 0.02
"""What an answer may use. The references need a tenth of it."""


class OutOfTime(BaseException):
    """An answer loops; derived from BaseException so that none swallows it."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` inside after so much CPU time."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


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
    try:
        with cpu_limit(seconds):
            code = compile(answer, problem.task_id, "exec")
            if isinstance(problem.test, StandardStreams):
                return all(
                    lines(run(code, case.stdin)) == lines(case.stdout)
                    for case in problem.test.cases
                )
            return passes_check(problem, define(code, problem.entry_point), seconds)
    except (Exception, OutOfTime, SystemExit):
        return False


def passes_check(
    problem: Problem, candidate: Callable[..., Any], seconds: float = CPU_SECONDS
) -> bool:
    """Whether a function or class passes the problem's check."""
    assert isinstance(problem.test, CheckFunction)
    check = check_of(problem.test.source)
    try:
        with cpu_limit(seconds):
            check(candidate)
    except (Exception, OutOfTime, SystemExit):
        return False
    return True
