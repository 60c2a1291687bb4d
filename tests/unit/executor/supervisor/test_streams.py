"""What one run of a program over standard streams is worth."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf_executor.contract import policy, suites
from rlvf_executor.contract.outcomes import Outcome, Verdict, last_line
from rlvf_executor.contract.rules import StreamComparison, StreamRule, Tolerance
from rlvf_executor.contract.suites import Case, Suite
from rlvf_executor.supervisor import streams
from rlvf_executor.supervisor.streams import Execution
from rlvf_executor.supervisor.verdicts import Credit, Judgement, Measured

CASE = Case(b"3", b"6\n")
RIGHT = Execution(Measured(0, None, 0.1, 0.2, 1 << 20), b"6", truncated=False)
LIMITS = policy.DEFAULT_LIMITS
KILLED = 9
RULE = StreamRule()


def decided(
    index: int, case: Case, execution: Execution, limits: policy.Limits, rule: StreamRule
) -> Judgement | None:
    """What one run decides: by how it ended, or else by its output."""
    return streams.ending_of(index, execution, limits, rule) or streams.difference_of(
        index, case, execution, rule
    )


def test_a_right_answer_decides_nothing_against_the_program() -> None:
    assert decided(0, CASE, RIGHT, LIMITS, RULE) is None


def ended(
    *,
    status: int = RIGHT.measured.status,
    killed_for: Outcome | None = None,
    cpu_seconds: float = RIGHT.measured.cpu_seconds,
    out_of_memory_kills: int = 0,
    refused_forks: int = 0,
) -> Execution:
    """A right answer of a program that ended otherwise."""
    measured = RIGHT.measured._replace(
        status=status,
        killed_for=killed_for,
        cpu_seconds=cpu_seconds,
        out_of_memory_kills=out_of_memory_kills,
        refused_forks=refused_forks,
    )
    return RIGHT._replace(measured=measured)


@pytest.mark.parametrize(
    ("execution", "verdict", "detail"),
    [
        (
            RIGHT._replace(stdout=b"7"),
            Verdict.FAILED,
            "cases[4]: token 1 is '7', expected '6'",
        ),
        (RIGHT._replace(stdout=b""), Verdict.FAILED, "cases[4]: the output ends"),
        (RIGHT._replace(truncated=True), Verdict.FAILED, "cases[4]: wrote more"),
        (ended(status=1 << 8), Verdict.ERROR, "exit status 1"),
        (
            ended(status=1 << 8)._replace(last_words="KeyError: 'k'"),
            Verdict.ERROR,
            "cases[4]: the program ended itself with exit status 1: KeyError: 'k'",
        ),
        (ended(status=11), Verdict.ERROR, "signal 11"),
        (ended(cpu_seconds=LIMITS.cpu_seconds), Verdict.TIMEOUT, "cases[4]: reached"),
        (
            ended(status=KILLED, killed_for=Outcome.WALL_TIME_EXCEEDED),
            Verdict.TIMEOUT,
            "cases[4]: reached",
        ),
        (ended(out_of_memory_kills=1), Verdict.MEMORY, "cases[4]: reached"),
        (ended(refused_forks=1), Verdict.ERROR, "cases[4]: reached"),
    ],
)
def test_everything_else_does(execution: Execution, verdict: Verdict, detail: str) -> None:
    found = decided(4, CASE, execution, LIMITS, RULE)
    assert found is not None
    assert found.verdict is verdict
    assert detail in found.detail


def test_the_exit_status_can_be_left_out_of_it_but_not_a_signal() -> None:
    rule = StreamRule(any_exit_status=True)
    assert decided(0, CASE, ended(status=1 << 8), LIMITS, rule) is None
    assert decided(0, CASE, ended(status=KILLED), LIMITS, rule) is not None
    wrong = ended(status=1 << 8)._replace(stdout=b"7")
    assert decided(0, CASE, wrong, LIMITS, rule) is not None


def no_check(source: str, case: Case, stdout: bytes, seconds: float) -> Judgement | None:
    """Where there is no checker."""
    raise AssertionError("there is no checker")


def test_a_checker_decides_what_the_program_s_end_does_not() -> None:
    seen: list[tuple[str, bytes]] = []

    def check(source: str, case: Case, stdout: bytes, seconds: float) -> Judgement | None:
        seen.append((source, stdout))
        return None if stdout == b"other" else Judgement(Verdict.FAILED, "no")

    def graded(execution: Execution) -> Judgement:
        suite = Suite(RULE, (CASE,), "source")
        return streams.grade(suite, LIMITS, lambda *_: execution, check)[0]

    assert graded(RIGHT._replace(stdout=b"other")) == (Verdict.PASSED, "")
    assert graded(RIGHT) == (Verdict.FAILED, "cases[0]: no")
    assert seen == [("source", b"other"), ("source", b"6")]
    assert graded(ended(status=1 << 8)).verdict is Verdict.ERROR
    assert graded(RIGHT._replace(truncated=True)).verdict is Verdict.FAILED
    assert len(seen) == 2


def test_as_much_output_is_kept_as_may_be_right() -> None:
    kept: list[int] = []

    def run(limits: policy.Limits, stdin: bytes) -> Execution:
        kept.append(limits.output_bytes)
        return RIGHT._replace(stdout=stdin)

    large = b"x" * 1_000_000
    suite = Suite(RULE, (Case(b"1", b"1"), Case(large, large)))
    assert streams.grade(suite, LIMITS, run, no_check)[0].verdict is Verdict.PASSED
    assert kept[0] < 70_000
    assert 2_000_000 < kept[1] < 2_100_000
    streams.grade(suite, LIMITS._replace(output_bytes=5_000_000), run, no_check)
    assert kept[2:] == [5_000_000, 5_000_000]


@pytest.mark.parametrize(
    ("stderr", "line"),
    [
        (b"", ""),
        (b"\n \n", ""),
        (b"Traceback\n  File\nValueError: no\n\n", "ValueError: no"),
        (b"cut \xff", "cut \\xff"),
        (b"x" * 2000, "x" * 500),
    ],
)
def test_the_last_words_are_the_last_line(stderr: bytes, line: str) -> None:
    assert last_line(stderr) == line


def test_a_suite_ends_with_its_first_wrong_case_and_adds_up_what_was_used() -> None:
    runs: list[tuple[float, bytes]] = []

    def run(limits: policy.Limits, stdin: bytes) -> Execution:
        runs.append((limits.cpu_seconds, stdin))
        return ended(cpu_seconds=0.5)._replace(stdout=stdin)

    suite = Suite(RULE, (Case(b"1", b"1"), Case(b"2", b"3"), Case(b"4", b"4")))
    judgement, used, credit = streams.grade(suite, LIMITS._replace(cpu_seconds=2.0), run, no_check)
    assert judgement.verdict is Verdict.FAILED
    assert runs == [(2.0, b"1"), (1.5, b"2")]
    assert used.cpu_seconds == 1.0
    assert credit is None


FIVE = Suite(RULE, tuple(Case(b"%d" % n, b"%d" % n) for n in range(5)))


@pytest.mark.parametrize(
    ("special", "verdict", "passed"),
    [
        ({}, Verdict.PASSED, 5),
        ({1: RIGHT}, Verdict.FAILED, 4),
        ({0: RIGHT, 4: RIGHT}, Verdict.FAILED, 3),
        # Each case has a process of its own: a crash is the fault of one.
        ({0: ended(status=1 << 8), 2: ended(status=11)}, Verdict.ERROR, 3),
        ({3: ended(out_of_memory_kills=1)}, Verdict.MEMORY, 4),
        # What reaches the time limit ends the counting.
        ({2: ended(status=KILLED, killed_for=Outcome.WALL_TIME_EXCEEDED)}, Verdict.TIMEOUT, 2),
        ({1: RIGHT, 3: ended(cpu_seconds=LIMITS.cpu_seconds)}, Verdict.FAILED, 2),
    ],
)
def test_with_credit_cases_are_counted_after_a_wrong_one(
    special: dict[int, Execution], verdict: Verdict, passed: int
) -> None:
    def run(limits: policy.Limits, stdin: bytes) -> Execution:
        return special.get(int(stdin), RIGHT._replace(stdout=stdin))

    judgement, _, credit = streams.grade(FIVE, LIMITS, run, no_check, credit=True)
    assert (judgement.verdict, credit) == (verdict, (passed, 5))
    assert judgement == streams.grade(FIVE, LIMITS, run, no_check)[0]


def test_counting_ends_with_the_time_of_all_cases() -> None:
    runs: list[bytes] = []

    def run(limits: policy.Limits, stdin: bytes) -> Execution:
        runs.append(stdin)
        # As long as the limit allows, but for a moment.
        return ended(cpu_seconds=min(2.0, 0.999 * limits.cpu_seconds))

    limits = LIMITS._replace(cpu_seconds=4.0)
    suite = Suite(RULE, FIVE.cases * 100)
    _, used, credit = streams.grade(suite, limits, run, no_check, credit=True)
    assert used.cpu_seconds < 4.1
    assert credit == (0, 500)
    assert len(runs) < 20


def test_a_checker_s_time_does_not_add_up_while_it_counts() -> None:
    checked: list[bytes] = []

    def check(source: str, case: Case, stdout: bytes, seconds: float) -> Judgement | None:
        checked.append(stdout)
        return Judgement(Verdict.FAILED, "no")

    suite = Suite(RULE, FIVE.cases, "source")
    none_left = LIMITS._replace(wall_seconds=0.0)
    assert streams.grade(suite, none_left, lambda *_: RIGHT, check, credit=True)[2] == (0, 5)
    assert len(checked) == 1


class Clock:
    """A double of the module `time`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


