"""The judge's process: runs a test against a candidate that lives in another process.

What a judge needs is one payload (`encode_*`). Preparing it (parsing, compiling) and judging with
it are two steps, because a prepared test keeps no state and can judge any number of candidates.
"""

import json
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rlvf_executor import assert_list, cases, check_function, policy
from rlvf_executor.caller_code import BadTest
from rlvf_executor.comparison import Comparison, Rule, Tolerance
from rlvf_executor.remote import Session, Stop
from rlvf_executor.report import (
    ANSWERED,
    BAD_TEST,
    ERROR,
    FAILED,
    GONE,
    MEMORY,
    PASSED,
    Report,
)

__all__ = [
    "ANSWERED",
    "BAD_TEST",
    "ERROR",
    "FAILED",
    "GONE",
    "MEMORY",
    "PASSED",
    "Prepared",
    "Report",
    "prepare",
    "run",
]


class _Test(Protocol):
    """One kind of test, parsed and compiled."""

    @property
    def runs_caller_code(self) -> bool:
        """Whether judging runs source that came with the request."""

    def judge(self, session: Session) -> Report:
        """Judges one candidate. May raise `Stop`. Leaves the test as it was."""


@dataclass(frozen=True)
class _Broken:
    """A test that cannot be run."""

    reason: str

    runs_caller_code = False

    def judge(self, session: Session) -> Report:
        return Report(BAD_TEST, self.reason)


@dataclass(frozen=True)
class Prepared:
    """A test that is ready to judge candidates, one after another."""

    test: _Test

    @property
    def runs_caller_code(self) -> bool:
        """Whether judging runs source that came with the request, which may leave anything behind
        in its process."""
        return self.test.runs_caller_code

    def judge(self, channel: socket.socket, send: Callable[[Report], None]) -> None:
        """Judges the candidate at the other end of `channel` and sends one report, or two."""
        session = Session(channel, lambda: send(Report(ANSWERED)))
        try:
            report = self.test.judge(session)
        except Stop as stop:
            report = stop.report
        send(report._replace(detail=report.detail[: policy.MAX_DETAIL_CHARACTERS]))


def prepare(payload: bytes) -> Prepared:
    """Parses and compiles a test. One that cannot be run reports that when it judges."""
    values = json.loads(payload)
    kind = values.pop("kind")
    try:
        return Prepared(_PREPARE[kind](**values))
    except BadTest as error:
        return Prepared(_Broken(str(error)))


def run(payload: bytes, channel: socket.socket, send: Callable[[Report], None]) -> None:
    """Prepares the test in `payload` and judges one candidate with it."""
    prepare(payload).judge(channel, send)


def encode_test(*, entry_point: str, support_source: str, test_source: str) -> bytes:
    """Packs a test that defines `check(candidate)`."""
    return _encode(
        "check_function",
        entry_point=entry_point,
        source=test_source,
        support_source=support_source,
    )


def encode_assert_list(*, entry_point: str, setup_source: str, assertions: Sequence[str]) -> bytes:
    """Packs a list of assertions. `entry_point` may be empty."""
    return _encode(
        "assert_list",
        entry_point=entry_point,
        setup_source=setup_source,
        assertions=list(assertions),
    )


def encode_cases(
    *,
    entry_point: str,
    inputs: Sequence[str],
    expected: Sequence[str] | None,
    encoded_expected: str | None,
    rule: Rule,
    oracle_source: str,
) -> bytes:
    """Packs cases; see `cases.prepare`."""
    return _encode(
        "cases",
        entry_point=entry_point,
        inputs=list(inputs),
        expected=None if expected is None else list(expected),
        encoded_expected=encoded_expected,
        rule=rule,
        oracle_source=oracle_source,
    )


def _encode(kind: str, **values: object) -> bytes:
    return json.dumps({"kind": kind, **values}).encode()


def _prepare_cases(
    *, rule: tuple[str, list[float] | None, list[float] | None], **values: object
) -> cases.Cases:
    comparison, *tolerances = rule
    tolerance, float_tolerance = (None if one is None else Tolerance(*one) for one in tolerances)
    return cases.prepare(**values, rule=Rule(Comparison(comparison), tolerance, float_tolerance))  # type: ignore[arg-type]


_PREPARE: dict[str, Callable[..., _Test]] = {
    "assert_list": assert_list.prepare,
    "cases": _prepare_cases,
    "check_function": check_function.prepare,
}
