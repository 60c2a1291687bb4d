"""Reports a run to experiment trackers, through transformers' own integrations."""

import os
from pathlib import Path

from transformers import Trainer
from transformers.integrations import get_reporting_integration_callbacks

from rlvf.trainer.v1 import trainer_pb2

__all__ = ["track"]


def track(trainer: Trainer, tracking: trainer_pb2.Tracking, folder: Path) -> None:
    """Have a trainer report its steps to the trackers, which write below `folder`.

    Nothing leaves the machine, unless the tracker's own variables in the environment say so. A
    resumed run reports the steps since its last checkpoint again.
    """
    if not tracking.trackers:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in _defaults(tracking, folder.absolute()).items():
        os.environ.setdefault(name, value)
    # Each run has a folder of its own in TensorBoard, whatever the environment says.
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(
        folder.absolute() / "tensorboard" / tracking.project / tracking.run
    )
    trainer.args.run_name = tracking.run
    trainer.args.project = tracking.project
    for callback in get_reporting_integration_callbacks(list(tracking.trackers)):
        trainer.add_callback(callback)


def _defaults(tracking: trainer_pb2.Tracking, folder: Path) -> dict[str, str]:
    """Default values of the trackers' variables: offline, in the folder."""
    return {
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(folder),
        "WANDB_PROJECT": tracking.project,
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "MLFLOW_EXPERIMENT_NAME": tracking.project,
        "TRACKIO_DIR": str(folder / "trackio"),
    }
