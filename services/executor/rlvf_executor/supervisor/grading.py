"""How a supervisor grades: a candidate's process and a judge's, joined by a socket pair.

The judge is a worker (`worker.py`) where the test allows it, else a process forked for this one
grading. The candidate's side never sees the test.
"""

import _socket
import contextlib
import hashlib
from typing import NamedTuple

from rlvf_executor.contract import control, link, policy, test_payload
from rlvf_executor.contract.memory_files import memory_file
from rlvf_executor.contract.outcomes import Outcome
from rlvf_executor.contract.report import (
    ASKED,
    CALL_ENDED,
    COUNTED,
    ERROR,
    FAILED,
    GONE,
    MEMORY,
    PASSED,
    UNFORESEEN,
    Report,
    take_reports,
)
from rlvf_executor.supervisor import verdicts
from rlvf_executor.supervisor.cell import Cell
from rlvf_executor.supervisor.output import Output
from rlvf_executor.supervisor.verdicts import Credit, Judgement, Measured
from rlvf_executor.supervisor.watch import Watch
from rlvf_executor.supervisor.worker_cell import WorkerCell, WorkerFailed

# Digests of tests that need a process of their own; forgotten when there are too many.
_MOST_REMEMBERED = 10_000
# What a worker may conclude. Everything else is left to a forked judge.
_CONCLUSIVE = (PASSED, FAILED, ERROR, MEMORY, GONE, COUNTED)
# After these a candidate may still run calls that were sent ahead (`calls_ahead.py`). It is given
# none after PASSED, and after GONE it is dead.
_DECIDED_BEFORE = (FAILED, ERROR, MEMORY)


class _Judged(NamedTuple):
    """A verdict, and what it was made of."""

    judgement: Judgement
    measured: Measured
    """What the candidate used."""
    report: Report | None


