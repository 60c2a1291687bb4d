"""Where services are: the protocol `Endpoints`, and services that this process does not run itself,
of a profile or of another command's stack."""

from dataclasses import asdict
from typing import Protocol

from google.protobuf import json_format

from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_client.experiment.profiles import Profile
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.sharing import Ask, Known
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.settings import StorageSettings, TransportSettings
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
        """Return when all these services serve. Raises RlvfError."""
        ...

    async def serve(self, model: ServedModel) -> None:
        """Make inference serve this model from now on, where its model can be changed. Raises
        RlvfError."""
        ...

    def transport(self) -> TransportSettings:
        """Token and TLS for calls to the services."""
        ...

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """The version of a service, with those of the services behind it in `dependencies`.

        Raises:
            RlvfError: the version is not available.
        """
        ...


class RemoteEndpoints:
    """Services that a profile names. They are assumed to run."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def address(self, name: str) -> str:
        """`host:port` of a service.

        Raises:
            InvalidArgument: the profile does not name it.
        """
        return self.profile.address(name)

    def storage_settings(self) -> StorageSettings:
        """How to reach object storage.

        Raises:
            FailedPrecondition: the profile has no key of it.
        """
        return self.profile.storage_settings()

    async def ensure(self, *names: str) -> None:
        """Check that the profile has an address for every one of these that the client calls
        itself. Raises InvalidArgument."""
        for name in names:
            if name not in ("storage", "inference", "executor"):
                self.address(name)

    async def serve(self, model: ServedModel) -> None:
        """Nothing: whoever runs inference chose its models."""

    def transport(self) -> TransportSettings:
        """Token and TLS of the profile."""
        return self.profile.transport

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """The version that the service itself reports.

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
        super().__init__(Profile.of_stack(known.environment))
        self.pid = known.pid
        """The process that holds the stack."""
        self._ask = ask

    async def ensure(self, *names: str) -> None:
        """Ask the holder to start these services, and wait until all serve.

        Raises:
            FailedPrecondition: one does not start.
        """
        await self._ask({"ensure": list(names)})

    async def serve(self, model: ServedModel) -> None:
        """Ask the holder to make inference serve this model.

        Raises:
            FailedPrecondition: it serves another one.
        """
        await self._ask({"serve": asdict(model)})

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """The version that the holder knows. It is the same for both, so that operations have the
        same ids whoever holds the stack.

        Raises:
            FailedPrecondition: as `LocalStack.version`, or the holder is of an older release.
        """
        known = await self._ask({"version": name, "with_dependencies": with_dependencies})
        if known.version is None:
            raise FailedPrecondition(
                f"process {self.pid}, whose stack is shared, is of an older release; stop it "
                "(`rlvf down` for a stack of `rlvf up`), or set RLVF_HOME to another directory"
            )
        return json_format.ParseDict(
            known.version, version_pb2.Version(), ignore_unknown_fields=True
        )
