"""A tracker of experiments is told every step, where the job runs."""

import json
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api import trackers
from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore

from .trainer_testing import STEPS, MakeRequest, TrainerProcess, Undisturbed

TRACKING = trainer_pb2.Tracking(trackers=["tensorboard"], project="learning", run="dpo-24")


@pytest.mark.slow
async def test_tensorboard_has_every_step_and_the_adapter_is_the_same(
    trainer: TrainerProcess,
    make_request: MakeRequest,
    undisturbed: Undisturbed,
    store: ArtifactStore,
) -> None:
    request = make_request("tracked")
    request.tracking.CopyFrom(TRACKING)
    response = await trainer.train(request)
    assert response.adapter == undisturbed.response.adapter
    folder = trainer.tracking_dir / "tensorboard" / "learning" / "dpo-24"
    events = EventAccumulator(str(folder))
    events.Reload()
    losses = events.Scalars("train/loss")
    assert [event.step for event in losses] == list(range(1, STEPS + 1))
    steps = [json.loads(line) for line in store.get_bytes(response.metrics).splitlines()]
    assert [event.value for event in losses] == pytest.approx([step["loss"] for step in steps])
    assert "train/rewards/margins" in events.Tags()["scalars"]


@pytest.mark.parametrize(
    ("tracker", "project", "run", "field"),
    [
        ("tensorbord", "learning", "dpo-24", "tracking.trackers"),
        ("tensorboard", "", "dpo-24", "tracking.project"),
        ("tensorboard", "learning", "../../elsewhere", "tracking.run"),
        ("tensorboard", "..", "dpo-24", "tracking.project"),
    ],
)
async def test_a_tracker_that_there_is_not_and_a_name_that_is_a_path_are_refused(
    trainer: TrainerProcess,
    make_request: MakeRequest,
    tracker: str,
    project: str,
    run: str,
    field: str,
) -> None:
    request = make_request("refused")
    request.tracking.MergeFrom(trainer_pb2.Tracking(trackers=[tracker], project=project, run=run))
    with pytest.raises(InvalidArgument) as refused:
        await trainer.call(request)
    assert refused.value.field == field


async def test_a_tracker_without_its_package_is_told_before_the_model_is_loaded(
    storage_settings: StorageSettings, make_request: MakeRequest, tmp_path: Path
) -> None:
    missing = next(
        name for name, package in trackers.TRACKERS.items() if not _is_installed(package)
    )
    process = TrainerProcess(storage_settings, tmp_path / "work")
    try:
        request = make_request("without-package")
        request.base_model = "nobody/has-this-model"
        request.tracking.CopyFrom(TRACKING)
        request.tracking.trackers.append(missing)
        with pytest.raises(FailedPrecondition, match=f"needs the Python package `{missing}`"):
            await process.train(request)
    finally:
        process.stop()


def _is_installed(package: str) -> bool:
    try:
        trackers.require_packages([package])
    except FailedPrecondition:
        return False
    return True
