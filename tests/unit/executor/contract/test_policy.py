"""Limits, outcomes, verdicts and the filter: the parts of the executor that need no jail."""

import struct
import tracemalloc
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_executor.contract import policy
from rlvf_executor.contract.outcomes import Outcome, Verdict
from rlvf_executor.contract.report import FAILED, GONE, PASSED, Report
from rlvf_executor.native import kernel, syscall_numbers
from rlvf_executor.server import jobs
from rlvf_executor.supervisor import verdicts
from rlvf_executor.supervisor.verdicts import Measured
from tests.processes.executor import limits

KILLED, SEGMENTATION_FAULT = 9, 11


def measured(
    status: int = 0,
    *,
    killed_for: Outcome | None = None,
    cpu_seconds: float = 0.1,
    out_of_memory_kills: int = 0,
    refused_forks: int = 0,
) -> Measured:
    """A program that ended by itself after little work, unless told otherwise."""
    return Measured(
        status, killed_for, cpu_seconds, 0.2, 1 << 20, out_of_memory_kills, refused_forks
    )


def test_unset_limits_are_the_defaults() -> None:
    assert jobs.limits_of(executor_pb2.Limits()) == policy.DEFAULT_LIMITS


def test_the_wall_limit_follows_the_cpu_limit() -> None:
    assert jobs.limits_of(limits(cpu_seconds=5)).wall_seconds == 30
    assert jobs.limits_of(limits(cpu_seconds=1)).wall_seconds == 10


@given(st.floats(0.01, 300))
def test_a_cpu_limit_in_range_is_taken_as_it_is(seconds: float) -> None:
    exact = timedelta(seconds=seconds).total_seconds()
    assert jobs.limits_of(limits(cpu_seconds=seconds)).cpu_seconds == pytest.approx(exact)


def test_every_default_is_within_the_bounds() -> None:
    bounds = zip(policy.MINIMUM_LIMITS, policy.DEFAULT_LIMITS, policy.MAXIMUM_LIMITS, strict=True)
    assert all(least <= value <= most for least, value, most in bounds)


@pytest.mark.parametrize("field", ["memory_bytes", "output_bytes", "processes", "disk_bytes"])
def test_a_limit_out_of_range_is_named(field: str) -> None:
    for value in (-1, getattr(policy.MAXIMUM_LIMITS, field) + 1):
        if value < 2**31:
            with pytest.raises(InvalidArgument, match=f"limits.{field}"):
                jobs.limits_of(limits(**{field: value}))


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (measured(), Outcome.EXITED),
        (measured(3 << 8), Outcome.EXITED),
        (measured(SEGMENTATION_FAULT), Outcome.SIGNALED),
        (measured(KILLED), Outcome.SIGNALED),
        (measured(KILLED, killed_for=Outcome.WALL_TIME_EXCEEDED), Outcome.WALL_TIME_EXCEEDED),
        (measured(0, killed_for=Outcome.WALL_TIME_EXCEEDED), Outcome.EXITED),
        (measured(KILLED, cpu_seconds=10.1), Outcome.CPU_TIME_EXCEEDED),
        (measured(0, cpu_seconds=10.1), Outcome.CPU_TIME_EXCEEDED),
        (measured(KILLED, out_of_memory_kills=1), Outcome.MEMORY_EXCEEDED),
        (measured(0, out_of_memory_kills=1), Outcome.MEMORY_EXCEEDED),
        (measured(1 << 8, refused_forks=2), Outcome.PROCESSES_EXCEEDED),
        (measured(64), Outcome.MEMORY_EXCEEDED),
    ],
)
def test_the_outcome_is_what_was_measured(end: Measured, outcome: Outcome) -> None:
    assert verdicts.outcome_of(end, policy.DEFAULT_LIMITS) is outcome


def verdict(
    candidate: Measured,
    report: Report | None,
    *,
    judge_outcome: Outcome = Outcome.EXITED,
    asked: bool = False,
) -> Verdict:
    """The verdict on an ended candidate and what its judge said."""
    limits = policy.DEFAULT_LIMITS
    return verdicts.judge_verdict(candidate, limits, report, judge_outcome, asked).verdict


def test_a_verdict_needs_the_judge_s_word() -> None:
    assert verdict(measured(), Report(PASSED)) is Verdict.PASSED
    assert verdict(measured(), Report(FAILED, "why")) is Verdict.FAILED
    for status in (0, 1 << 8, KILLED, SEGMENTATION_FAULT):
        assert verdict(measured(status), Report(GONE)) is Verdict.ERROR


