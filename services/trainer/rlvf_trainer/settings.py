"""Settings of the trainer."""

import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field

from rlvf_common.settings import ServiceSettings


class TrainerSettings(ServiceSettings):
    """Settings of the trainer service."""

    trainer_launcher: Literal["local", "kubernetes"] = Field(
        "local", description="where jobs run: processes beside this one, or Kubernetes Jobs"
    )
    trainer_work_dir: Path = Field(
        Path(tempfile.gettempdir(), "rlvf-trainer"),
        description="scratch space and logs of local jobs",
    )
    trainer_parallel_jobs: int = Field(1, ge=1, description="local jobs at once; others wait")
    trainer_job_template: Path | None = Field(
        None, description="manifest of a batch/v1 Job, YAML; required with `kubernetes`"
    )
