"""Settings of the HTTP gateway, from environment variables."""

from pydantic import Field

from rlvf_common.rpc.settings import ListenSettings


class HttpGatewaySettings(ListenSettings):
    """Addresses of the services behind it, and limits of requests."""

    listen: str = Field("127.0.0.1:8080", description="address:port; port 0 is a free one")
    evaluator_address: str = Field("127.0.0.1:50054", description="host:port of the evaluator")
    executor_address: str = Field("127.0.0.1:50051", description="host:port of the executor")
    http_max_body_bytes: int = Field(32 << 20, gt=0, description="maximum size of a request's body")
    http_timeout_seconds: float = Field(
        3600.0, gt=0, description="time for a request that has no header `Connect-Timeout-Ms`"
    )
