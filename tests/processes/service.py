"""A real process of a service, for tests, soaks and benchmarks."""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from types import TracebackType
from typing import IO, ClassVar, Self

__all__ = ["ServiceProcess"]


class ServiceProcess:
    """A service's process as a context manager: ready on entry, killed on exit."""

    module: ClassVar[str]
    """The module that `python -m` runs."""

    def __init__(self, **settings: object) -> None:
        """`settings` are environment variables without the prefix, such as `s3_bucket="rlvf"`."""
        self.settings = {f"RLVF_{name.upper()}": str(value) for name, value in settings.items()}
        self._process: subprocess.Popen[str] | None = None
        self.events: list[dict[str, object]] = []
        """The lines of its log."""

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def address(self) -> str:
        """The `host:port` on which it listens."""
        return self._logged("ready")

    def metrics(self) -> dict[str, float]:
        """The current value of each metric, by name and labels.

        Needs the setting `metrics_listen="127.0.0.1:0"`.
        """
        url = f"http://{self._logged('metrics')}/metrics"
        with urllib.request.urlopen(url, timeout=30) as response:
            lines = response.read().decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def start(self) -> None:
        """Start it, or start it again at the same address."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("RLVF_")
        }
        address = self.address if self.events else "127.0.0.1:0"
        self.events.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            env={**environment, "RLVF_LISTEN": address, **self.settings},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._note(line)
            if self.events[-1]["event"] == "ready":
                break
        else:
            self._process.stderr.close()
            self._process.wait()
            raise RuntimeError(f"{self.module} did not start: {self.events}")
        self._reader = threading.Thread(target=self._read_log, args=(self._process.stderr,))
        self._reader.start()

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def terminate(self) -> int:
        """SIGTERM, and wait for its end; the exit status."""
        assert self._process is not None
        self._process.terminate()
        status = self._process.wait()
        self._reader.join()
        return status

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def _logged(self, event: str) -> str:
        (address,) = (one["address"] for one in self.events if one["event"] == event)
        return str(address)

    def _note(self, line: str) -> None:
        # Lines that are not JSON come from Python itself, such as a traceback at the start.
        event = json.loads(line) if line.startswith("{") else {"event": line.rstrip()}
        self.events.append(event)

    def _read_log(self, stream: IO[str]) -> None:
        for line in stream:
            self._note(line)
        stream.close()
