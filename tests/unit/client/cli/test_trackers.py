"""Trackers of an experiment: checked before anything starts."""

from pathlib import Path

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_api.trackers import TRACKERS
from rlvf_client.cli import commands
from rlvf_client.experiment.config import parse_experiment
from rlvf_client.experiment.trainings import tracking
from rlvf_client.progress.console import Reporter

SETTINGS = """
name: tracked
model: smollm2-135m-instruct
training: {ladder: [8], trackers: [%s]}
"""


async def test_a_tracker_that_is_not_installed_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRACKERS, "wandb", "rlvf_no_such_package")
    experiment = parse_experiment(SETTINGS % "tensorboard, wandb", where="tracked.yaml")
    with pytest.raises(FailedPrecondition, match="`wandb` needs the Python package"):
        await commands.run(experiment, tmp_path / "home", tmp_path / "out", Reporter())
    assert not (tmp_path / "home").exists()


def test_an_unknown_tracker_is_reported_with_its_place() -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_experiment(SETTINGS % "tensorbord", where="tracked.yaml")
    assert refused.value.field == "tracked.yaml, line 4, training.trackers.0"
    assert "tensorboard, wandb, mlflow, trackio" in refused.value.message


def test_trackers_do_not_change_the_request_of_a_training_without_them() -> None:
    """So its operation, and its adapter, are found again."""
    request = trainer_pb2.RunTrainingRequest(tracking=tracking([], "tracked", "dpo-8"))
    assert request == trainer_pb2.RunTrainingRequest()
    asked = tracking(["tensorboard"], "tracked", "dpo-8")
    assert asked == trainer_pb2.Tracking(trackers=["tensorboard"], project="tracked", run="dpo-8")
