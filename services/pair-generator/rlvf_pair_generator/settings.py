"""Settings of the pair generator."""

from pydantic import Field, SecretStr

from rlvf_common.rpc.settings import ServiceSettings

__all__ = ["PairGeneratorSettings"]


class PairGeneratorSettings(ServiceSettings):
    """Where the services are that it needs."""

    executor_address: str = Field("127.0.0.1:50051", description="host:port of the executor")
    inference_url: str = Field("http://127.0.0.1:8000", description="URL of inference, without /v1")
    inference_patience_seconds: float = Field(
        240.0, ge=0, description="how long a server to sample from may be away, as when it starts"
    )
    endpoints: dict[str, str] = Field(
        default={},
        description='other servers to sample from, a JSON object: {"name": "http://host:port"}',
    )
    endpoint_keys: dict[str, SecretStr] = Field(
        default={}, description='API keys of those that ask for one: {"name": "key"}'
    )
    max_in_flight: int = Field(128, ge=1, description="requests to one server at one time")
