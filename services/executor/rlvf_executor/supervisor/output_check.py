"""How the supervisor has a caller's checker judge a program's output (`checker.py`)."""

import _socket
import contextlib

from rlvf_executor.contract import control, policy, test_payload
from rlvf_executor.contract.memory_files import memory_file
from rlvf_executor.contract.outcomes import Verdict
from rlvf_executor.contract.report import BAD_TEST, PASSED, BadTest, take_reports
from rlvf_executor.contract.suites import Case
from rlvf_executor.supervisor import verdicts
from rlvf_executor.supervisor.cell import Cell
from rlvf_executor.supervisor.output import Output
from rlvf_executor.supervisor.verdicts import Judgement
from rlvf_executor.supervisor.watch import Watch


class OutputCheck:
    """Checks one output at a time, each in a new process that `judges` forks."""

    def __init__(self, judges: Cell, watch: Watch) -> None:
        self._judges = judges
        self._watch = watch

    def check(
        self, source: str, case: Case, stdout: bytes, wall_seconds: float
    ) -> Judgement | None:
        """The verdict on a wrong output; None for a right one. The check ends after `wall_seconds`.

        Raises:
            BadTest: the checker does not run.
            TestMisbehaved: the checker ended its process.
            CellDied, OSError, Cancelled: there is no verdict.
        """
        texts = [
            one.decode("utf-8", "surrogateescape")
            for one in (case.stdin, stdout, case.expected_stdout)
        ]
        payload = test_payload.encode("checker", source=source, texts=texts)
        limits = policy.JUDGE_LIMITS._replace(wall_seconds=wall_seconds)
        with contextlib.ExitStack() as stack:
            reports = Output(policy.MAX_TEST_BYTES, stack)
            try:
                with contextlib.ExitStack() as files:
                    # A judge expects a channel to a candidate; there is no candidate here.
                    ours, theirs = _socket.socketpair()
                    files.callback(ours.close)
                    files.callback(theirs.close)
                    descriptors = [ours.fileno(), reports.write_end, memory_file(payload, files)]
                    self._judges.submit(control.JUDGE, limits, descriptors)
                reports.close_write_end()
                self._watch.until_done(
                    {
                        reports.read_end: reports.read,
                        self._judges.control.fileno(): self._judges.collect,
                    },
                    (self._judges,),
                )
            except BaseException:
                self._judges.end_quietly()
                raise
            said = take_reports(reports.data)
        if not said:
            ended = verdicts.outcome_of(self._judges.result(), limits)
            return verdicts.without_report(ended, asked=True)
        report = said[-1]
        if report.kind == BAD_TEST:
            field, _, problem = report.detail.partition(": ")
            raise BadTest(field, problem)
        return None if report.kind == PASSED else Judgement(Verdict(report.kind), report.detail)
