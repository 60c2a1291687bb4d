"""Settings of the evaluator."""

from pathlib import Path

from pydantic import Field

from rlvf_common.rpc.settings import SamplingSettings, ServiceSettings


class EvaluatorSettings(ServiceSettings, SamplingSettings):
    """Addresses of other services, and sources of benchmarks. Only `Evaluate` uses inference."""

    benchmarks: Path | None = Field(
        None, description="folder with files of benchmarks; the README explains their names"
    )
    hub_benchmarks: str = Field(
        "", description="benchmarks to read from the hub, such as `apps,codecontests@REVISION`"
    )