def test_a_limit_explains_a_candidate_that_is_gone() -> None:
    gone = Report(GONE)
    killed = measured(KILLED, killed_for=Outcome.CPU_TIME_EXCEEDED)
    assert verdict(killed, gone) is Verdict.TIMEOUT
    assert verdict(measured(KILLED, out_of_memory_kills=1), gone) is Verdict.MEMORY


def test_a_silent_judge_is_never_a_verdict_on_the_candidate() -> None:
    for outcome in (Outcome.EXITED, Outcome.SIGNALED, Outcome.CPU_TIME_EXCEEDED):
        with pytest.raises(verdicts.TestMisbehaved):
            verdict(measured(), None, judge_outcome=outcome)


def test_a_judge_that_drowned_in_the_candidate_s_data_is_a_time_out() -> None:
    limit = Outcome.CPU_TIME_EXCEEDED
    assert verdict(measured(), None, judge_outcome=limit, asked=True) is Verdict.TIMEOUT


def _runs(program: bytes, number: int, *arguments: int) -> int:
    """What a filter returns for a system call: an interpreter of classic BPF."""
    data = struct.pack("=iIQ6Q", number, 0xC000_003E, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    instructions = list(struct.iter_unpack("=HBBI", program))
    position = accumulator = index = 0
    operand: int
    stored = [0] * 16
    while True:
        code, when_true, when_false, operand = instructions[position]
        position += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, operand)
            case 0x00:
                accumulator = operand
            case 0x60:
                accumulator = stored[operand]
            case 0x02:
                stored[operand] = accumulator
            case 0x07:
                index = accumulator
            case 0x54:
                accumulator &= operand
            case 0x6C:
                accumulator = accumulator << index & 0xFFFF_FFFF
            case 0x74:
                accumulator >>= operand
            case 0x06:
                return operand
            case _:
                holds = {
                    0x15: accumulator == operand,
                    0x35: accumulator >= operand,
                    0x45: bool(accumulator & operand),
                }[code]
                position += when_true if holds else when_false


ALLOW, REFUSE, MISSING = 0x7FFF_0000, 0x0005_0001, 0x0005_0026
SPECIAL = {"clone", "socket", "socketpair", "ioctl"}


def test_the_filter_allows_what_the_policy_lists_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    program = kernel.seccomp_program()
    names = {number: name for name, number in syscall_numbers.X86_64.items()}
    for number in range(600):
        name = names.get(number, "")
        if name in SPECIAL:
            continue
        if name in policy.NOT_IMPLEMENTED_SYSCALLS:
            expected = MISSING
        else:
            expected = ALLOW if name in policy.ALLOWED_SYSCALLS else REFUSE
        assert _runs(program, number) == expected, (number, name)
    assert _runs(program, 0x4000_0000) == REFUSE, "the x32 calls would go around the numbers"


def test_the_filter_looks_at_flags_and_families(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    program = kernel.seccomp_program()
    numbers = syscall_numbers.X86_64
    assert _runs(program, numbers["clone"], 0x0001_0F00) == ALLOW
    assert _runs(program, numbers["clone"], 0x1000_0000) == REFUSE
    assert _runs(program, numbers["socket"], 1) == ALLOW
    assert _runs(program, numbers["socket"], 2) == REFUSE
    assert _runs(program, numbers["ioctl"], 0, 0x5412) == REFUSE


def test_without_namespaces_a_program_can_start_and_signal_only_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    without = policy.LANDLOCK_FORBIDDEN_SYSCALLS
    program = kernel.seccomp_program(without=without, only_pid=42)
    numbers = syscall_numbers.X86_64
    assert _runs(program, numbers["clone"], 0x11) == REFUSE
    assert _runs(program, numbers["clone"], 0x0001_0000) == ALLOW
    assert _runs(program, numbers["kill"], 42) == ALLOW
    assert _runs(program, numbers["kill"], 1) == REFUSE
    assert all(_runs(program, numbers[name], 1) == REFUSE for name in without)


def test_landlock_that_would_let_files_be_emptied_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernel, "landlock_version", lambda: 2)
    with pytest.raises(OSError, match=r"Linux 6\.2"):
        kernel.landlock((), ())


def test_nothing_large_of_a_request_is_kept() -> None:
    unknown = b"\xfa\x3f" + b"\x80\x80\x40" + bytes(1 << 20)  # Field 1023, 1 MiB.
    tracemalloc.start()
    for seconds in range(1, 51):
        asked = limits(cpu_seconds=seconds)
        asked.MergeFromString(unknown)
        assert jobs.limits_of(asked).cpu_seconds == seconds
        del asked
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 10 << 20
