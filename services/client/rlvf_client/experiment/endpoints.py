"""Services that somebody else runs, found by their addresses in the environment."""

import os
from typing import Protocol

from rlvf.version.v1 import version_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_client.local_stack.models import ServedModel
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.settings import StorageSettings, TransportSettings, load
from rlvf_common.rpc.version import ask_version


class Endpoints(Protocol):
    """Where services are, whoever runs them."""

    def address(self, name: str) -> str:
        """`host:port` of a service."""
        ...

    def storage_settings(self) -> StorageSettings:
        """How to reach object storage."""
        ...

    async def ensure(self, *names: str) -> None:
        """Return when all of these serve."""
        ...

    async def serve(self, model: ServedModel) -> None:
        """Have inference serve this model from now on, where that can be told it."""
        ...

    def transport(self) -> TransportSettings:
        """Token and TLS for calls to the services."""
        ...

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """What a service runs, and in `dependencies` what the services behind it run.

        Raises:
            RlvfError: it cannot be told.
        """
        ...


def _variable(name: str) -> str:
    return f"RLVF_{name.upper().replace('-', '_')}_ADDRESS"


class RemoteEndpoints:
    """Services at the addresses that `RLVF_<SERVICE>_ADDRESS` name. They are assumed to run."""

    @staticmethod
    def given(*names: str) -> bool:
        """Whether the environment names an address of any of these services."""
        return any(os.environ.get(_variable(name)) for name in names)

    def address(self, name: str) -> str:
        """`host:port` of a service.

        Raises:
            InvalidArgument: the environment does not name it.
        """
        address = os.environ.get(_variable(name), "")
        if not address:
            raise InvalidArgument(
                _variable(name),
                "is not set; set the addresses of all services, or of none for a local stack",
            )
        return address

    def storage_settings(self) -> StorageSettings:
        """How to reach object storage, from `RLVF_S3_*`."""
        return load(StorageSettings)

    async def ensure(self, *names: str) -> None:
        """Check that an address is known of every service that the client calls itself."""
        for name in names:
            if name not in ("storage", "inference", "executor"):
                self.address(name)

    async def serve(self, model: ServedModel) -> None:
        """Nothing: whoever runs inference chose its models."""

    def transport(self) -> TransportSettings:
        """Token and TLS, from `RLVF_AUTH_TOKEN` and `RLVF_TLS_CA`."""
        return load(TransportSettings)

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """What the service itself says.

        Raises:
            RlvfError: it cannot be asked, or a service behind it cannot.
        """
        transport = self.transport()
        async with open_channel(
            self.address(name), token=transport.auth_token, tls_ca=transport.tls_ca
        ) as channel:
            return await ask_version(channel, with_dependencies=with_dependencies)
