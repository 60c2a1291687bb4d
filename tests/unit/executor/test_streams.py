"""What one run of a program over standard streams is worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_executor import policy, streams
from rlvf_executor.comparison import StreamComparison, StreamRule, Tolerance
from rlvf_executor.outcomes import Outcome, Verdict
from rlvf_executor.streams import Case, Execution, Suite

CASE = Case(b"3", b"6\n")
RIGHT = Execution(Outcome.EXITED, 0, b"6", truncated=False)
RULE = StreamRule()


def test_a_right_answer_decides_nothing_against_the_program() -> None:
    assert streams.verdict_of(0, CASE, RIGHT, RULE) is None


@pytest.mark.parametrize(
    ("changes", "verdict", "detail"),
    [
        ({"stdout": b"7"}, Verdict.FAILED, "cases[4]: token 1 is '7', expected '6'"),
        ({"stdout": b""}, Verdict.FAILED, "cases[4]: the output ends"),
        ({"truncated": True}, Verdict.FAILED, "cases[4]: wrote more"),
        ({"status": 1 << 8}, Verdict.ERROR, "exit status 1"),
        ({"outcome": Outcome.SIGNALED, "status": 11}, Verdict.ERROR, "signal 11"),
        ({"outcome": Outcome.CPU_TIME_EXCEEDED, "status": 9}, Verdict.TIMEOUT, "cases[4]"),
        ({"outcome": Outcome.WALL_TIME_EXCEEDED, "status": 9}, Verdict.TIMEOUT, "cases[4]"),
        ({"outcome": Outcome.MEMORY_EXCEEDED, "status": 9}, Verdict.MEMORY, "cases[4]"),
        ({"outcome": Outcome.PROCESSES_EXCEEDED}, Verdict.ERROR, "cases[4]"),
    ],
)
def test_everything_else_does(changes: dict[str, object], verdict: Verdict, detail: str) -> None:
    found = streams.verdict_of(4, CASE, RIGHT._replace(**changes), RULE)  # type: ignore[arg-type]
    assert found is not None
    assert found.verdict is verdict
    assert detail in found.detail


def test_the_exit_status_can_be_left_out_of_it_but_not_a_signal() -> None:
    rule = StreamRule(any_exit_status=True)
    assert streams.verdict_of(0, CASE, RIGHT._replace(status=1 << 8), rule) is None
    killed = RIGHT._replace(outcome=Outcome.SIGNALED, status=9)
    assert streams.verdict_of(0, CASE, killed, rule) is not None
    wrong = RIGHT._replace(status=1 << 8, stdout=b"7")
    assert streams.verdict_of(0, CASE, wrong, rule) is not None


def test_a_case_has_what_the_cases_before_it_have_left() -> None:
    limits = policy.DEFAULT_LIMITS._replace(cpu_seconds=5.0, wall_seconds=20.0)
    left = streams.limits_left(limits, 3.0, 4.0)
    assert (left.cpu_seconds, left.wall_seconds) == (2.0, 16.0)
    by_case = limits._replace(call_cpu_seconds=1.0)
    assert streams.limits_left(by_case, 3.0, 4.0).cpu_seconds == 1.0
    assert streams.limits_left(by_case, 4.5, 4.0).cpu_seconds == 0.5
    assert streams.limits_left(limits, 9.0, 99.0).cpu_seconds == policy.MINIMUM_LIMITS.cpu_seconds


_TOLERANCES = st.none() | st.builds(
    Tolerance, st.floats(0, 1, allow_nan=False), st.floats(0, 1, allow_nan=False)
)


@given(
    st.sampled_from(StreamComparison),
    _TOLERANCES,
    st.booleans(),
    st.lists(st.tuples(st.binary(), st.binary()), max_size=4),
)
def test_a_suite_survives_the_way_to_the_supervisor(
    comparison: StreamComparison,
    tolerance: Tolerance | None,
    any_exit_status: bool,
    cases: list[tuple[bytes, bytes]],
) -> None:
    rule = StreamRule(comparison, tolerance, any_exit_status)
    suite = Suite(rule, tuple(Case(*case) for case in cases))
    assert streams.decode(streams.encode(suite)) == suite
