"""Each call has its own CPU budget, whenever the supervisor reads that one has ended."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from rlvf_executor.contract import policy
from rlvf_executor.contract.outcomes import Verdict
from rlvf_executor.contract.report import ASKED, CALL_ENDED, PASSED, Report
from rlvf_executor.contract.slots import NAMESPACES
from rlvf_executor.contract.turns import Turns
from rlvf_executor.supervisor.cell import Cell, Setting
from rlvf_executor.supervisor.grading import Grading
from rlvf_executor.supervisor.inbox import Inbox
from rlvf_executor.supervisor.verdicts import Measured
from rlvf_executor.supervisor.watch import Watch
from rlvf_executor.supervisor.worker_cell import WorkerCell

BUDGET = 1.0
LIMITS = policy.DEFAULT_LIMITS._replace(call_cpu_seconds=BUDGET)
SETTING = Setting("", NAMESPACES, 0, None, None, None, (), "", False)


class FakeCell(Cell):
    """A cell without a process, whose child has ended when the test says so."""

    def __init__(self, stack: ExitStack) -> None:
        super().__init__(SETTING)
        self.ours, self.theirs = (
            stack.enter_context(one)
            for one in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        )
        self.write: Callable[[int], None] = lambda _: None
        self.ended_calls: list[int] = []
        self.used = 0.0

    @property
    def control(self) -> socket.socket:
        return self.ours

    def submit(self, kind: bytes, limits: policy.Limits, descriptors: list[int]) -> None:
        self._limits = limits
        self.measured = None
        self.call_reached_limit = False
        self._cpu_seconds_at_call = 0.0
        self.write(descriptors[1])
        self.theirs.send(b"ended")

    def next_call(self, ended: int) -> None:
        self.ended_calls.append(ended)
        super().next_call(ended)

    def _use_now(self) -> tuple[float, int, bool]:
        return self.used, 0, False

    def kill(self, reason: object) -> None:
        pass

    def seconds_to_look(self) -> float:
        return 0.0

    def look(self) -> None:
        pass

    def collect(self) -> bool:
        self.ours.recv(100)
        self.measured = Measured(0, None, self.used, self.used, 0)
        return False


class FakeWorker(WorkerCell):
    """A worker without a process, which has sent all its reports at once."""

    def __init__(self, stack: ExitStack, *sent: Report) -> None:
        super().__init__(SETTING)
        self.ours, self.theirs = (
            stack.enter_context(one)
            for one in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        )
        self.sent = sent

    @property
    def control(self) -> socket.socket:
        return self.ours

    def submit(self, *_: Any) -> None:
        for one in self.sent:
            self.theirs.send(json.dumps(one).encode())

    def look(self) -> None:
        pass


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def watch(stack: ExitStack) -> Watch:
    server, other = socket.socketpair()
    stack.enter_context(server)
    stack.enter_context(other)
    return Watch(server, Inbox(server), Turns(None))


def forked(stack: ExitStack, watch: Watch, *sent: Report) -> tuple[FakeCell, Grading]:
    """A grading by a judge that has sent all its reports at once."""
    programs, judges = FakeCell(stack), FakeCell(stack)
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in sent)
    judges.write = lambda descriptor: (os.write(descriptor, lines), None)[1]
    return programs, Grading(programs, judges, FakeWorker(stack), watch)


def test_loading_does_not_count_for_a_call_that_follows_at_once(
    stack: ExitStack, watch: Watch
) -> None:
    programs, grading = forked(stack, watch, Report(CALL_ENDED), Report(ASKED))
    said, _ = grading._by_fork(LIMITS, b"", b"", None)
    assert programs.ended_calls == [1]
    assert said == [Report(ASKED)]


SEVERAL = (Report(CALL_ENDED),) * 3 + (Report(PASSED),)


@pytest.mark.parametrize(
    ("used", "too_long"), [(2.9 * BUDGET, False), (3.1 * BUDGET, True)], ids=["within", "beyond"]
)
@pytest.mark.parametrize("by_worker", [False, True])
def test_calls_that_are_read_together_have_their_budgets_together(
    stack: ExitStack, watch: Watch, by_worker: bool, used: float, too_long: bool
) -> None:
    programs, grading = forked(stack, watch, *SEVERAL)
    programs.used = used
    if by_worker:
        grading = Grading(programs, FakeCell(stack), FakeWorker(stack, *SEVERAL), watch)
        said = grading._by_worker(b"", LIMITS, b"", b"", None)
    else:
        said, _ = grading._by_fork(LIMITS, b"", b"", None)
    assert said == [Report(PASSED)]
    assert programs.ended_calls == [3]
    assert programs.call_reached_limit is too_long


def test_the_last_call_s_budget_is_checked_before_the_verdict(
    stack: ExitStack, watch: Watch
) -> None:
    programs, grading = forked(stack, watch, Report(CALL_ENDED), Report(PASSED))
    programs.used = 1.1 * BUDGET
    said, outcome = grading._by_fork(LIMITS, b"", b"", None)
    assert grading._judged(LIMITS, said, outcome).judgement.verdict is Verdict.TIMEOUT
