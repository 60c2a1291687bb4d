"""Runs a test against a candidate in another process; in a judge or a worker.

The test is one payload (`test_payload.py`). Preparation (parsing, compiling) and judging are two
steps, because a prepared test has no state and can judge any number of candidates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rlvf_executor.contract import policy, test_payload
from rlvf_executor.contract.control import Socket
from rlvf_executor.contract.report import (
    ASKED,
    BAD_TEST,
    FORECAST_MISSED,
    NEXT,
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
        """Judges one candidate. May raise `Stop`. Does not change the test."""


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


@dataclass(frozen=True)
class Prepared:
    """A test that is ready to judge candidates, one after another."""

    test: _Test
    budgets_calls: bool

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

        Sends the report; before it `ASKED` once, and, where each call has its own budget, `NEXT`
        before each call. With `calls_ahead` the report may be `FORECAST_MISSED`: the test made
        other calls, and has to be repeated without them.
        """

        def on_turn() -> None:
            if self.budgets_calls:
                send(Report(NEXT))

        def on_asked() -> None:
            send(Report(ASKED))

        session = Session(channel, on_ready=on_turn, on_asked=on_asked, on_answer=on_turn)
        session.send_ahead(calls_ahead)
        try:
            report = self.test.judge(session)
        except Stop as stop:
            report = stop.report
        if report.kind == PASSED and session.ahead:
            report = Report(FORECAST_MISSED)
        send(report._replace(detail=report.detail[: policy.MAX_DETAIL_CHARACTERS]))


def prepare(payload: bytes) -> Prepared:
    """Parses and compiles a test. If that fails, `judge` reports it."""
    kind, budgets_calls, fields = test_payload.decode(payload)
    try:
        return Prepared(kinds.MODULES[kind].prepare(**fields), budgets_calls)
    except BadTest as error:
        return Prepared(_Broken(str(error)), budgets_calls)


def run(payload: bytes, channel: Socket, send: Callable[[Report], None]) -> None:
    """Prepares the test in `payload` and judges one candidate with it."""
    prepare(payload).judge(channel, send)
