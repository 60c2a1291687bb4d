"""With remote services, a change of their code makes the driver compute numbers again. The services
are real, from copies of their packages; only the model is a stand-in."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from rlvf_client.experiment.calls import Calls
from rlvf_client.experiment.endpoints import RemoteEndpoints
from rlvf_client.experiment.evaluations import Condition, Evaluations
from rlvf_client.experiment.profiles import Profile
from rlvf_client.experiment.sections import Benchmark, Evaluation, Sampling
from rlvf_client.experiment.subject import Subject
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.progress.console import Reporter
from rlvf_common.rpc.settings import StorageSettings
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

from ...unit.common.rollouts.conftest import FakeInference

pytestmark = pytest.mark.slow

EVALUATION = Evaluation(benchmarks=[Benchmark(name="starter")], sampling=Sampling(max_tokens=8))


def copy_of(package: str, folder: Path, change: str = "") -> Path:
    """A folder with a copy of an installed package; `change` is appended to one of its files."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    shutil.copytree(Path(spec.origin).parent, folder / package)
    if change:
        with (folder / package / change).open("a") as file:
            file.write("\n")
    return folder


class Services:
    """An evaluator and an executor, each from the package that it is told to."""

    def __init__(self, storage: StorageSettings, patch: pytest.MonkeyPatch) -> None:
        self._storage = storage
        self._patch = patch
        self.inference = FakeInference()

    async def completions_drawn(
        self, model: Path, *, evaluator: Path | None = None, executor: Path | None = None
    ) -> int:
        """Evaluate, or find that it is done; return the number of completions that were drawn."""
        before = len(self.inference.requests)
        with ExitStack() as started:
            with self._from(executor):
                grader = started.enter_context(ExecutorProcess(executor_slots="1"))
            with self._from(evaluator):
                process = started.enter_context(
                    EvaluatorProcess(
                        **self._storage.model_dump(),
                        executor_address=grader.address,
                        inference_url=self.inference.url,
                    )
                )
            self._patch.setenv("RLVF_EVALUATOR_ADDRESS", process.address)
            subject = Subject.of("", ServedModel("base", str(model)))
            services = RemoteEndpoints(Profile.of_environment(os.environ))
            async with Calls("changed-code", services, Reporter()) as calls:
                evaluations = Evaluations(EVALUATION, calls, Reporter())
                listed = await evaluations.benchmarks()
                condition = Condition("base", "base", subject, subject.message())
                await evaluations.evaluate(listed["starter"], condition)
        return len(self.inference.requests) - before

    @contextmanager
    def _from(self, folder: Path | None) -> Iterator[None]:
        """Make processes that are started in this block import from `folder` first."""
        with pytest.MonkeyPatch.context() as patch:
            if folder is not None:
                patch.setenv("PYTHONPATH", str(folder))
            yield


@pytest.fixture
def services(
    storage_settings: StorageSettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    made = Services(storage_settings.model_copy(update={"s3_bucket": "changed-code"}), monkeypatch)
    yield made
    made.inference.close()


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    directory = tmp_path / "checkpoint"
    directory.mkdir()
    (directory / "config.json").write_text("{}")
    return directory


async def test_changed_code_of_a_remote_service_makes_numbers_anew_and_the_same_code_does_not(
    services: Services, checkpoint: Path, tmp_path: Path
) -> None:
    tasks = await services.completions_drawn(checkpoint)
    assert tasks > 0
    assert await services.completions_drawn(checkpoint) == 0

    same = copy_of("rlvf_evaluator", tmp_path / "same")
    assert await services.completions_drawn(checkpoint, evaluator=same) == 0
    changed = copy_of("rlvf_evaluator", tmp_path / "changed", "listing.py")
    assert await services.completions_drawn(checkpoint, evaluator=changed) == tasks
    assert await services.completions_drawn(checkpoint, evaluator=changed) == 0

    # The client cannot reach an executor of a cluster: the evaluator tells of it.
    executor = copy_of("rlvf_executor", tmp_path / "executor", "server/metrics.py")
    assert await services.completions_drawn(checkpoint, executor=executor) == tasks
    assert await services.completions_drawn(checkpoint) == 0
