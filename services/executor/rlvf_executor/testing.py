"""Starts a real executor process for tests and benchmarks."""

import json
import os
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import IO, Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


class ExecutorProcess:
    """An executor on a free port, as a context manager: serving when entered, gone when left."""

    def __init__(self, **settings: str) -> None:
        """`settings` are environment variables without the prefix, such as `executor_slots="1"`."""
        self._settings = {f"RLVF_{name.upper()}": value for name, value in settings.items()}
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        self.log: list[str] = []

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("RLVF_")
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rlvf_executor"],
            env={**environment, "RLVF_LISTEN": "127.0.0.1:0", **self._settings},
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
