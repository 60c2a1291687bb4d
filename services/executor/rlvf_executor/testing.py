"""Starts a real executor process for tests and benchmarks."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import timedelta
from types import TracebackType
from typing import IO, Self

import grpc
from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc


class ExecutorProcess:
    """An executor on a free port, as a context manager: serving when entered, gone when left."""

    def __init__(self, **settings: str) -> None:
        """`settings` are environment variables without the prefix, such as `executor_slots="1"`."""
        self.settings = {f"RLVF_{name.upper()}": value for name, value in settings.items()}
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        self.log: list[str] = []

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def metrics(self) -> dict[str, float]:
        """The value of each metric now, by name and labels: `x_total{kind="execute"}`.

        The executor must have been given `metrics_listen="127.0.0.1:0"`.
        """
        events = [json.loads(line) for line in self.log if line.startswith("{")]
        (address,) = (event["address"] for event in events if event["event"] == "metrics")
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as response:
            lines = response.read().decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def __enter__(self) -> Self:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("RLVF_")
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rlvf_executor"],
            env={**environment, "RLVF_LISTEN": "127.0.0.1:0", **self.settings},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.log.append(line)
            if line.startswith("{") and json.loads(line).get("event") == "listening":
                self.address = json.loads(line)["address"]
                break
        else:
            raise RuntimeError(f"the executor did not start: {''.join(self.log)}")
        threading.Thread(target=self._read_log, args=(self._process.stderr,), daemon=True).start()
        try:
            self._wait_until_serving()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_log(self, stream: IO[str]) -> None:
        self.log.extend(stream)
        stream.close()

    def _wait_until_serving(self) -> None:
        assert self._process is not None
        give_up_at = time.monotonic() + 60
        with grpc.insecure_channel(self.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            while time.monotonic() < give_up_at:
                response = health.Check(
                    health_pb2.HealthCheckRequest(), timeout=10, wait_for_ready=True
                )
                if response.status == health_pb2.HealthCheckResponse.SERVING:
                    return
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"the executor does not serve: {''.join(self.log)}")


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
    """A blocking client for short calls; its programs run in one environment."""

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
