"""Decides where the services are, and which token is sent to them; nothing else does.

A command uses the first of these that exists:

1. the profile that `--profile NAME` names, or else `RLVF_PROFILE`; `local` is the local stack;
2. the addresses in `RLVF_<SERVICE>_ADDRESS`, with `RLVF_AUTH_TOKEN`, `RLVF_TLS_CA`, `RLVF_S3_*`;
3. the profile that the user's own file names as its `default`;
4. the local stack.

Nothing is taken from the others, so that a token goes only to the services that it was written for.
Profiles are in `rlvf.yaml`, in the working folder and in the user's configuration folder; where
both define a name, the working folder takes precedence. Its `default` is ignored, because the
folder may be somebody else's.

    default: cluster
    profiles:
      cluster:
        evaluator: evaluator.example.com:443
        pair-generator: pair-generator.example.com:443
        trainer: trainer.example.com:443
        reporter: reporter.example.com:443
        token: {env: CLUSTER_TOKEN}
        ca: ca.pem
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.experiment.checking import check, nearest
from rlvf_client.experiment.places import Places
from rlvf_common.rpc.settings import (
    PREFIX,
    StorageSettings,
    TransportSettings,
    address_variable,
    load,
    storage_of,
)

__all__ = ["LOCAL", "PROFILE_VARIABLE", "Declared", "Profile", "declared", "profile_in_force"]

PROFILE_VARIABLE = f"{PREFIX}PROFILE"
LOCAL = "local"
"""The name of the local stack, where a profile is named."""

_FILE = "rlvf.yaml"
_SERVICES = ("evaluator", "pair-generator", "trainer", "reporter", "executor")
_S3_KEY = f"{PREFIX}S3_ACCESS_KEY"


@dataclass(frozen=True, slots=True)
class Profile:
    """Services that somebody runs: where they are, and how they are called."""

    title: str
    """For people, such as `profile cluster of rlvf.yaml`."""
    addresses: Mapping[str, str]
    """`host:port` by service; some may be missing."""
    transport: TransportSettings
    storage: StorageSettings | None = None
    """How to use their object storage directly; None: there is no key of it."""
    settings: str = ""
    """Where a missing address is to be added: file, line and `profiles.NAME`; empty: in
    variables."""

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Self:
        """The profile that environment variables define.

        Raises:
            InvalidArgument: a variable is not valid.
        """
        return cls(
            "RLVF_<SERVICE>_ADDRESS",
            _addresses(environment),
            load(TransportSettings),
            load(StorageSettings) if environment.get(_S3_KEY) else None,
        )

    @classmethod
    def of_stack(cls, environment: Mapping[str, str]) -> Self:
        """The profile of a local stack, from the settings of its clients. It listens on the
        loopback only, so there is no token and no TLS."""
        return cls(
            "the local stack",
            _addresses(environment),
            TransportSettings(auth_token="", tls_ca=None),
            storage_of(environment),
        )

    def address(self, service: str) -> str:
        """`host:port` of a service.

        Raises:
            InvalidArgument: the profile does not have it; says where to add it.
        """
        if address := self.addresses.get(service, ""):
            return address
        if self.settings:
            raise InvalidArgument(
                f"{self.settings}.{service}",
                f"is missing, and this command calls the {service}; add its host:port",
            )
        raise InvalidArgument(
            address_variable(service),
            "is not set; set the addresses of all services, or of none for a local stack",
        )

    def storage_settings(self) -> StorageSettings:
        """How to use object storage directly.

        Raises:
            FailedPrecondition: there is no key of it.
        """
        if self.storage is None:
            where = f"`storage` of {self.settings}" if self.settings else f"{PREFIX}S3_*"
            raise FailedPrecondition(
                f"this command reads the bucket itself, for which {self.title} has no key: give "
                f"one in {where}; `rlvf run`, `evaluate` and `download` need none"
            )
        return self.storage


def _addresses(environment: Mapping[str, str]) -> dict[str, str]:
    named = {name: environment.get(address_variable(name), "") for name in _SERVICES}
    return {name: address for name, address in named.items() if address}


def profile_in_force(environment: Mapping[str, str] = os.environ) -> Profile | None:
    """The services that this process uses; None: those of the local stack.

    Raises:
        InvalidArgument: there is no such profile, or something in it is wrong.
        FailedPrecondition: a secret of it, or its file `ca`, is not where it says.
    """
    if name := environment.get(PROFILE_VARIABLE, ""):
        return None if name == LOCAL else _named(name, environment)
    if _addresses(environment):
        return Profile.of_environment(environment)
    for file in _files(environment):
        if file.is_own and file.default:
            return None if file.default == LOCAL else _named(file.default, environment)
    return None


@dataclass(frozen=True, slots=True)
class Declared:
    """A profile as a file declares it; its secrets are not read."""

    name: str
    file: Path
    addresses: Mapping[str, str]


def declared(environment: Mapping[str, str] = os.environ) -> list[Declared]:
    """The profiles of all files, sorted by name; of several of one name, the one that takes
    precedence.

    Raises:
        InvalidArgument: something in a file is wrong.
    """
    found: dict[str, Declared] = {}
    for file in _files(environment):
        for name in file.profiles:
            section = file.section(name)
            found.setdefault(name, Declared(name, file.path, section.addresses()))
    return [found[name] for name in sorted(found)]


def _named(name: str, environment: Mapping[str, str]) -> Profile:
    files = list(_files(environment))
    for file in files:
        if name in file.profiles:
            return file.profile(name, environment)
    known = sorted({LOCAL, *(one for file in files for one in file.profiles)})
    places = " and ".join(str(path) for path, _ in _paths(environment))
    raise InvalidArgument(
        "profile",
        f"there is no profile {name!r}{nearest(name, known)}; there are: {', '.join(known)} "
        f"(looked for in {places})",
    )


# Files


def _secret(value: object, info: ValidationInfo) -> object:
    """Check the form of a secret. Errors never show its value."""
    is_reference = (
        isinstance(value, dict)
        and list(value) in (["env"], ["file"])
        and all(isinstance(one, str) for one in value.values())
    )
    if not isinstance(value, str) and not is_reference:
        raise InvalidArgument(
            str(info.field_name), "must be text in quotes, {env: VARIABLE} or {file: PATH}"
        )
    return value


def _host_and_port(address: str) -> str:
    if "://" in address.removeprefix("dns:///") or not address.rpartition(":")[2].isdigit():
        raise ValueError("must be host:port; for TLS give `ca`, the authorities to trust")
    return address


_Secret = Annotated[object, BeforeValidator(_secret)]
_Address = Annotated[str, AfterValidator(_host_and_port)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Storage(_Section):
    endpoint: _Address
    access_key: _Secret
    secret_key: _Secret
    bucket: str = "rlvf"
    region: str = "us-east-1"
    secure: bool = True


class _Profile(_Section):
    evaluator: _Address | None = None
    pair_generator: Annotated[_Address | None, Field(alias="pair-generator")] = None
    trainer: _Address | None = None
    reporter: _Address | None = None
    executor: _Address | None = None
    token: _Secret = ""
    ca: Path | None = None
    storage: _Storage | None = None

    def addresses(self) -> dict[str, str]:
        """The addresses that it has, by service."""
        named = {name: getattr(self, name.replace("-", "_")) for name in _SERVICES}
        return {name: address for name, address in named.items() if address is not None}


class _File:
    """A file of profiles."""

    def __init__(self, path: Path, *, is_own: bool) -> None:
        """`is_own`: whether it is in the user's folder of configuration.

        Raises:
            InvalidArgument: it is no such file.
        """
        self.path, self.is_own = path, is_own
        try:
            text = path.read_text(encoding="utf-8")
            self._places = Places(text, where=str(path))
            record = yaml.safe_load(text)
        # Text that is not UTF-8, or an impossible date, raises a bare ValueError.
        except (OSError, ValueError) as error:
            raise InvalidArgument(str(path), f"cannot be read: {error}") from None
        profiles = record.get("profiles") if isinstance(record, dict) else None
        if not isinstance(profiles, dict) or not record.keys() <= {"profiles", "default"}:
            raise InvalidArgument(
                str(path), "must have `profiles`, each with its name, and may have `default`"
            )
        self.profiles: Mapping[str, object] = {str(name): one for name, one in profiles.items()}
        self.default = str(record.get("default") or "")
        if LOCAL in self.profiles:
            raise InvalidArgument(
                self._places.of(f"profiles.{LOCAL}"), "is the name of the local stack; take another"
            )

    def section(self, name: str) -> _Profile:
        """A profile of the file, checked. Raises InvalidArgument."""
        before = f"profiles.{name}."
        try:
            return check(_Profile, self.profiles[name], before=before)
        except InvalidArgument as error:
            raise InvalidArgument(self._places.of(error.field.rstrip(".")), error.message) from None

    def profile(self, name: str, environment: Mapping[str, str]) -> Profile:
        """A profile of the file, with its secrets read."""
        section = self.section(name)

        def secret(value: object, field: str) -> str:
            return self._read(value, f"profiles.{name}.{field}", environment)

        storage = section.storage
        ca = None if section.ca is None else self._beside(section.ca)
        if ca is not None and not ca.is_file():
            raise FailedPrecondition(
                f"{self._places.of(f'profiles.{name}.ca')}: there is no file {ca}"
            )
        return Profile(
            f"profile {name} of {self.path}",
            section.addresses(),
            TransportSettings(auth_token=secret(section.token, "token"), tls_ca=ca),
            None
            if storage is None
            else StorageSettings(
                s3_endpoint=storage.endpoint,
                s3_access_key=secret(storage.access_key, "storage.access_key"),
                s3_secret_key=secret(storage.secret_key, "storage.secret_key"),
                s3_bucket=storage.bucket,
                s3_region=storage.region,
                s3_secure=storage.secure,
                s3_disk=None,
            ),
            self._places.of(f"profiles.{name}"),
        )

    def _read(self, secret: object, field: str, environment: Mapping[str, str]) -> str:
        if isinstance(secret, str):
            return secret
        assert isinstance(secret, dict)  # see `_secret`
        ((kind, name),) = secret.items()
        if kind == "env":
            if not environment.get(name):
                raise FailedPrecondition(f"{self._places.of(field)}: {name} is not set")
            return environment[name].strip()
        path = self._beside(Path(name))
        try:
            return path.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise FailedPrecondition(f"{self._places.of(field)}: {path}: {error}") from None

    def _beside(self, path: Path) -> Path:
        """A path that is relative to the folder of the file."""
        return self.path.parent / path.expanduser()


def _paths(environment: Mapping[str, str]) -> list[tuple[Path, bool]]:
    """Where files may be, the nearer one first, and whether it is the user's own."""
    configuration = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return [(Path(_FILE), False), (Path(configuration).expanduser() / "rlvf" / _FILE, True)]


def _files(environment: Mapping[str, str]) -> Iterator[_File]:
    for path, is_own in _paths(environment):
        if path.is_file():
            yield _File(path, is_own=is_own)
