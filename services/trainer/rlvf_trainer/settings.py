"""Settings of the trainer."""

import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field

from rlvf_common.rpc.settings import PREFIX, ServiceSettings, StorageSettings, TransportSettings


class JobSettings(TransportSettings, StorageSettings):
    """Settings of the training job."""

    trainer_threads: int = Field(
        0,
        ge=0,
        description="threads of a job on a CPU; 0: one for each core that it may run on. Where a "
        "container's share is a quota, set it to that",
    )
    trainer_processes: int = Field(
        0,
        ge=0,
        description="processes of a job, which divide the batch; 0: one for each GPU, one on a CPU",
    )
    trainer_tracking_dir: Path = Field(
        Path(tempfile.gettempdir(), "rlvf-tracking"),
        description="where trackers of experiments write, such as TensorBoard",
    )
    executor_address: str = Field(
        "127.0.0.1:50051", description="host:port of the executor, which grades answers of `grpo`"
    )
    inference_url: str = Field(
        "http://127.0.0.1:8000", description="URL of inference, without /v1, which draws them"
    )
    inference_patience_seconds: float = Field(
        240.0, ge=0, description="how long inference may be away, as when it starts"
    )
    max_in_flight: int = Field(128, ge=1, description="requests of a job to inference at one time")


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
        1, ge=1, description="processes or containers of jobs at once; others wait"
    )
    trainer_job_template: str | None = Field(
        None,
        description="what a job is started as; required with `docker` (a YAML file: arguments of "
        "the Docker SDK's `containers.create`) and `kubernetes` (the name of a suspended CronJob)",
    )
    trainer_start_seconds: float = Field(
        1800.0,
        gt=0,
        description="how long a Kubernetes Job's pod may take to start; a Job in a queue may wait",
    )

    def job_environment(self) -> dict[str, str]:
        """The settings that a job needs, as its environment; what is unset is left out."""
        values = self.model_dump(include=set(JobSettings.model_fields), exclude_none=True)
        return {PREFIX + name.upper(): str(value) for name, value in values.items()}
