"""An evaluator and an executor of their own, which a test may kill, and own problems."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from rlvf_client.local_stack.ports import free_port
from rlvf_common import starter
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.rpc.settings import StorageSettings
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

from ....conftest import REPOSITORY

OWN = ("opposite_number", "first_item", "last_letter", "product_of_three")


@pytest.fixture(scope="session")
def own_problems() -> list[Problem]:
    """Of one line each, of the training split: no evaluator has them."""
    known = {problem.entry_point: problem for problem in starter.load("train")}
    return [known[name] for name in OWN]


@pytest.fixture
def problem_file(own_problems: list[Problem], tmp_path: Path) -> Path:
    """Those as JSON Lines."""
    path = tmp_path / "problems.jsonl"
    path.write_bytes(dump_problems(own_problems))
    return path


def example(heading: str) -> str:
    """The README's example for a trainer, with the test's evaluator and problems: it uses the names
    `address`, `problems` and `more`, further arguments."""
    readme = (REPOSITORY / "services" / "client" / "README.md").read_text()
    block = readme.split(f"### {heading}\n", 1)[1].split("```", 2)[1].partition("\n")[2]
    assert len([line for line in block.splitlines() if line.strip()]) <= 5
    return block.replace('"localhost:50054", "humaneval"', "address, problems, **more")


class Graders:
    """An evaluator, and the executor behind it, which can be killed and started again."""

    def __init__(self, settings: StorageSettings) -> None:
        self._executor_address = f"127.0.0.1:{free_port()}"
        self._settings = settings
        self._executor: ExecutorProcess | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.start_executor()
        process = EvaluatorProcess(
            **self._settings.model_dump(), executor_address=self._executor_address
        )
        self.address = self._stack.enter_context(process).address
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def start_executor(self) -> None:
        """At the address of the one before."""
        self._executor = self._stack.enter_context(ExecutorProcess(listen=self._executor_address))

    def kill_executor(self) -> None:
        """SIGKILL."""
        assert self._executor is not None
        os.kill(self._executor.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def graders(storage_settings: StorageSettings) -> Iterator[Graders]:
    """Those of a session; whoever kills the executor starts it again."""
    with Graders(storage_settings) as started:
        yield started
