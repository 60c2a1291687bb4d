"""A real HTTP gateway process."""

from .service import ServiceProcess


class HttpGatewayProcess(ServiceProcess):
    """An HTTP gateway as a context manager."""

    module = "rlvf_http_gateway"

    @property
    def url(self) -> str:
        """Its address as a URL, without TLS."""
        return f"http://{self.address}"
