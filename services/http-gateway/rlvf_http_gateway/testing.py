"""Starts a real HTTP gateway process for tests and benchmarks."""

from rlvf_common.rpc.testing import ServiceProcess


class HttpGatewayProcess(ServiceProcess):
    """An HTTP gateway as a context manager."""

    module = "rlvf_http_gateway"

    @property
    def url(self) -> str:
        """Its address as a URL, without TLS."""
        return f"http://{self.address}"
