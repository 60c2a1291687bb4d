"""Starts the processes of a job, one or one for each GPU of the machine, and tells each its
rank."""

import glob
import os
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["device_index", "is_first", "rank", "run_processes", "wanted_processes", "world"]


def rank() -> int:
    """Number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def world() -> int:
    """How many processes there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def device_index() -> int:
    """Index of this process's GPU."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_first() -> bool:
    """Whether this process is the one that stores and reports."""
    return rank() == 0


def wanted_processes(setting: int) -> int:
    """How many processes this one has to start; 1 means that it does the work itself.

    `setting` is the wanted number; 0 means one for each GPU that CUDA_VISIBLE_DEVICES leaves.
    """
    if "WORLD_SIZE" in os.environ:
        return 1
    return setting or max(1, _visible_gpus())


def _visible_gpus() -> int:
    """How many GPUs CUDA would show to this process. It is not asked, since that takes seconds."""
    present = len(glob.glob("/dev/nvidia[0-9]*"))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return present
    # CUDA ignores the first invalid entry and all that follow it; -1 and nothing are invalid.
    named = takewhile(lambda entry: entry.strip() not in ("", "-1"), visible.split(","))
    return min(present, len(list(named)))


def run_processes(number: int, arguments: Sequence[str], scratch: Path | None) -> int:
    """Run the job in `number` processes, each with these arguments, and return the exit status.
    When one fails the others are ended."""
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=number,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
    )
    with TemporaryDirectory(dir=scratch, prefix="rlvf-job-") as shared:
        try:
            elastic_launch(config, sys.executable)(
                "-m", "rlvf_trainer.job", *arguments, "--scratch", shared
            )
        except ChildFailedError as error:
            exit_code: int = error.get_first_failure()[1].exitcode
            return exit_code if exit_code > 0 else 128 - exit_code
    return 0
