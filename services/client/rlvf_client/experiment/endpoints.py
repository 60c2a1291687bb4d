"""Services that somebody else runs: at addresses of the environment, or another command's stack."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Protocol

from rlvf.version.v1 import version_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.sharing import Ask, Known
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.settings import StorageSettings, TransportSettings, load, storage_of
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

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment

    def given(self, *names: str) -> bool:
        """Whether the environment names an address of any of these services."""
        return any(self._environment.get(_variable(name)) for name in names)

    def address(self, name: str) -> str:
        """`host:port` of a service.

        Raises:
            InvalidArgument: the environment does not name it.
        """
        address = self._environment.get(_variable(name), "")
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


class SharedStack(RemoteEndpoints):
    """The stack of another command, or of `rlvf up`, while the connection to it is open."""

    def __init__(self, known: Known, ask: Ask) -> None:
        super().__init__(known.environment)
        self._ask = ask

    def storage_settings(self) -> StorageSettings:
        """The stack's own storage."""
        return storage_of(self._environment)

    async def ensure(self, *names: str) -> None:
        """Have those of these services that do not run started, and wait until all serve.

        Raises:
            FailedPrecondition: one does not start.
        """
        await self._ask({"ensure": list(names)})

    async def serve(self, model: ServedModel) -> None:
        """Have inference serve this model.

        Raises:
            FailedPrecondition: it serves another one.
        """
        await self._ask({"serve": asdict(model)})

    def transport(self) -> TransportSettings:
        """No token and no TLS: the stack listens on the loopback only."""
        return TransportSettings(auth_token="", tls_ca=None)

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """As `RemoteEndpoints.version`; the service is started for it."""
        await self.ensure("storage", name)
        return await super().version(name, with_dependencies=with_dependencies)
