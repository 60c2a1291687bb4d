"""Settings of the reporter, from environment variables."""

from pydantic import Field

from rlvf_common.rpc.settings import ServiceSettings


class ReporterSettings(ServiceSettings):
    """The reporter needs only object storage."""

    listen: str = Field("127.0.0.1:50055", description="address:port; port 0 is a free one")
