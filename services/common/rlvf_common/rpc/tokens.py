"""Bearer tokens: they identify callers, and set what these may do and their daily quotas.

There are two kinds. Services and the operator use `RLVF_AUTH_TOKEN`. The file `RLVF_TOKENS_FILE`,
YAML or JSON, has the digests of other teams' tokens:

    callers:
      - name: team-a
        sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        samples_per_day: 100000
        cpu_seconds_per_day: 36000
        scopes: [score]

`scopes` are those of `rlvf_common.rpc.scopes`; by default `score` and `evaluate`. `sha256` may be a
list, so that a token can be replaced without a gap. `RESOURCE_per_day`, for each of
`rlvf_common.rpc.resources`, is a quota; 0, or none, means no limit. A token must be random
(`openssl rand -hex 32`): its digest is not salted.
"""

import hashlib
import hmac
import logging
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from rlvf_api.errors import FailedPrecondition, Unauthenticated
from rlvf_common.rpc.context import ANONYMOUS, OPERATOR, Principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.rpc.scopes import DEFAULT_SCOPES, Scope
from rlvf_common.rpc.telemetry import fields

__all__ = ["Tokens", "parse_tokens"]

log = logging.getLogger(__name__)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_scope(value: object) -> Scope:
    return Scope(str(value))


_Quota = Annotated[int, Field(ge=0)]


class _Caller(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    sha256: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]],
        BeforeValidator(_as_list),
        Field(min_length=1),
    ]
    samples_per_day: _Quota = 0
    cpu_seconds_per_day: _Quota = 0
    tokens_per_day: _Quota = 0
    training_seconds_per_day: _Quota = 0
    scopes: Annotated[list[Annotated[Scope, BeforeValidator(_as_scope)]], Field(min_length=1)] = (
        sorted(DEFAULT_SCOPES)
    )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    callers: list[_Caller]


def parse_tokens(data: bytes, *, where: str) -> dict[bytes, Principal]:
    """Principals by the digest of their token; `where` names the data in errors.

    Raises:
        FailedPrecondition: it is not such a file, or a name or a digest occurs twice. The message
            has no digest.
    """
    try:
        callers = _File.model_validate(yaml.safe_load(data)).callers
    except (yaml.YAMLError, UnicodeDecodeError):
        raise FailedPrecondition(f"{where}: is neither YAML nor JSON") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise FailedPrecondition(f"{where}: {place}: {first['msg']}") from None
    principals: dict[bytes, Principal] = {}
    names = {ANONYMOUS.name, OPERATOR.name}
    for caller in callers:
        if caller.name in names:
            raise FailedPrecondition(f"{where}: the name {caller.name} is already in use")
        names.add(caller.name)
        for digest in caller.sha256:
            if bytes.fromhex(digest) in principals:
                raise FailedPrecondition(f"{where}: {caller.name} has the token of another caller")
            principals[bytes.fromhex(digest)] = Principal(
                caller.name, _quotas(caller), frozenset(caller.scopes)
            )
    return principals


def _quotas(caller: _Caller) -> dict[Resource, int]:
    quotas = {resource: getattr(caller, f"{resource}_per_day") for resource in Resource}
    return {resource: quota for resource, quota in quotas.items() if quota}


class Tokens:
    """Identifies callers by their tokens. The file is read again when it has changed.

    Raises, when made:
        FailedPrecondition: the file cannot be read, or as `parse_tokens`.
    """

    def __init__(self, auth_token: str = "", file: Path | None = None) -> None:
        self._operator = _digest(auth_token) if auth_token else None
        self._file = file
        self._version: tuple[int, int, int] | None = None
        self._teams: dict[bytes, Principal] = {}
        if file is not None:
            self._version = _version(file)
            self._teams = _read(file)

    @property
    def required(self) -> bool:
        """Whether a call needs a token at all."""
        return self._operator is not None or self._file is not None

    def identify(self, authorization: str) -> Principal:
        """Who sent this `authorization` header.

        Raises:
            Unauthenticated: a token is required, and this one is missing or unknown.
        """
        if not self.required:
            return ANONYMOUS
        self._reread()
        scheme, _, token = authorization.partition(" ")
        given = _digest(token.strip())
        found: Principal | None = None
        # Every digest is compared, each in constant time, so that the time reveals nothing.
        for known, who in self._known():
            if hmac.compare_digest(given, known):
                found = who
        if found is None or scheme.lower() != "bearer":
            problem = "this one is not known" if authorization else "there was none"
            raise Unauthenticated(
                f"a bearer token is required, and {problem}; ask the operator for one, and send "
                "the metadata `authorization: Bearer TOKEN` (`token` in the SDK, RLVF_AUTH_TOKEN "
                "for `rlvf`)"
            )
        return found

    def named(self, name: str) -> Principal:
        """The current principal of that name, for work that outlives its call.

        Raises:
            Unauthenticated: there is none any more.
        """
        if self._file is None or name in (ANONYMOUS.name, OPERATOR.name):
            return Principal(name)
        self._reread()
        for who in self._teams.values():
            if who.name == name:
                return who
        raise Unauthenticated(f"{name} is no longer among the callers")

    def _known(self) -> list[tuple[bytes, Principal]]:
        operator = [(self._operator, OPERATOR)] if self._operator is not None else []
        return [*operator, *self._teams.items()]

    def _reread(self) -> None:
        if self._file is None:
            return
        try:
            version = _version(self._file)
            if version == self._version:
                return
            self._version = version
            self._teams = _read(self._file)
            log.info("tokens", extra=fields(callers=len(self._teams)))
        except FailedPrecondition as error:
            # A half-written file must lock nobody out: the last valid content stays.
            log.error("cannot reload the tokens", extra=fields(reason=str(error)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()


def _version(file: Path) -> tuple[int, int, int]:
    try:
        found = file.stat()
    except OSError as error:
        raise FailedPrecondition(f"RLVF_TOKENS_FILE: {file}: {error.strerror}") from None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _read(file: Path) -> dict[bytes, Principal]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise FailedPrecondition(f"RLVF_TOKENS_FILE: {file}: {error.strerror}") from None
    return parse_tokens(data, where=f"RLVF_TOKENS_FILE: {file}")
