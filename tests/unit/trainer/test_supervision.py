"""What is counted of trainings, and what they are charged."""

import asyncio
from datetime import date
from itertools import count

import pytest
from prometheus_client import REGISTRY

from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.rpc.context import Principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.storage.quotas import Quotas
from rlvf_trainer import supervision
from rlvf_trainer.launchers.launcher import OnWaiting
from rlvf_trainer.launchers.local import LocalLauncher
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id, train
from tests.unit.doubles import OperationInMemory


def _diverged() -> float:
    labels = {"stopped_because": "diverged"}
    return REGISTRY.get_sample_value("rlvf_trainings_total", labels) or 0.0


async def test_a_training_that_diverged_is_counted_as_one() -> None:
    context = OperationInMemory()
    request = trainer_pb2.RunTrainingRequest(base_model="m")
    because = trainer_pb2.STOPPED_BECAUSE_DIVERGED
    summary = trainer_pb2.TrainingSummary(stopped_because=because)
    # The job has ended already, so none is launched.
    run = Run(context.store, run_id(context.id, request))
    run.write_response(trainer_pb2.RunTrainingResponse(summary=summary))
    before = _diverged()
    launcher = LocalLauncher.__new__(LocalLauncher)
    await train(request, context, launcher, Quotas(context.store))
    assert _diverged() == before + 1


class ChargedQuotas(Quotas):
    """Quotas that keep what was charged."""

    def __init__(self) -> None:
        self.charged: list[float] = []
        self.some = asyncio.Event()

    async def admit(self, who: Principal, resource: Resource) -> date:
        return date.min

    def charge(self, who: Principal, resource: Resource, day: date, amount: float) -> None:
        self.charged.append(amount)
        self.some.set()


class JobOfFourProcesses(LocalLauncher):
    """A job that ends when it was charged."""

    def __init__(self, run: Run, charged: asyncio.Event) -> None:
        self._run, self._charged = run, charged

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        self._run.write_progress(trainer_pb2.RunTrainingMetadata(step=1, processes=4))
        await self._charged.wait()
        self._run.write_response(trainer_pb2.RunTrainingResponse())
        return None


async def test_the_time_of_every_process_is_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    monkeypatch.setattr(supervision, "monotonic", lambda: next(seconds))
    context = OperationInMemory()
    request = trainer_pb2.RunTrainingRequest(base_model="m")
    run = Run(context.store, run_id(context.id, request))
    quotas = ChargedQuotas()
    await train(request, context, JobOfFourProcesses(run, quotas.some), quotas)
    # One second went by between two looks at the clock.
    assert set(quotas.charged) == {4}
