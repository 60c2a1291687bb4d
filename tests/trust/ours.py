"""Grades the attacks' programs with our executor, in each kind of test."""

import time
from pathlib import Path

import grpc
import psutil

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from tests.processes.executor import ExecutorProcess, limits
from tests.trust.attacks import Attack, program
from tests.trust.peers import SECRET, Outcome
from tests.trust.problem import ENTRY_POINT, FORMS

LIMIT_SECONDS = 2.0
_OUTLAST_SECONDS = 2.5
_LIMITS = limits(cpu_seconds=LIMIT_SECONDS, wall_seconds=LIMIT_SECONDS)
_UNHURRIED = limits(cpu_seconds=5.0, wall_seconds=60.0)
_WAIT_SECONDS = 10.0


class Ours:
    """A running executor under attack."""

    def __init__(self, executor: ExecutorProcess, channel: grpc.Channel, outside: Path) -> None:
        self._stub = executor_pb2_grpc.ExecutorServiceStub(channel)
        self._server = psutil.Process(executor.pid)
        self._outside = outside
        self._processes = self._count()

    def _count(self) -> int:
        return len(self._server.children(recursive=True))

    def verdicts(self, source: str, *, slow: bool = False) -> dict[str, str]:
        """The verdicts on a program, by form of the test; a slow program is graded in one only."""
        found = {}
        for form, test in list(FORMS.items())[: 1 if slow else None]:
            request = executor_pb2.GradeRequest(
                candidate_source=source,
                entry_point=ENTRY_POINT,
                limits=_LIMITS if slow else _UNHURRIED,
            )
            request.MergeFrom(test)
            response = self._stub.Grade(request, timeout=120)
            name = executor_pb2.Verdict.Name(response.verdict)
            found[form] = name.removeprefix("VERDICT_").lower()
        return found

    def outcome(self, attack: Attack, source: str) -> Outcome:
        """The executor's verdict on a program of an attack, and the harm that it did."""
        made = program(source, seconds=_OUTLAST_SECONDS, outside=str(self._outside))
        passed = "passed" in self.verdicts(made, slow=attack.slow).values()
        return Outcome("passed" if passed else "refused", tuple(self._harm()))

    def _harm(self) -> list[str]:
        files = list(self._outside.iterdir())
        harm = ["file"] * len(files)
        harm += ["secret" for file in files if SECRET in file.read_text()]
        for file in files:
            file.unlink()
        # A judge is being replaced for a moment; a process that was left behind would stay.
        give_up_at = time.monotonic() + _WAIT_SECONDS
        while self._count() != self._processes:
            if time.monotonic() > give_up_at:
                self._processes = self._count()
                return [*harm, "process"]
            time.sleep(0.05)
        return harm
