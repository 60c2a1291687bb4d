"""Which judge a test gets after its worker could not say."""

from typing import cast

import pytest

from rlvf_executor.contract import policy
from rlvf_executor.contract.outcomes import Outcome
from rlvf_executor.contract.report import (
    BAD_TEST,
    FORECAST_MISSED,
    NOT_CLOSED,
    PASSED,
    UNFORESEEN,
    Report,
)
from rlvf_executor.supervisor.grading import Grading

FORKED = ([Report(PASSED)], Outcome.EXITED)


class Chosen(Grading):
    """Notes who is asked; the worker always reports the same."""

    def __init__(self, kind: str) -> None:
        super().__init__(*[cast(object, None)] * 4)  # type: ignore[arg-type]
        self.kind = kind
        self.asked: list[str] = []

    def _by_worker(
        self,
        digest: bytes,
        limits: policy.Limits,
        candidate: bytes,
        test: bytes,
        first: int | None,
    ) -> list[Report]:
        self.asked.append("worker")
        return [Report(self.kind)]

    def _by_fork(
        self, limits: policy.Limits, candidate: bytes, test: bytes, first: int | None
    ) -> tuple[list[Report], Outcome]:
        self.asked.append("judge")
        return FORKED


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (NOT_CLOSED, ["worker", "judge", "judge"]),
        (FORECAST_MISSED, ["worker", "judge", "judge"]),
        (BAD_TEST, ["worker", "judge", "judge"]),
        # It was this candidate's answer, and not the test.
        (UNFORESEEN, ["worker", "judge", "worker", "judge"]),
    ],
)
def test_a_worker_is_asked_again_where_the_candidate_was_why(kind: str, asked: list[str]) -> None:
    grading = Chosen(kind)
    for _ in range(2):
        assert grading._said(policy.DEFAULT_LIMITS, b"", b"test") is FORKED
    assert grading.asked == asked
