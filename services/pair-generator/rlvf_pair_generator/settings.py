"""Settings of the pair generator."""

from pydantic import Field, SecretStr

from rlvf_common.rpc.settings import SamplingSettings, ServiceSettings

__all__ = ["PairGeneratorSettings"]


class PairGeneratorSettings(ServiceSettings, SamplingSettings):
    """Addresses of the services that the pair generator needs, and limits of its calls."""

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
