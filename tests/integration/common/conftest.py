import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore

COMMAND = [sys.executable, str(Path(__file__).with_name("counting_server.py"))]


def server_environment(storage: StorageSettings, **settings: str) -> dict[str, str]:
    """The settings of a counting server."""
    values = {**storage.model_dump(), **settings}
    return {**os.environ, **{f"RLVF_{name.upper()}": str(value) for name, value in values.items()}}


class ServerProcess:
    """The counting server as a process of its own."""

    def __init__(self, storage: StorageSettings, **settings: str) -> None:
        self.process = subprocess.Popen(
            COMMAND,
            env=server_environment(storage, **settings),
            stderr=subprocess.PIPE,
            text=True,
        )
        self.events: list[dict[str, object]] = []
        self.address = str(self.wait_for("ready")["address"])

    def wait_for(self, event: str) -> dict[str, object]:
        """Read the log up to an event."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.events.append(json.loads(line))
            if self.events[-1]["event"] == event:
                return self.events[-1]
        raise AssertionError(f"the server ended before {event}: {self.events}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture(scope="session")
def storage_settings(storage_settings: StorageSettings) -> StorageSettings:
    """A bucket of its own: else the session's trainer would take the counting operations over."""
    return storage_settings.model_copy(update={"s3_bucket": "counting"})


@pytest.fixture(scope="session")
def store(storage_settings: StorageSettings) -> ArtifactStore:
    """Artifacts in that bucket."""
    return ArtifactStore.connect(storage_settings)


@pytest.fixture
def start_server(storage_settings: StorageSettings) -> Iterator[Callable[..., ServerProcess]]:
    """Starts counting servers."""
    started: list[ServerProcess] = []

    def start(**settings: str) -> ServerProcess:
        started.append(ServerProcess(storage_settings, **settings))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def run_to_its_end(
    storage_settings: StorageSettings,
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a counting server that is expected to end by itself."""

    def run(**settings: str) -> subprocess.CompletedProcess[str]:
        environment = server_environment(storage_settings, **settings)
        return subprocess.run(
            COMMAND, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run