@pytest.mark.parametrize(
    ("wall_seconds", "takes", "right"),
    [
        # Honest checks.
        (60.0, 0.05, 5_000),
        # Each is within its own limits.
        (60.0, 100.0, 2),
        # The only one does not end by itself.
        (60.0, math.inf, 0),
        # A program with more time of its own gives its checker more.
        (900.0, 100.0, 8),
    ],
)
def test_checkers_do_not_hold_a_slot_without_end(
    monkeypatch: pytest.MonkeyPatch, wall_seconds: float, takes: float, right: int
) -> None:
    clock = Clock()
    monkeypatch.setattr(streams, "time", clock)

    def check(source: str, case: Case, stdout: bytes, seconds: float) -> Judgement | None:
        clock.now += min(takes, seconds)  # Its cell ends it.
        return None

    def graded(cases: int) -> tuple[Judgement, Measured, Credit | None]:
        suite = Suite(RULE, (CASE,) * cases, "source")
        limits = LIMITS._replace(wall_seconds=wall_seconds)
        return streams.grade(suite, limits, lambda *_: quick, check, credit=True)

    quick = RIGHT._replace(measured=Measured(0, None, 0.0, 0.0, 0))
    assert graded(right)[0].verdict is Verdict.PASSED
    clock.now = 0.0
    judgement, _, credit = graded(10_000)
    assert judgement.verdict is Verdict.TIMEOUT
    assert "the checker took more than" in judgement.detail
    assert credit is not None
    assert credit.passed >= right
    assert clock.now <= max(wall_seconds, policy.MIN_CHECKS_WALL_SECONDS) + 0.1


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
    st.booleans(),
    st.text(),
    st.lists(st.tuples(st.binary(), st.binary()), max_size=4),
)
def test_a_suite_survives_the_way_to_the_supervisor(
    comparison: StreamComparison,
    tolerance: Tolerance | None,
    any_exit_status: bool,
    ignore_case: bool,
    checker_source: str,
    cases: list[tuple[bytes, bytes]],
) -> None:
    rule = StreamRule(comparison, tolerance, any_exit_status, ignore_case)
    suite = Suite(rule, tuple(Case(*case) for case in cases), checker_source)
    assert suites.decode(suites.encode(suite)) == suite
