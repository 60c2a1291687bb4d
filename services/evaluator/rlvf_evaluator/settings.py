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
        240.0, ge=0, description="how long inference may be unreachable, for example at its start"
    )
    benchmarks: Path | None = Field(
        None, description="folder with files of benchmarks; the README explains their names"
    )
    hub_benchmarks: str = Field(
        "", description="benchmarks to read from the hub, such as `apps,codecontests@REVISION`"
    )
