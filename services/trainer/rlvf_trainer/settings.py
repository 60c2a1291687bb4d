"""Settings of the trainer."""

import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field

from rlvf_common.rpc.settings import (
    PREFIX,
    SamplingSettings,
    ServiceSettings,
    StorageSettings,
    TransportSettings,
)


class JobSettings(TransportSettings, StorageSettings, SamplingSettings):
    """Settings of the training job. Only `grpo` samples and grades."""

    trainer_threads: int = Field(
        0,
        ge=0,
        description="threads of a job on a CPU; 0: one for each core that it may run on. In a "
        "container with a CPU quota, set it to that quota",
    )
    trainer_processes: int = Field(
        0,
        ge=0,
        description="processes of a job, which divide the batch; 0: one for each GPU, one on a CPU",
    )
    trainer_tracking_dir: Path = Field(
        Path(tempfile.gettempdir(), "rlvf-tracking"),
        description="where experiment trackers, such as TensorBoard, write",
    )
    max_in_flight: int = Field(
        128, ge=1, description="how many requests one job has at inference at one time"
    )


class TrainerSettings(ServiceSettings, JobSettings):
    """Settings of the trainer service."""

    trainer_launcher: Literal["local", "docker", "kubernetes"] = Field(
        "local",
        description="where jobs run: processes beside this one, Docker containers, or Kubernetes "
        "Jobs",
    )
    trainer_work_dir: Path = Field(
        Path(tempfile.gettempdir(), "rlvf-trainer"),
        description="scratch space and logs of local jobs",
    )
    trainer_parallel_jobs: int = Field(
        1, ge=1, description="how many jobs run at once as processes or containers; others wait"
    )
    trainer_job_template: str | None = Field(
        None,
        description="what a job is started from; required with `docker` (a YAML file: arguments of "
        "the Docker SDK's `containers.create`) and `kubernetes` (the name of a suspended CronJob)",
    )
    trainer_start_seconds: float = Field(
        1800.0,
        gt=0,
        description="how long a Kubernetes Job's pod may take to start; a Job in a queue may wait",
    )

    def job_environment(self) -> dict[str, str]:
        """The settings that a job needs, as environment variables; unset ones are left out."""
        values = self.model_dump(include=set(JobSettings.model_fields), exclude_none=True)
        return {PREFIX + name.upper(): str(value) for name, value in values.items()}
