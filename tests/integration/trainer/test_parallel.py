"""Jobs of two processes, which divide each step."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.metrics import parse_metrics
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id

from .test_resuming import assert_same_run, checkpoint
from .trainer_testing import MakeRequest, TrainerProcess, answers_jsonl, pairs_jsonl

TOLERANCE = 1e-3
"""Of losses: sums of floats in another order."""


@pytest.fixture(scope="module")
def two_processes(
    storage_settings: StorageSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrainerProcess]:
    """A trainer whose jobs have two processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RLVF_TRAINER_PROCESSES", "2")
        # In a bucket of its own: else the session's trainer would take its operations over.
        trainer = TrainerProcess(_bucket(storage_settings), tmp_path_factory.mktemp("two") / "work")
    yield trainer
    trainer.stop()


@pytest.fixture(scope="module")
def bucket(storage_settings: StorageSettings) -> ArtifactStore:
    return ArtifactStore.connect(_bucket(storage_settings))


def _bucket(settings: StorageSettings) -> StorageSettings:
    return settings.model_copy(update={"s3_bucket": "two-processes"})


def requested(
    make_request: MakeRequest,
    store: ArtifactStore,
    request_id: str,
    method: str,
    records: int,
) -> trainer_pb2.RunTrainingRequest:
    """A request of two epochs in steps of four micro-batches of two records."""
    request = make_request(request_id, batch_size=8, lora_dropout=0.0)
    lines = pairs_jsonl(records) if method == "dpo" else answers_jsonl(records)
    field = request.pairs if method == "dpo" else request.answers
    if method == "rft":
        request.ClearField("pairs")
        request.hyperparameters.loss = trainer_pb2.LOSS_NLL
    field.CopyFrom(store.put_bytes(lines, JSONL))
    return request


# With 22 the last step of an epoch has three micro-batches, with 18 it has one, so that the second
# process has none of its own.
@pytest.mark.slow
@pytest.mark.parametrize(("method", "records"), [("dpo", 22), ("dpo", 18), ("rft", 18)])
async def test_two_processes_have_the_losses_of_one(
    method: str,
    records: int,
    two_processes: TrainerProcess,
    trainer: TrainerProcess,
    make_request: MakeRequest,
    bucket: ArtifactStore,
    store: ArtifactStore,
) -> None:
    name = f"divided-{method}-{records}"
    of_one, of_two = await asyncio.gather(
        trainer.train(requested(make_request, store, name, method, records)),
        two_processes.train(requested(make_request, bucket, name, method, records)),
    )
    alone = parse_metrics(store.get_bytes(of_one.metrics))
    together = parse_metrics(bucket.get_bytes(of_two.metrics))
    assert len(together) == len(alone) == 6
    for one, two in zip(alone, together, strict=True):
        assert type(one) is type(two)
        for name in one.__slots__:
            assert getattr(two, name) == pytest.approx(
                getattr(one, name), rel=TOLERANCE, abs=TOLERANCE, nan_ok=True
            ), name


@pytest.mark.slow
async def test_a_job_of_two_processes_that_is_killed_ends_in_the_same_adapter_and_curve(
    two_processes: TrainerProcess, make_request: MakeRequest, bucket: ArtifactStore
) -> None:
    undisturbed = await two_processes.train(
        requested(make_request, bucket, "divided-undisturbed", "dpo", 22)
    )
    request = requested(make_request, bucket, "divided-killed", "dpo", 22)
    run = Run(bucket, run_id("divided-killed", request))
    operation = await two_processes.call(request)
    await checkpoint(run, 2)
    random.choice(two_processes.jobs()).kill()
    response = await two_processes.finish(operation)
    assert await asyncio.to_thread(run.attempt) > 1
    assert_same_run(response, undisturbed)


@pytest.mark.slow
async def test_a_batch_that_cannot_be_divided_is_told(
    two_processes: TrainerProcess, make_request: MakeRequest, bucket: ArtifactStore
) -> None:
    request = requested(make_request, bucket, "indivisible", "dpo", 18)
    request.hyperparameters.batch_size = 6
    with pytest.raises(FailedPrecondition, match="a batch of 6 cannot be divided among 2"):
        await two_processes.train(request)


@pytest.mark.slow
async def test_nothing_is_left_when_a_job_has_ended(
    two_processes: TrainerProcess, make_request: MakeRequest, bucket: ArtifactStore, tmp_path: Path
) -> None:
    await two_processes.train(requested(make_request, bucket, "divided-tidy", "rft", 18))
    assert two_processes.jobs() == []
