"""Whole programs that read standard input and write standard output, as in APPS and CodeContests.

The supervisor runs the program once for each case and asks `verdict_of` what that was worth. The
program's process holds one case's input; what is expected stays with the supervisor.
"""

import json
import os
import signal
import struct
from typing import NamedTuple

from rlvf_executor import policy
from rlvf_executor.comparison import StreamComparison, StreamRule, Tolerance, difference
from rlvf_executor.outcomes import Judgement, Outcome, Verdict

_LENGTH = struct.Struct(">I")


class Case(NamedTuple):
    """One run of the program."""

    stdin: bytes
    expected_stdout: bytes


class Suite(NamedTuple):
    """A whole test."""

    rule: StreamRule
    cases: tuple[Case, ...]


class Execution(NamedTuple):
    """How one run ended, as the supervisor saw it."""

    outcome: Outcome
    status: int
    """The wait status."""
    stdout: bytes
    truncated: bool
    """Whether standard output was longer than what was kept."""
    limit_detail: str = ""
    """The limit that was reached, in words, where `outcome` names one."""


_LIMIT_VERDICTS = {
    Outcome.CPU_TIME_EXCEEDED: Verdict.TIMEOUT,
    Outcome.WALL_TIME_EXCEEDED: Verdict.TIMEOUT,
    Outcome.MEMORY_EXCEEDED: Verdict.MEMORY,
    Outcome.PROCESSES_EXCEEDED: Verdict.ERROR,
}


def verdict_of(index: int, case: Case, execution: Execution, rule: StreamRule) -> Judgement | None:
    """The verdict on the program if this case decides it; None when the case is right.

    A program that wrote the right answer and then died has not passed: a signal or a limit comes
    first, then the exit status, then the output.
    """
    where = f"cases[{index}]: "
    if execution.outcome in _LIMIT_VERDICTS:
        reason = execution.limit_detail or f"ended with {execution.outcome}"
        return Judgement(_LIMIT_VERDICTS[execution.outcome], f"{where}{reason}")
    if execution.outcome is Outcome.SIGNALED:
        number = os.WTERMSIG(execution.status)
        return Judgement(
            Verdict.ERROR,
            f"{where}the program died of signal {number} ({signal.strsignal(number)})",
        )
    status = os.waitstatus_to_exitcode(execution.status)
    if status and not rule.any_exit_status:
        return Judgement(
            Verdict.ERROR, f"{where}the program ended itself with exit status {status}"
        )
    if execution.truncated:
        return Judgement(
            Verdict.FAILED,
            f"{where}wrote more than the {len(execution.stdout)} bytes that are kept",
        )
    found = difference(execution.stdout, case.expected_stdout, rule)
    return Judgement(Verdict.FAILED, f"{where}{found}") if found else None


def limits_left(limits: policy.Limits, cpu_seconds: float, wall_seconds: float) -> policy.Limits:
    """What the next case may use after so much was used by the cases before it."""
    cpu_left = limits.cpu_seconds - cpu_seconds
    if limits.call_cpu_seconds:
        cpu_left = min(cpu_left, limits.call_cpu_seconds)
    return limits._replace(
        cpu_seconds=max(cpu_left, policy.MINIMUM_LIMITS.cpu_seconds),
        wall_seconds=max(limits.wall_seconds - wall_seconds, policy.MINIMUM_LIMITS.wall_seconds),
        call_cpu_seconds=0.0,
    )


def encode(suite: Suite) -> bytes:
    """Packs a suite for the supervisor: a JSON header, then all inputs and outputs."""
    header = json.dumps(
        [
            suite.rule.comparison,
            suite.rule.float_tolerance,
            suite.rule.any_exit_status,
            [[len(case.stdin), len(case.expected_stdout)] for case in suite.cases],
        ]
    ).encode()
    parts = [part for case in suite.cases for part in case]
    return b"".join((_LENGTH.pack(len(header)), header, *parts))


def decode(payload: bytes) -> Suite:
    """Unpacks what `encode` packed."""
    (size,) = _LENGTH.unpack_from(payload)
    position = _LENGTH.size + size
    comparison, tolerance, any_exit_status, sizes = json.loads(payload[_LENGTH.size : position])
    cases = []
    for stdin_bytes, expected_bytes in sizes:
        middle = position + stdin_bytes
        end = middle + expected_bytes
        cases.append(Case(payload[position:middle], payload[middle:end]))
        position = end
    rule = StreamRule(
        StreamComparison(comparison),
        None if tolerance is None else Tolerance(*tolerance),
        any_exit_status,
    )
    return Suite(rule, tuple(cases))
