"""Whole programs that read standard input and write standard output, as in APPS and CodeContests.

The supervisor runs the program once for each case and compares what it wrote. The program's
process holds one case's input; what is expected stays with the supervisor.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import NamedTuple

from rlvf_executor.contract import policy
from rlvf_executor.contract.outcomes import Outcome, Verdict
from rlvf_executor.contract.rules import StreamRule
from rlvf_executor.contract.suites import Case, Suite
from rlvf_executor.supervisor import verdicts
from rlvf_executor.supervisor.stream_comparison import difference
from rlvf_executor.supervisor.verdicts import Credit, Judgement, Measured


class Execution(NamedTuple):
    """How one run ended, as the supervisor saw it."""

    measured: Measured
    stdout: bytes
    truncated: bool
    """Whether standard output was longer than what was kept."""
    last_words: str = ""
    """The last line that it wrote to standard error."""


Run = Callable[[policy.Limits, bytes], Execution]
"""Runs the program with these limits and this standard input."""
Check = Callable[[str, Case, bytes, float], Judgement | None]
"""Has a checker decide about what the program wrote for a case, in so many seconds of wall time;
None where that is right."""


def grade(
    suite: Suite, limits: policy.Limits, run: Run, check: Check, *, credit: bool = False
) -> tuple[Judgement, Measured, Credit | None]:
    """Runs the program once for each case, with what is left of the suite's time.

    Returns the verdict, what all runs used together, and with `credit` how many cases were passed:
    then it goes on after a wrong case, until one reaches the time limit.

    All checks together take no longer than the program may, or `MIN_CHECKS_WALL_SECONDS`. Else the
    verdict is TIMEOUT, as where one check does not end: the outputs may be why.
    """
    used = Measured(0, None, 0.0, 0.0, 0)
    verdict: Judgement | None = None
    passed = 0
    started = time.monotonic()
    checks_limit = max(policy.MIN_CHECKS_WALL_SECONDS, limits.wall_seconds)
    checked_seconds = 0.0
    for index, case in enumerate(suite.cases):
        left = limits_left(limits, used.cpu_seconds, used.wall_seconds)
        left = left._replace(output_bytes=max(left.output_bytes, output_bytes_for(case)))
        execution = run(left, case.stdin)
        used = verdicts.together(used, execution.measured)
        found = ending_of(index, execution, left, suite.rule)
        if found is None and suite.checker_source:
            began = time.monotonic()
            seconds = max(checks_limit - checked_seconds, policy.MINIMUM_LIMITS.wall_seconds)
            found = check(suite.checker_source, case, execution.stdout, seconds)
            checked_seconds += time.monotonic() - began
            if checked_seconds >= checks_limit:
                found = Judgement(
                    Verdict.TIMEOUT, f"the checker took more than {checks_limit:g} s for all cases"
                )
            found = found and found._replace(detail=f"cases[{index}]: {found.detail}")
        elif found is None:
            found = difference_of(index, case, execution, suite.rule)
        passed += found is None
        verdict = verdict or found
        if found is not None and (not credit or found.verdict is Verdict.TIMEOUT):
            break
        # A checker has time of its own only while the verdict is open.
        out_of_time = time.monotonic() - started >= limits.wall_seconds
        if verdict is not None and (out_of_time or used.cpu_seconds >= limits.cpu_seconds):
            break
    counted = Credit(passed, len(suite.cases)) if credit else None
    return verdict or Judgement(Verdict.PASSED, ""), used, counted


def output_bytes_for(case: Case) -> int:
    """How much output is kept of a program that may write more white space and digits than is
    expected, or less."""
    return 2 * len(case.expected_stdout) + policy.DEFAULT_LIMITS.output_bytes


def ending_of(
    index: int, execution: Execution, limits: policy.Limits, rule: StreamRule
) -> Judgement | None:
    """The verdict on the program if the end of one run decides it; None where its output does.

    A program that wrote the right answer and then died has not passed: a signal or a limit comes
    first, then the exit status, then the output.
    """
    where = f"cases[{index}]: "
    measured = execution.measured
    outcome = verdicts.outcome_of(measured, limits)
    limit = verdicts.limit_reached(outcome, limits)
    if limit is not None:
        return limit._replace(detail=f"{where}{limit.detail}")
    if outcome is Outcome.SIGNALED:
        number = os.WTERMSIG(measured.status)
        return Judgement(
            Verdict.ERROR,
            f"{where}the program died of signal {number} ({signal.strsignal(number)})",
        )
    status = os.waitstatus_to_exitcode(measured.status)
    if status and not rule.any_exit_status:
        detail = f"{where}the program ended itself with exit status {status}"
        if execution.last_words:
            detail += f": {execution.last_words}"
        return Judgement(Verdict.ERROR, detail)
    if execution.truncated:
        return Judgement(
            Verdict.FAILED,
            f"{where}wrote more than the {len(execution.stdout)} bytes that are kept",
        )
    return None


def difference_of(
    index: int, case: Case, execution: Execution, rule: StreamRule
) -> Judgement | None:
    """The verdict on the program if its output for one case is wrong; else None."""
    found = difference(execution.stdout, case.expected_stdout, rule)
    return Judgement(Verdict.FAILED, f"cases[{index}]: {found}") if found else None


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
