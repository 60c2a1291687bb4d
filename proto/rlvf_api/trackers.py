"""Trackers of experiments that a training can report its steps to, through transformers' own
integrations, and the packages that they need where the job runs."""

from collections.abc import Iterable
from importlib.util import find_spec

from rlvf_api.errors import FailedPrecondition

__all__ = ["TRACKERS", "require_packages"]

TRACKERS: dict[str, str] = {
    "tensorboard": "tensorboard",
    "wandb": "wandb",
    "mlflow": "mlflow",
    "trackio": "trackio",
}
"""Names as of `report_to` in transformers, and the Python package of each."""


def require_packages(trackers: Iterable[str]) -> None:
    """Raise FailedPrecondition unless the packages of these trackers are installed here."""
    for tracker in trackers:
        package = TRACKERS[tracker]
        if find_spec(package) is None:
            raise FailedPrecondition(
                f"training.trackers: `{tracker}` needs the Python package `{package}`, which is "
                "not installed where trainings run; install it there, or leave the tracker out"
            )
