"""Settings of the evaluator."""

from pathlib import Path

from pydantic import Field

from rlvf_common.rpc.settings import SamplingSettings, ServiceSettings


class EvaluatorSettings(ServiceSettings, SamplingSettings):
    """Addresses of other services, and sources of benchmarks. Only `Evaluate` uses inference."""

    benchmarks: Path | None = Field(
        None, description="folder with files of benchmarks; the README explains their names"
    )
    evaluator_workers: int = Field(
        0,
        ge=0,
        description="processes for comparisons and checks of files, each of up to 2 GiB; 0: one "
        "for each core. In a container with a CPU quota, set it to that quota",
    )
    hub_benchmarks: str = Field(
        "", description="benchmarks to read from the hub, such as `apps,codecontests@REVISION`"
    )
