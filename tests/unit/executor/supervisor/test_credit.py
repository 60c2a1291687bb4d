"""What a supervisor makes of what a judge found right."""

import pytest

from rlvf_executor.contract import policy
from rlvf_executor.contract.outcomes import Verdict
from rlvf_executor.contract.report import ERROR, FAILED, GONE, PASSED, Report
from rlvf_executor.supervisor import verdicts
from rlvf_executor.supervisor.verdicts import Judgement, Measured


@pytest.mark.parametrize(
    ("verdict", "report", "credit"),
    [
        (Verdict.PASSED, Report(PASSED, "", 3, 3), (3, 3)),
        (Verdict.FAILED, Report(FAILED, "no", 2, 3, True), (2, 3)),
        (Verdict.TIMEOUT, Report(GONE, "", 1, 3), (1, 3)),
        # It was not asked, or the test has no cases.
        (Verdict.FAILED, Report(FAILED, "no"), None),
        # The test's process did not come to an end.
        (Verdict.TIMEOUT, None, None),
        # All cases were right, but what is wrong is in none of them; or the time was over.
        (Verdict.ERROR, Report(ERROR, "no", 3, 3), None),
        (Verdict.TIMEOUT, Report(PASSED, "", 3, 3), None),
    ],
)
def test_all_cases_are_passed_where_the_verdict_is_passed_and_only_there(
    verdict: Verdict, report: Report | None, credit: tuple[int, int] | None
) -> None:
    assert verdicts.credit_of(Judgement(verdict, ""), report) == credit


def test_what_is_counted_later_has_what_is_left_of_the_time() -> None:
    limits = policy.DEFAULT_LIMITS._replace(cpu_seconds=5.0, wall_seconds=20.0)
    left = verdicts.time_left(limits, Measured(0, None, 2.0, 4.0, 0))
    assert left == limits._replace(cpu_seconds=3.0, wall_seconds=16.0)
    assert verdicts.time_left(limits, Measured(0, None, 4.995, 6.0, 0)) is None
    assert verdicts.time_left(limits, Measured(0, None, 1.0, 19.99, 0)) is None
