"""The reports about a grading that a judge sends to its supervisor."""

import json
from typing import NamedTuple


class BadTest(Exception):
    """The test cannot be run, so there is no verdict. Gives the field at fault, and why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class Report(NamedTuple):
    """What the judge saw. `kind` is one of the constants below; `detail` is for people.

    The other fields are set if the grading has credit.
    """

    kind: str
    detail: str = ""
    passed: int | None = None
    """Number of cases that were found right; None if it is not known."""
    total: int = 0
    """Number of cases of the test."""
    goes_on: bool = False
    """Whether the cases after the deciding one can be counted: all cases before it were right, and
    the candidate answered it."""


def take_reports(written: bytearray) -> list[Report]:
    """Removes the complete reports from what a judge has written, one JSON line each; an incomplete
    last line stays."""
    end = written.rfind(b"\n") + 1
    lines = written[:end].splitlines()
    del written[:end]
    return [Report(*json.loads(line)) for line in lines]


PASSED = "passed"
FAILED = "failed"
ERROR = "error"
MEMORY = "memory"
# The candidate's process has gone; its supervisor knows why.
GONE = "gone"
# The test itself cannot be run: `detail` is the field of the request at fault, a colon, the reason.
# Not a verdict.
BAD_TEST = "bad_test"
# Sent before the report, when the judge waits for the candidate's first answer. If the test does
# not end after this, the candidate's answers may be the cause.
ASKED = "asked"
# The candidate has been loaded or a call has ended; sent where each call has its own budget.
CALL_ENDED = "call_ended"
# The answer to a request to count (`test_payload.counting`); not a verdict.
COUNTED = "counted"
# From a worker, no verdict yet: the test needs a process of its own.
NOT_CLOSED = "not_closed"
# No verdict yet: the test did not make the calls that were sent ahead.
FORECAST_MISSED = "forecast_missed"
# From a worker, no verdict yet: this candidate's answer made the test use something unexpected.
UNFORESEEN = "unforeseen"
