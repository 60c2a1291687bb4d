"""Settings of the trainer."""

import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field

from rlvf_common.rpc.settings import PREFIX, ServiceSettings, StorageSettings


class JobSettings(StorageSettings):
    """Settings of the training job."""

    trainer_threads: int = Field(
        0,
        ge=0,
        description="threads of a job on a CPU; 0: one for each core that it may run on. Where a "
        "container's share is a quota, set it to that",
    )


class TrainerSettings(ServiceSettings, JobSettings):
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

    def job_environment(self) -> dict[str, str]:
        """The settings that a job needs, as its environment."""
        values = self.model_dump(include=set(JobSettings.model_fields))
        return {PREFIX + name.upper(): str(value) for name, value in values.items()}
