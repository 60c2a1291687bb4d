"""Settings of the evaluator."""

from pathlib import Path

from pydantic import Field

from rlvf_common.rpc.settings import ServiceSettings


class EvaluatorSettings(ServiceSettings):
    """Addresses of other services, and sources of benchmarks."""

    executor_address: str = Field("127.0.0.1:50051", description="host:port of the executor")
    inference_url: str = Field(
        "http://127.0.0.1:8000", description="inference server; only `Evaluate` uses it"
    )
    inference_patience_seconds: float = Field(
        240.0, ge=0, description="how long a server to sample from may be away, as when it starts"
    )
    benchmarks: Path | None = Field(
        None, description="folder with files of benchmarks; the README explains their names"
    )
    evaluator_workers: int = Field(
        0,
        ge=0,
        description="processes for comparisons and checks of files, each of up to 2 GiB; 0: one "
        "for each core. Where a container's share is a quota, set it to that",
    )
    hub_benchmarks: str = Field(
        "", description="benchmarks to read from the hub, such as `apps,codecontests@REVISION`"
    )
