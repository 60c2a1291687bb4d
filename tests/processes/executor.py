"""A real executor process, and a blocking client of it."""

from datetime import timedelta
from types import TracebackType

import grpc
from google.protobuf.duration_pb2 import Duration

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc

from .service import ServiceProcess

__all__ = ["SCIENTIFIC", "Client", "ExecutorProcess", "limits"]


class ExecutorProcess(ServiceProcess):
    """An executor as a context manager, which ends its jails in good order."""

    module = "rlvf_executor"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.terminate()


def limits(
    *, cpu_seconds: float = 0.0, wall_seconds: float = 0.0, **others: int
) -> executor_pb2.Limits:
    """Limits of a request; `others` are the fields that are integers."""
    message = executor_pb2.Limits(**others)  # type: ignore[arg-type]
    for field, seconds in (("cpu_time", cpu_seconds), ("wall_time", wall_seconds)):
        if seconds:
            duration = Duration()
            duration.FromTimedelta(timedelta(seconds=seconds))
            getattr(message, field).CopyFrom(duration)
    return message


SCIENTIFIC = "python-scientific"
"""The environment that `make setup` installs."""


class Client:
    """A blocking client that says the least; its programs run in one environment."""

    def __init__(self, channel: grpc.Channel, environment: str = "") -> None:
        self.stub = executor_pb2_grpc.ExecutorServiceStub(channel)
        self.environment = environment

    def execute(
        self, source: str, stdin: bytes = b"", limits: executor_pb2.Limits | None = None
    ) -> executor_pb2.ExecuteResponse:
        """Runs a program."""
        request = executor_pb2.ExecuteRequest(
            source=source, stdin=stdin, limits=limits, environment=self.environment
        )
        response: executor_pb2.ExecuteResponse = self.stub.Execute(request, timeout=120)
        return response

    def grade(
        self,
        source: str,
        test: str,
        *,
        entry_point: str = "f",
        support: str = "",
        limits: executor_pb2.Limits | None = None,
    ) -> executor_pb2.GradeResponse:
        """Grades a program."""
        request = executor_pb2.GradeRequest(
            candidate_source=source,
            entry_point=entry_point,
            check_function=executor_pb2.CheckFunction(source=test, support_source=support),
            limits=limits,
            environment=self.environment,
        )
        response: executor_pb2.GradeResponse = self.stub.Grade(request, timeout=120)
        return response

    def outcome(self, source: str, limits: executor_pb2.Limits | None = None) -> str:
        """How a program ends, in lower case without the prefix."""
        response = self.execute(source, limits=limits)
        return executor_pb2.Outcome.Name(response.outcome).removeprefix("OUTCOME_").lower()

    def verdict(self, source: str, test: str, limits: executor_pb2.Limits | None = None) -> str:
        """The verdict on a program, in lower case without the prefix."""
        response = self.grade(source, test, limits=limits)
        return executor_pb2.Verdict.Name(response.verdict).removeprefix("VERDICT_").lower()
