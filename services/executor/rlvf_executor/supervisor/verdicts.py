"""Outcomes and verdicts, from what the supervisor measured: plain functions, no I/O."""

import os
import signal
from typing import NamedTuple

from rlvf_executor.contract import policy
from rlvf_executor.contract.outcomes import OUT_OF_MEMORY_SIGNAL, Outcome, Verdict
from rlvf_executor.contract.report import BAD_TEST, GONE, PASSED, BadTest, Report


class Measured(NamedTuple):
    """Measurements of one process tree that has ended."""

    status: int
    """The wait status of its first process."""
    killed_for: Outcome | None
    """The limit because of which the supervisor killed it."""
    cpu_seconds: float
    wall_seconds: float
    peak_memory_bytes: int
    out_of_memory_kills: int = 0
    refused_forks: int = 0


def outcome_of(measured: Measured, limits: policy.Limits) -> Outcome:
    """The outcome; a limit that was reached takes precedence over how the program then ended."""
    if measured.out_of_memory_kills:
        return Outcome.MEMORY_EXCEEDED
    if measured.refused_forks:
        return Outcome.PROCESSES_EXCEEDED
    if measured.killed_for is not None and os.WIFSIGNALED(measured.status):
        return measured.killed_for
    if measured.cpu_seconds >= limits.cpu_seconds:
        return Outcome.CPU_TIME_EXCEEDED
    if os.WIFSIGNALED(measured.status):
        if os.WTERMSIG(measured.status) == OUT_OF_MEMORY_SIGNAL:
            return Outcome.MEMORY_EXCEEDED
        return Outcome.SIGNALED
    return Outcome.EXITED


def together(first: Measured, second: Measured) -> Measured:
    """What two runs of a program used; all else is as the first ended."""
    return first._replace(
        cpu_seconds=first.cpu_seconds + second.cpu_seconds,
        wall_seconds=first.wall_seconds + second.wall_seconds,
        peak_memory_bytes=max(first.peak_memory_bytes, second.peak_memory_bytes),
    )


def time_left(limits: policy.Limits, used: Measured) -> policy.Limits | None:
    """The limits with what is left of the time; None where that is too little to run anything."""
    left = limits._replace(
        cpu_seconds=limits.cpu_seconds - used.cpu_seconds,
        wall_seconds=limits.wall_seconds - used.wall_seconds,
    )
    least = policy.MINIMUM_LIMITS
    enough = left.cpu_seconds >= least.cpu_seconds and left.wall_seconds >= least.wall_seconds
    return left if enough else None


class TestMisbehaved(Exception):
    """The test itself looped, exited or crashed, so there is no verdict."""


class Judgement(NamedTuple):
    """A verdict and its reason."""

    verdict: Verdict
    detail: str


class Credit(NamedTuple):
    """How many of a test's cases a program passed."""

    passed: int
    total: int


def credit_of(judgement: Judgement, report: Report | None) -> Credit | None:
    """What a judge found right; None where that does not go with the verdict: the test has no
    cases, or what it holds against the program is in none of them."""
    if report is None or report.passed is None:
        return None
    if (report.passed == report.total) != (judgement.verdict is Verdict.PASSED):
        return None
    return Credit(report.passed, report.total)


def judge_verdict(
    candidate: Measured,
    limits: policy.Limits,
    report: Report | None,
    judge_outcome: Outcome,
    asked: bool,
) -> Judgement:
    """The verdict from the measurements of both processes and the judge's report.

    Raises:
        BadTest: the test does not run.
        TestMisbehaved: the test's process died or exceeded its budget, and the candidate is not the
        cause.
    """
    if report is not None and report.kind == BAD_TEST:
        field, _, problem = report.detail.partition(": ")
        raise BadTest(field, problem)
    # A program may have ended before the supervisor looked at its CPU time.
    in_time = candidate.cpu_seconds < limits.cpu_seconds
    if report is not None and report.kind == PASSED and in_time:
        return Judgement(Verdict.PASSED, "")
    limit = limit_reached(outcome_of(candidate, limits), limits)
    if limit is not None:
        return limit
    if report is None:
        return without_report(judge_outcome, asked)
    if report.kind == GONE:
        return Judgement(Verdict.ERROR, _how_it_went(candidate))
    return Judgement(Verdict(report.kind), report.detail)


def limit_reached(outcome: Outcome, limits: policy.Limits) -> Judgement | None:
    """The verdict on a program that reached a limit; None if it did not."""
    if outcome is Outcome.CPU_TIME_EXCEEDED:
        return Judgement(
            Verdict.TIMEOUT, f"reached its limit of {limits.cpu_seconds:g} s of CPU time"
        )
    if outcome is Outcome.WALL_TIME_EXCEEDED:
        return Judgement(
            Verdict.TIMEOUT, f"reached its limit of {limits.wall_seconds:g} s of wall time"
        )
    if outcome is Outcome.MEMORY_EXCEEDED:
        return Judgement(
            Verdict.MEMORY,
            f"reached its limit of {limits.memory_bytes // policy.MIB} MiB of memory",
        )
    if outcome is Outcome.PROCESSES_EXCEEDED:
        return Judgement(Verdict.ERROR, f"reached its limit of {limits.processes} processes")
    return None


def call_too_long(limits: policy.Limits) -> Judgement:
    """The verdict on a program when one call has used up its budget."""
    seconds = limits.call_cpu_seconds
    return Judgement(Verdict.TIMEOUT, f"reached its limit of {seconds:g} s of CPU time in one call")


def without_report(judge_outcome: Outcome, asked: bool) -> Judgement:
    """The verdict when the test's process ended without a report. Raises TestMisbehaved."""
    if asked:
        # The candidate's result may be the cause: a number for `range`, a list to sort.
        if judge_outcome in (Outcome.CPU_TIME_EXCEEDED, Outcome.WALL_TIME_EXCEEDED):
            return Judgement(Verdict.TIMEOUT, "the test did not end with this answer")
        return Judgement(Verdict.FAILED, f"with this answer the test ended as {judge_outcome}")
    if judge_outcome in (Outcome.EXITED, Outcome.SIGNALED):
        raise TestMisbehaved("the test ended its own process; a test must return or raise")
    raise TestMisbehaved(f"the test itself ended with {judge_outcome}")


def _how_it_went(candidate: Measured) -> str:
    if os.WIFSIGNALED(candidate.status):
        number = os.WTERMSIG(candidate.status)
        if number == signal.SIGKILL:
            return "the program closed its channel"
        return f"the program died of signal {number} ({signal.strsignal(number)})"
    return (
        f"the program ended itself with exit status {os.waitstatus_to_exitcode(candidate.status)}"
    )
