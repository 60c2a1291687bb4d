"""A verdict hangs on what a program used, and not on when somebody looked."""

import pytest

from rlvf_executor.contract import policy
from rlvf_executor.contract.outcomes import Outcome, Verdict
from rlvf_executor.contract.report import FAILED, GONE, PASSED, Report
from rlvf_executor.supervisor import verdicts
from rlvf_executor.supervisor.verdicts import Measured

KILLED = 9
LIMIT = policy.DEFAULT_LIMITS.cpu_seconds


@pytest.mark.parametrize("kind", [PASSED, FAILED, GONE])
@pytest.mark.parametrize("status", [0, KILLED])
def test_an_answer_that_took_more_than_its_cpu_time_is_a_time_out(kind: str, status: int) -> None:
    late = Measured(status, None, LIMIT * 1.1, 60.0, 1 << 20)
    report = Report(kind)
    found = verdicts.judge_verdict(late, policy.DEFAULT_LIMITS, report, Outcome.EXITED, False)
    assert found.verdict is Verdict.TIMEOUT


def test_an_answer_just_within_its_cpu_time_passes() -> None:
    early = Measured(KILLED, None, LIMIT * 0.99, 60.0, 1 << 20)
    report = Report(PASSED)
    found = verdicts.judge_verdict(early, policy.DEFAULT_LIMITS, report, Outcome.EXITED, False)
    assert found.verdict is Verdict.PASSED
