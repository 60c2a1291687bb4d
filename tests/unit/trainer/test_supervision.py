"""What is counted of trainings."""

from prometheus_client import REGISTRY

from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.storage.quotas import Quotas
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
