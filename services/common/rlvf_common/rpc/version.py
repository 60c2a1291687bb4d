"""The version of a service from its installed code: digests of packages, commit, package
versions."""

import asyncio
import hashlib
import os
import platform
import subprocess
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from importlib.util import find_spec
from pathlib import Path

import grpc

from rlvf.version.v1 import version_pb2, version_pb2_grpc
from rlvf_api.errors import FailedPrecondition, Unavailable, from_rpc_error
from rlvf_common.rpc.context import principal
from rlvf_common.rpc.scopes import Scope

__all__ = [
    "AskVersion",
    "VersionServicer",
    "ask_about",
    "ask_version",
    "code_revision",
    "code_sha256",
    "names_commit",
    "package_of",
    "package_versions",
    "service_version",
    "version_items",
]

AskVersion = Callable[[], Awaitable[version_pb2.Version]]
"""Asks a service behind this one; raises Unavailable if it cannot be reached."""

REVISION_VARIABLE = "RLVF_REVISION"
"""The environment variable with the commit from which an image was built."""

_SHARED = ("rlvf", "rlvf_api", "rlvf_common")
_ASK_SECONDS = 20.0
_DEPENDENCY_SECONDS = 10.0
_UNKNOWN_REVISION = ("", "unknown")


def package_of(service: str) -> str:
    """Name of a service's Python package."""
    return f"rlvf_{service.replace('-', '_')}"


def code_sha256(*packages: str) -> str:
    """SHA-256 over all files of these importable packages: names and contents.

    Compiled Python and hidden files do not count.

    Raises:
        FailedPrecondition: a package is not installed here.
    """
    digest = hashlib.sha256()
    for package in packages:
        for root in _folders(package):
            for file in sorted(root.rglob("*")):
                name = file.relative_to(root)
                if file.is_file() and not any(map(_is_left_out, name.parts)):
                    digest.update(f"{package}/{name.as_posix()}\0".encode())
                    digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _folders(package: str) -> list[Path]:
    spec = find_spec(package)
    places = (spec.submodule_search_locations if spec is not None else None) or ()
    folders = sorted(folder for folder in map(Path, places) if folder.is_dir())
    if not folders:
        raise FailedPrecondition(
            f"the package {package} is not installed here, so its version is unknown; install it, "
            "or give the addresses of services that have it"
        )
    return folders


def _is_left_out(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__"


def code_revision(package: str) -> str:
    """The git commit of a package: that of `RLVF_REVISION`, which images set, or of the package's
    checkout, with a mark if that has changes. Empty if neither is known."""
    given = os.environ.get(REVISION_VARIABLE, "")
    if given not in _UNKNOWN_REVISION:
        return given
    folder = _folders(package)[0]
    try:
        # A package that is installed inside some checkout does not belong to it.
        _git(folder, "ls-files", "--error-unmatch", "__init__.py")
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "--no-optional-locks", "status", "--porcelain", "-uno")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{commit}, with changes" if changed else commit


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def package_versions(packages: Iterable[str]) -> dict[str, str]:
    """Versions of these packages by name, without those that are not installed."""
    found = {}
    for name in packages:
        try:
            found[name] = package_version(name)
        except PackageNotFoundError:
            continue
    return found


def service_version(service: str, packages: Sequence[str] = ()) -> version_pb2.Version:
    """The version of a service whose package is installed here. `packages` are third-party packages
    that can change its results.

    Raises:
        FailedPrecondition: its package is not installed.
    """
    package = package_of(service)
    return version_pb2.Version(
        service=service,
        revision=code_revision(package),
        code_sha256=code_sha256(package, *_SHARED),
        packages=package_versions(packages),
        python_version=platform.python_version(),
    )


def version_items(version: version_pb2.Version) -> dict[str, str]:
    """A version's code and package versions by name, such as `inference vllm`; without empty values
    and without the weights, which differ between models on purpose."""
    if not version.code_sha256:
        return {}
    named = {
        "code": version.code_sha256,
        "revision": version.revision,
        "python": version.python_version,
        **version.packages,
    }
    return {f"{version.service} {name}": value for name, value in sorted(named.items()) if value}


def names_commit(name: str) -> bool:
    """Whether a name of `version_items` is that of a commit. Different commits are no difference,
    because many have the same code; the code's digest is another item."""
    return name.endswith(" revision")


class VersionServicer(version_pb2_grpc.VersionServiceServicer):
    """Answers with `version`; the contract is version.proto."""

    def __init__(
        self, version: version_pb2.Version, dependencies: Mapping[str, AskVersion]
    ) -> None:
        self._version = version
        self._dependencies = dependencies
        self.ready = False
        """Whether the service has started, so that its version is complete."""

    async def GetVersion(
        self,
        request: version_pb2.GetVersionRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> version_pb2.GetVersionResponse:
        """See version.proto."""
        if not self.ready:
            raise Unavailable(f"the {self._version.service} is starting")
        who = principal.get()
        response = version_pb2.GetVersionResponse(
            version=self._version,
            caller=who.name,
            scopes=[one for one in sorted(Scope) if who.may(one)],
        )
        if request.with_dependencies:
            answers = (self._ask(name) for name in self._dependencies)
            response.version.dependencies.extend(await asyncio.gather(*answers))
        return response

    async def _ask(self, name: str) -> version_pb2.Version:
        try:
            async with asyncio.timeout(_DEPENDENCY_SECONDS):
                return await self._dependencies[name]()
        except TimeoutError:
            raise Unavailable(
                f"the {self._version.service} asked {name} for its version, and got no answer for "
                f"{_DEPENDENCY_SECONDS:.0f} s; check that it runs and has started"
            ) from None


async def ask_version(
    channel: grpc.aio.Channel, *, with_dependencies: bool = False
) -> version_pb2.Version:
    """The version of the service behind `channel`; raises as `ask_about`."""
    return (await ask_about(channel, with_dependencies=with_dependencies)).version


async def ask_about(
    channel: grpc.aio.Channel, *, with_dependencies: bool = False
) -> version_pb2.GetVersionResponse:
    """What the service behind `channel` runs, and what it lets the token of the channel do.

    Raises:
        Unavailable: it, or a service behind it, cannot be reached or is starting.
        FailedPrecondition: its release has no version service.
        RlvfError: the call failed in another way.
    """
    stub = version_pb2_grpc.VersionServiceStub(channel)
    request = version_pb2.GetVersionRequest(with_dependencies=with_dependencies)
    try:
        return await stub.GetVersion(request, timeout=_ASK_SECONDS, wait_for_ready=True)
    except grpc.RpcError as error:
        if isinstance(error, grpc.aio.AioRpcError):
            if error.code() is grpc.StatusCode.UNIMPLEMENTED:
                raise FailedPrecondition(
                    "the service reports no version: it is older than this client; install "
                    "the same release on both sides"
                ) from None
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                raise Unavailable(
                    f"the service reported no version for {_ASK_SECONDS:.0f} s; check that it runs"
                ) from None
        raise from_rpc_error(error) from None
