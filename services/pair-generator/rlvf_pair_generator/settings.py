"""Settings of the pair generator."""

from pydantic import Field, SecretStr

from rlvf_common.rpc.settings import ServiceSettings

__all__ = ["PairGeneratorSettings"]


class PairGeneratorSettings(ServiceSettings):
    """Addresses of the services that the pair generator needs, and limits of its calls."""

    executor_address: str = Field("127.0.0.1:50051", description="host:port of the executor")
    inference_url: str = Field("http://127.0.0.1:8000", description="URL of inference, without /v1")
    inference_patience_seconds: float = Field(
        240.0,
        ge=0,
        description="how long a server to sample from may be unreachable, for example at its start",
    )
    endpoints: dict[str, str] = Field(
        default={},
        description='other servers to sample from, a JSON object: {"name": "http://host:port"}',
    )
    endpoint_keys: dict[str, SecretStr] = Field(
        default={}, description='API keys of the endpoints that need one: {"name": "key"}'
    )
    max_in_flight: int = Field(
        128, ge=1, description="how many requests one server has at one time"
    )
