"""What all tests share: one local stack for a session, and where the test data is.

`RLVF_TEST_DATA` names the folder with HumanEval, HumanEval+, MBPP and MBPP+; the default is
`shared/data` beside the checkout. A test that needs it skips with its reason where it is not there.
"""

import asyncio
import json
import os
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

from rlvf_client.local_stack import models
from rlvf_client.local_stack.stack import LocalStack
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore

REPOSITORY = Path(__file__).parents[1]
ResultT = TypeVar("ResultT")

# The suite tries the same examples each time; `make test-properties` looks for new ones.
# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=5_000)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with the benchmarks' files."""
    folder = Path(os.environ.get("RLVF_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set RLVF_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def reported_flags(test_data: Path) -> dict[str, dict[str, bool]]:
    """The prior experiment's pass flags: by condition and task."""
    path = test_data.parent / "prior-experiment" / "reported_flags.json"
    if not path.exists():
        pytest.skip(f"the prior experiment's flags are not at {path}; set RLVF_TEST_DATA")
    flags: dict[str, dict[str, bool]] = json.loads(path.read_text())
    return flags


@pytest.fixture(scope="session")
def model_home() -> Path:
    """The folder that holds the embedded model's checkpoint, unpacked once for all sessions."""
    home = Path(os.environ.get("RLVF_HOME", REPOSITORY / ".rlvf"))
    asyncio.run(models.resolve(models.EMBEDDED, home))
    return home.absolute() / "models"


class StackThread:
    """A local stack on an event loop of its own, so that tests on any loop, or none, can use it."""

    def __init__(self, home: Path, model_home: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.model = self._wait(models.resolve(models.EMBEDDED, model_home.parent))
        self.stack = LocalStack(home, model=self.model)
        self._wait(self.stack.__aenter__())

    def _wait(self, work: Coroutine[object, object, ResultT]) -> ResultT:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def ensure(self, *names: str) -> None:
        """Return when these services serve."""
        self._wait(self.stack.ensure(*names))

    def address(self, name: str) -> str:
        """`host:port` of a service, which is started if need be."""
        self.ensure("storage", name)
        return self.stack.address(name)

    def close(self) -> None:
        """Stop all of it."""
        self._wait(self.stack.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, model_home: Path) -> Iterator[StackThread]:
    """One stack for the session; its services start when first asked for."""
    thread = StackThread(tmp_path_factory.mktemp("stack"), model_home)
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def storage_settings(stack: StackThread) -> StorageSettings:
    """A real S3 server."""
    stack.ensure("storage")
    return stack.stack.storage_settings()


@pytest.fixture(scope="session")
def store(storage_settings: StorageSettings) -> ArtifactStore:
    """Artifacts in a real S3 server."""
    return ArtifactStore.connect(storage_settings)
