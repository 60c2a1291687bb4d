"""What a judge has to say about a grading."""

import json
from typing import NamedTuple


class BadTest(Exception):
    """The test cannot be run, so no verdict follows: the field of the request at fault, and why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class Report(NamedTuple):
    """What the judge saw. `kind` is one of the constants below; `detail` is for people.

    The other fields are set where credit is asked.
    """

    kind: str
    detail: str = ""
    passed: int | None = None
    """Cases that were found right; None: that cannot be told."""
    total: int = 0
    """Cases of the test."""
    goes_on: bool = False
    """Whether the cases after the one that decided can be counted: all before it were right, and
    the candidate answered it."""


def take_reports(written: bytearray) -> list[Report]:
    """Takes the reports out of what a judge has written, one JSON line each; what is left of it is
    the beginning of the next line."""
    end = written.rfind(b"\n") + 1
    lines = written[:end].splitlines()
    del written[:end]
    return [Report(*json.loads(line)) for line in lines]


PASSED = "passed"
FAILED = "failed"
ERROR = "error"
MEMORY = "memory"
# The candidate's process is gone; its supervisor knows why.
GONE = "gone"
# The test itself cannot be run: `detail` is the field of the request at fault, a colon, the reason.
# Not a verdict.
BAD_TEST = "bad_test"
# Sent ahead of the report: the candidate's first answer is waited for. If the test then does not
# come to an end, what the candidate sends may be the cause.
ASKED = "asked"
# The candidate has been loaded or a call has ended, where calls have a budget of their own.
NEXT = "next"
# The answer to a request to count (`test_payload.counting`); not a verdict.
COUNTED = "counted"
# From a worker: the test needs a process of its own, and there is no verdict yet.
NOT_CLOSED = "not_closed"
# The test did not make the calls that were sent ahead, and there is no verdict yet.
FORECAST_MISSED = "forecast_missed"
# From a worker: this candidate's answer made the test ask for what was not foreseen, and there is
# no verdict yet.
UNFORESEEN = "unforeseen"
