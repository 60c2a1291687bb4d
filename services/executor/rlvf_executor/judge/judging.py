"""Runs a test against a candidate in another process; in a judge or a worker.

The test is one payload (`test_payload.py`). Preparation (parsing, compiling) and judging are two
steps, because a prepared test has no state and can judge any number of candidates.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rlvf_executor.contract import policy, test_payload
from rlvf_executor.contract.control import Socket
from rlvf_executor.contract.report import (
    ASKED,
    BAD_TEST,
    CALL_ENDED,
    COUNTED,
    ERROR,
    FAILED,
    FORECAST_MISSED,
    PASSED,
    BadTest,
    Report,
)
from rlvf_executor.judge import kinds
from rlvf_executor.judge.calls_ahead import NOTHING, Forecast
from rlvf_executor.judge.remote import Session, Stop


class _Test(Protocol):
    """One kind of test, parsed and compiled."""

    def is_closed(self) -> bool:
        """Whether judging leaves nothing behind in its process."""

    def calls_ahead(self) -> Forecast:
        """The calls with which judging begins, as they are sent."""

    def judge(self, session: Session) -> Report:
        """Judges one candidate. May raise `Stop`. Does not change the test.

        Keeps `session.tally` where that is wanted.
        """

    def cases(self) -> int:
        """The number of its cases; 0 where they cannot be told."""

    def count(self, session: Session, first: int) -> None:
        """Adds those of the cases from number `first` on that the candidate passes to
        `session.tally`. May raise `Stop`. Does not change the test."""


@dataclass(frozen=True)
class _Broken:
    """A test that cannot be run."""

    reason: str

    def is_closed(self) -> bool:
        return False

    def calls_ahead(self) -> Forecast:
        return NOTHING

    def judge(self, session: Session) -> Report:
        return Report(BAD_TEST, self.reason)

    def cases(self) -> int:
        return 0

    def count(self, session: Session, first: int) -> None:
        pass


@dataclass(frozen=True)
class Prepared:
    """A test that is ready to judge candidates, one after another."""

    test: _Test
    budgets_calls: bool
    credit: bool = False

    def is_closed(self) -> bool:
        """Whether the same process can judge with other tests afterwards."""
        return self.test.is_closed()

    def calls_ahead(self) -> Forecast:
        """Calls that may be sent to a candidate before the test makes them."""
        return NOTHING if self.budgets_calls else self.test.calls_ahead()

    def judge(
        self,
        channel: Socket,
        send: Callable[[Report], None],
        calls_ahead: Forecast = NOTHING,
    ) -> None:
        """Judges the candidate at the other end of `channel`.

        Sends the report; before it `ASKED` once, and, where each call has its own budget,
        `CALL_ENDED` when the candidate has been loaded and after each call. With `calls_ahead` the
        report may be `FORECAST_MISSED`: the test made other calls, and has to be repeated without
        them. Where credit is asked, the report says how many cases were right.
        """
        session = self._session(channel, send)
        session.tally.wanted = self.credit
        session.send_ahead(calls_ahead)
        try:
            report = self.test.judge(session)
        except Stop as stop:
            report = stop.report
        if report.kind == PASSED and session.ahead:
            report = Report(FORECAST_MISSED)
        if self.credit:
            report = self._with_credit(report, session)
        send(report._replace(detail=report.detail[: policy.MAX_DETAIL_CHARACTERS]))

    def count(self, channel: Socket, send: Callable[[Report], None], first: int) -> None:
        """Runs each case from number `first` on, whatever comes of those before it.

        Sends `COUNTED`, with how many of them the candidate at the other end of `channel` passed;
        before it the same as `judge`.
        """
        session = self._session(channel, send)
        with contextlib.suppress(Stop):
            self.test.count(session, first)
        send(Report(COUNTED, "", session.tally.passed, self.test.cases()))

    def _session(self, channel: Socket, send: Callable[[Report], None]) -> Session:
        def on_turn() -> None:
            if self.budgets_calls:
                send(Report(CALL_ENDED))

        def on_asked() -> None:
            send(Report(ASKED))

        return Session(channel, on_ready=on_turn, on_asked=on_asked, on_answer=on_turn)

    def _with_credit(self, report: Report, session: Session) -> Report:
        total, tally = self.test.cases(), session.tally
        if report.kind == PASSED and total:
            return report._replace(passed=total, total=total)
        if tally.unknown or not total:
            return report
        answered = report.kind in (FAILED, ERROR) and session.stopped is None
        return report._replace(passed=tally.passed, total=total, goes_on=answered and tally.at_case)


def prepare(payload: bytes) -> Prepared:
    """Parses and compiles a test. If that fails, `judge` reports it."""
    kind, budgets_calls, credit, fields = test_payload.decode(payload)
    try:
        return Prepared(kinds.MODULES[kind].prepare(**fields), budgets_calls, credit)
    except BadTest as error:
        return Prepared(_Broken(str(error)), budgets_calls)


def run(payload: bytes, channel: Socket, send: Callable[[Report], None]) -> None:
    """Prepares the test in `payload` and judges one candidate with it, or counts its cases."""
    first, test = test_payload.split(payload)
    if first is None:
        prepare(test).judge(channel, send)
    else:
        prepare(test).count(channel, send, first)