class Grading:
    """Grades one program at a time with the cells of a slot."""

    def __init__(self, programs: Cell, judges: Cell, worker_cell: WorkerCell, watch: Watch) -> None:
        self._programs = programs
        self._judges = judges
        self._worker = worker_cell
        self._watch = watch
        self._open_tests: set[bytes] = set()

    def grade(
        self, limits: policy.Limits, candidate: bytes, test: bytes, *, credit: bool = False
    ) -> link.Message:
        """Grades; the answer is `GRADED`. With `credit` it says how many cases were passed.

        Raises:
            BadTest, TestMisbehaved: there is no verdict, and the test is why.
            CellDied, Starved, OSError: there is no verdict, and the sandbox or the machine is why.
            Cancelled: nobody wants it.
        """
        said, judge_outcome = self._said(limits, candidate, test)
        judged = self._judged(limits, said, judge_outcome)
        if not credit:
            return answer_of(judged.judgement, judged.measured)
        return self._with_credit(judged, limits, candidate, test)

    def _with_credit(
        self, judged: _Judged, limits: policy.Limits, candidate: bytes, test: bytes
    ) -> link.Message:
        """The answer with its credit; the cases after the first wrong one are counted now.

        The verdict is there, and counting does not change it. It is done with a new process of the
        candidate, in what is left of the time.
        """
        judgement, measured, report = judged
        found = verdicts.credit_of(judgement, report)
        left = verdicts.time_left(limits, measured)
        answered = not self._programs.call_reached_limit and not self._reached_limit(limits)
        if found is not None and report is not None and report.goes_on and left and answered:
            first = found.passed + 1
            if first < found.total:
                said, _ = self._said(left, candidate, test, first)
                counted = next((one.passed or 0 for one in said if one.kind == COUNTED), 0)
                found = Credit(found.passed + counted, found.total)
                measured = verdicts.together(measured, self._programs.result())
        return answer_of(judgement, measured, found)

    def _said(
        self, limits: policy.Limits, candidate: bytes, test: bytes, first: int | None = None
    ) -> tuple[list[Report], Outcome]:
        """What a judge said of the candidate, and how its process ended.

        It judges, or counts the cases from the number `first` on.
        """
        digest = hashlib.sha256(test).digest()
        if digest not in self._open_tests:
            try:
                said = self._by_worker(digest, limits, candidate, test, first)
            except WorkerFailed:
                # It may be this candidate's doing, so the test is not held to be open.
                return self._by_fork(limits, candidate, test, first)
            if said[-1].kind in _CONCLUSIVE:
                if said[-1].kind in _DECIDED_BEFORE and self._reached_limit(limits):
                    # Maybe in a call that was sent ahead and that the test did not come to.
                    return self._by_fork(limits, candidate, test, first)
                return said, Outcome.EXITED
            if said[-1].kind != UNFORESEEN:
                if len(self._open_tests) >= _MOST_REMEMBERED:
                    self._open_tests.clear()
                self._open_tests.add(digest)
        return self._by_fork(limits, candidate, test, first)

    def _reached_limit(self, limits: policy.Limits) -> bool:
        outcome = verdicts.outcome_of(self._programs.result(), limits)
        return verdicts.limit_reached(outcome, limits) is not None

    def _by_worker(
        self,
        digest: bytes,
        limits: policy.Limits,
        candidate: bytes,
        test: bytes,
        first: int | None,
    ) -> list[Report]:
        said: list[Report] = []

        def on_report() -> bool:
            ended = 0
            while (report := self._worker.receive()).kind == CALL_ENDED:
                ended += 1
                if not self._worker.has_report():
                    self._programs.next_call(ended)
                    return True
            if ended:
                self._programs.next_call(ended)
            said.append(report)
            # Nobody calls the candidate any more.
            self._programs.expect_end()
            return False

        try:
            with contextlib.ExitStack() as stack:
                channel = self._start_candidate(limits, candidate, stack)
                cpu_seconds = _judge_limits(limits).cpu_seconds
                self._worker.submit(digest, cpu_seconds, test, channel, first)
            self._watch.until_done(
                {
                    self._worker.control.fileno(): on_report,
                    self._programs.control.fileno(): self._programs.collect,
                },
                (self._programs, self._worker),
            )
        except BaseException:
            self._programs.end_quietly()
            self._worker.end_quietly()
            raise
        return said

    def _by_fork(
        self, limits: policy.Limits, candidate: bytes, test: bytes, first: int | None
    ) -> tuple[list[Report], Outcome]:
        if first is not None:
            test = test_payload.counting(test, first)
        judge_limits = _judge_limits(limits)
        said: list[Report] = []

        def on_judge_end() -> bool:
            self._programs.expect_end()
            return self._judges.collect()

        with contextlib.ExitStack() as stack:
            reports = Output(policy.MAX_TEST_BYTES, stack)

            def on_report() -> bool:
                more = reports.read()
                new = take_reports(reports.data)
                # `CALL_ENDED` is not kept: there may be millions.
                others = [one for one in new if one.kind != CALL_ENDED]
                if ended := len(new) - len(others):
                    self._programs.next_call(ended)
                said.extend(others)
                return more

            try:
                with contextlib.ExitStack() as files:
                    channel = self._start_candidate(limits, candidate, files)
                    test_file = memory_file(test, files)
                    self._judges.submit(
                        control.JUDGE,
                        judge_limits,
                        [channel, reports.write_end, test_file],
                    )
                reports.close_write_end()
                self._watch.until_done(
                    {
                        reports.read_end: on_report,
                        self._judges.control.fileno(): on_judge_end,
                        self._programs.control.fileno(): self._programs.collect,
                    },
                    (self._programs, self._judges),
                )
            except BaseException:
                self._programs.end_quietly()
                self._judges.end_quietly()
                raise
        return said, verdicts.outcome_of(self._judges.result(), judge_limits)

    def _start_candidate(
        self, limits: policy.Limits, candidate: bytes, stack: contextlib.ExitStack
    ) -> int:
        """Has the candidate forked; returns the judge's end of its channel.

        When `stack` is closed no copy of either end is left here, so that each side sees the
        other's end.
        """
        # Without the class of Python's own around it, which asks the kernel what it is.
        ours, theirs = _socket.socketpair()
        stack.callback(ours.close)
        stack.callback(theirs.close)
        files = [theirs.fileno(), memory_file(candidate, stack)]
        self._programs.submit(control.CANDIDATE, limits, files)
        return ours.fileno()

    def _judged(self, limits: policy.Limits, said: list[Report], judge_outcome: Outcome) -> _Judged:
        measured = self._programs.result()
        report = next((one for one in said if one.kind != ASKED), None)
        if self._programs.call_reached_limit:
            return _Judged(verdicts.call_too_long(limits), measured, report)
        judgement = verdicts.judge_verdict(
            measured,
            limits,
            report,
            judge_outcome,
            asked=any(one.kind == ASKED for one in said),
        )
        return _Judged(judgement, measured, report)


def answer_of(
    judgement: Judgement, measured: Measured, credit: Credit | None = None
) -> link.Message:
    """The answer to a job that has a verdict."""
    values: dict[str, object] = {
        "verdict": judgement.verdict,
        "detail": judgement.detail[: policy.MAX_DETAIL_CHARACTERS],
        "usage": usage_of(measured),
    }
    if credit is not None:
        values["credit"] = credit
    return link.Message(link.GRADED, values)


def usage_of(measured: Measured) -> list[float]:
    """CPU seconds, wall seconds and bytes, as they are sent to the server."""
    return [measured.cpu_seconds, measured.wall_seconds, float(measured.peak_memory_bytes)]


def _judge_limits(limits: policy.Limits) -> policy.Limits:
    cpu_seconds = max(policy.MIN_JUDGE_CPU_SECONDS, limits.cpu_seconds)
    return policy.JUDGE_LIMITS._replace(cpu_seconds=cpu_seconds)
