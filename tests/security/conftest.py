"""An executor for each tier that this machine offers, and programs in each of its environments."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from rlvf_executor.contract.slots import PYTHON
from tests.processes.executor import SCIENTIFIC, Client, ExecutorProcess

TIERS = {
    "namespaces": {"executor_tier": "namespaces"},
    "namespaces-without-cgroup": {
        "executor_tier": "namespaces",
        "executor_cgroup": "off",
        # Tuning may not be what protects.
        "executor_tuning": "off",
    },
    "landlock": {"executor_tier": "landlock"},
}


@pytest.fixture(scope="session")
def secret() -> str:
    """Stands for everything that must not be found: in the server's environment and in a file."""
    return f"secret-{secrets.token_hex(12)}"


@pytest.fixture(scope="session")
def secret_file(secret: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that everyone on the machine may read and write."""
    path = tmp_path_factory.mktemp("host") / "secret.txt"
    path.write_text(secret)
    path.chmod(0o666)
    for parent in path.parents[:3]:
        parent.chmod(parent.stat().st_mode | 0o055)
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each attack in every tier and environment; the cgroup makes a difference to resources
    only."""
    if "executor" in metafunc.fixturenames:
        resources = metafunc.module.__name__.endswith("test_resources")
        tiers = [tier for tier in TIERS if resources or tier != "namespaces-without-cgroup"]
        metafunc.parametrize("executor", tiers, indirect=True, scope="session")
    if "environment" in metafunc.fixturenames:
        # The jail is the same in both, so `make test` tries one.
        scientific = pytest.param(SCIENTIFIC, marks=pytest.mark.slow)
        metafunc.parametrize("environment", [PYTHON, scientific], scope="session")


@pytest.fixture(scope="session")
def executor(request: pytest.FixtureRequest, secret: str) -> Iterator[ExecutorProcess]:
    """One executor per tier, with one slot, so that executions follow each other there."""
    settings = TIERS[request.param]
    with ExecutorProcess(executor_slots="1", s3_secret_key=secret, **settings) as process:
        yield process


@pytest.fixture(scope="session")
def has_processes(executor: ExecutorProcess) -> bool:
    """Whether programs may start processes in this tier."""
    return "landlock" not in executor.settings.values()


@pytest.fixture
def client(executor: ExecutorProcess, environment: str) -> Iterator[Client]:
    """A client of the tier's executor. After each test a right answer must still pass: the attack
    has disturbed nobody."""
    with grpc.insecure_channel(executor.address) as channel:
        client = Client(channel, environment)
        yield client
        assert (
            client.verdict("def f(x): return x + 2", "def check(c): assert c(5) == 7") == "passed"
        )
