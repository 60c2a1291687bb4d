"""What dies goes on: to the same adapter and curve, bit for bit.

`RLVF_TEST_KILLS` is how often the job is killed, at most 11; the default is 3.
"""

import asyncio
import os
import random
import subprocess
from pathlib import Path

import psutil
import pytest

from rlvf.cost.v1 import cost_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import ResourceExhausted
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id

from .trainer_testing import (
    OPERATION_SECONDS,
    STEPS,
    MakeRequest,
    TrainerProcess,
    Undisturbed,
    pairs_jsonl,
)

KILLS = int(os.environ.get("RLVF_TEST_KILLS", "3"))


@pytest.mark.slow
async def test_a_job_that_is_killed_at_random_steps_ends_in_the_same_adapter_and_curve(
    undisturbed: Undisturbed,
    trainer: TrainerProcess,
    make_request: MakeRequest,
    store: ArtifactStore,
) -> None:
    request = make_request("killed-job", checkpoint_steps=1)
    run = Run(store, run_id("killed-job", request))
    operation = await trainer.call(request)
    for step in sorted(random.sample(range(1, STEPS), KILLS)):
        await checkpoint(run, step)
        for job in trainer.jobs():
            job.kill()
    response = await trainer.finish(operation)
    assert await asyncio.to_thread(run.attempt) > 1
    assert_same_run(response, undisturbed.response)
    assert await asyncio.to_thread(jobs_of, run, response) == 1 + KILLS


async def test_a_trainer_that_is_killed_takes_its_job_along_and_goes_on_when_it_is_back(
    undisturbed: Undisturbed,
    make_request: MakeRequest,
    storage_settings: StorageSettings,
    tmp_path: Path,
) -> None:
    # In a bucket of its own: else the session's trainer would take the operation over.
    settings = storage_settings.model_copy(update={"s3_bucket": "killed-trainer"})
    store = ArtifactStore.connect(settings)
    request = make_request("killed-trainer")
    request.pairs.CopyFrom(store.put_bytes(pairs_jsonl(), JSONL))
    trainer = TrainerProcess(settings, tmp_path / "work")
    try:
        operation = await trainer.call(request)
        run = Run(store, run_id("killed-trainer", request))
        await checkpoint(run, random.randint(2, 8))
        jobs = trainer.jobs()
        trainer.kill()
        assert len(jobs) == 1
        assert psutil.wait_procs(jobs, timeout=5)[1] == []
        trainer.start()
        response = await trainer.finish(operation)
        assert await asyncio.to_thread(jobs_of, run, response) == 2
    finally:
        trainer.stop()
    assert_same_run(response, undisturbed.response)


@pytest.mark.slow
async def test_a_full_disk_is_named_and_with_room_the_run_goes_on_to_the_same_adapter(
    undisturbed: Undisturbed,
    make_request: MakeRequest,
    storage_settings: StorageSettings,
    tmp_path: Path,
) -> None:
    settings = storage_settings.model_copy(update={"s3_bucket": "full-disk"})
    store = ArtifactStore.connect(settings)
    request = make_request("full-disk")
    request.pairs.CopyFrom(store.put_bytes(pairs_jsonl(), JSONL))
    run = Run(store, run_id("full-disk", request))
    work = tmp_path / "work"
    work.mkdir()

    trainer = TrainerProcess(settings, work)
    await trainer.call(request)
    await checkpoint(run, 2)
    trainer.kill()
    kept = run.latest_checkpoint()
    assert kept is not None

    trainer = TrainerProcess(settings, work, within=on_a_disk_of(work, "64k"))
    try:
        with pytest.raises(ResourceExhausted, match="the trainer's disk is full") as caught:
            await trainer.train(request)
        assert "goes on from the last checkpoint" in str(caught.value)
    finally:
        trainer.stop()
    assert run.latest_checkpoint() == kept

    trainer = TrainerProcess(settings, work)
    try:
        response = await trainer.train(request)
    finally:
        trainer.stop()
    assert_same_run(response, undisturbed.response)


@pytest.mark.slow
async def test_a_job_that_is_killed_after_its_last_checkpoint_trains_no_further(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    # Three of the six steps of an epoch.
    requests = [make_request(name, epochs=0.5) for name in ("half", "half-killed")]
    runs = [Run(store, run_id(request.request_id, request)) for request in requests]
    response = await trainer.train(requests[0])
    last = runs[0].latest_checkpoint()
    assert last is not None
    assert last.step == response.summary.steps == 3
    runs[1].record_checkpoint(last)
    assert_same_run(await trainer.train(requests[1]), response)


@pytest.mark.slow
async def test_used_up_memory_is_named(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    # Who sees whom among so many tokens would alone take 640 GB.
    data = b'{"prompt": "%s", "chosen": "a", "rejected": "b"}\n' % (b"x" * 800_000)
    request = make_request("out-of-memory", max_length=1_000_000)
    request.pairs.CopyFrom(store.put_bytes(data, JSONL))
    with pytest.raises(ResourceExhausted, match="out of memory in training") as caught:
        await trainer.train(request)
    assert "lower micro_batch_size or max_length" in str(caught.value)


def on_a_disk_of(folder: Path, size: str) -> list[str]:
    """A command that runs another one for which `folder` is a file system of that size."""
    prefix = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mount = f"mount -t tmpfs -o size={size} tmpfs '{folder}'"
    tried = subprocess.run([*prefix, mount], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"cannot mount a small file system here: {tried.stderr.strip()}")
    return [*prefix, f'{mount} && exec "$@"', "sh"]


def jobs_of(run: Run, response: trainer_pb2.RunTrainingResponse) -> int:
    """How many jobs worked on a run, after its cost is found to have the times of all of them."""
    keys = run.store.list_documents(f"training/{run.id}/times/")
    times = [float(run.store.read_document(key) or 0) for key in keys]
    assert all(time > 0 for time in times)
    cost = response.cost.training
    assert cost.time.ToTimedelta().total_seconds() == pytest.approx(sum(times), abs=0.01)
    assert cost.devices.kind == cost_pb2.DEVICE_KIND_CPU
    assert cost.devices.count > 0
    # It has more than the steps, whose time each counts once.
    assert sum(times) > response.summary.duration.ToTimedelta().total_seconds()
    return len(times)


async def checkpoint(run: Run, step: int) -> None:
    """Return when the run has a checkpoint of this step or a later one."""
    async with asyncio.timeout(OPERATION_SECONDS):
        while True:
            latest = await asyncio.to_thread(run.latest_checkpoint)
            if latest is not None and latest.step >= step:
                return
            await asyncio.sleep(0.05)


def assert_same_run(
    response: trainer_pb2.RunTrainingResponse, other: trainer_pb2.RunTrainingResponse
) -> None:
    """Same adapter, and the same metrics of every step, byte for byte; time may differ."""
    assert response.metrics.sha256 == other.metrics.sha256
    assert response.adapter.sha256 == other.adapter.sha256
    assert _without_time(response.summary) == _without_time(other.summary)


def _without_time(summary: trainer_pb2.TrainingSummary) -> trainer_pb2.TrainingSummary:
    # A copy: other tests read the same response.
    timeless = trainer_pb2.TrainingSummary()
    timeless.CopyFrom(summary)
    timeless.ClearField("duration")
    return timeless
