"""Reads settings from environment variables with one prefix; a wrong value gives one clear line."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PREFIX = "RLVF_"


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)


class StorageSettings(_Settings):
    """Where artifacts are stored."""

    s3_endpoint: str = Field("127.0.0.1:9000", description="host:port of the S3 server")
    s3_access_key: str = Field("", description="access key")
    s3_secret_key: str = Field("", description="secret key")
    s3_bucket: str = Field("rlvf", description="bucket; created if it does not exist")
    s3_region: str = Field("us-east-1", description="region")
    s3_secure: bool = Field(False, description="whether the endpoint speaks TLS")
    s3_disk: Path | None = Field(
        None, description="data folder of a storage on this machine, to notice a full disk"
    )


class CallSettings(_Settings):
    """How a service calls others."""

    tls_ca: Path | None = Field(None, description="CA bundle of servers; unset: call without TLS")


class TransportSettings(CallSettings):
    """How services call each other."""

    auth_token: str = Field("", description="bearer token; empty: none is required")


class SamplingSettings(_Settings):
    """Where answers are sampled and graded."""

    executor_address: str = Field("127.0.0.1:50051", description="host:port of the executor")
    inference_url: str = Field("http://127.0.0.1:8000", description="URL of inference, without /v1")
    inference_patience_seconds: float = Field(
        240.0, ge=0, description="how long inference may be unreachable, for example at its start"
    )


class ListenSettings(CallSettings):
    """How a service is served, except for its tokens."""

    listen: str = Field("127.0.0.1:0", description="address:port; port 0 is a free one")
    metrics_listen: str = Field(
        "", description="address:port of Prometheus metrics over HTTP; port 0 is a free one"
    )
    tls_certificate: Path | None = Field(None, description="PEM; unset: serve without TLS")
    tls_key: Path | None = Field(None, description="PEM")
    allow_no_tls: bool = Field(
        False, description="serve without TLS beyond the loopback: a mesh or network encrypts"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_seconds: float = Field(20.0, ge=0, description="time for calls to end after SIGTERM")


class ServerSettings(TransportSettings, ListenSettings):
    """How a gRPC service is served."""

    health_listen: str = Field(
        "", description="address:port of health alone, without TLS: for probes that speak none"
    )
    tokens_file: Path | None = Field(
        None, description="tokens of other teams, with their quotas: see rlvf_common/rpc/tokens.py"
    )
    allow_no_token: bool = Field(
        False, description="serve everybody who reaches an address beyond the loopback"
    )


class ServiceSettings(ServerSettings, StorageSettings):
    """Settings of a service that stores artifacts."""


def address_variable(service: str) -> str:
    """Name of the variable with the address of a service, for clients."""
    return f"{PREFIX}{service.upper().replace('-', '_')}_ADDRESS"


def storage_of(environment: Mapping[str, str]) -> StorageSettings:
    """The storage settings in `environment`, which must have all of them."""
    names = StorageSettings.model_fields
    return StorageSettings.model_validate(
        {name: environment[f"{PREFIX}{name.upper()}"] for name in names}
    )


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def load(kind: type[SettingsT]) -> SettingsT:
    """Read `kind` from the environment; on a wrong value print its name and exit with status 2."""
    try:
        return kind()
    except ValidationError as error:
        for problem in error.errors():
            name = PREFIX + "_".join(str(part) for part in problem["loc"]).upper()
            print(f"{name}: {problem['msg']} (got {problem['input']!r})", file=sys.stderr)
        raise SystemExit(2) from None
    except SettingsError as error:
        # The value is not printed, because it may contain keys; the cause has the place in its
        # JSON.
        named = re.search(r'field "(\w+)"', str(error))
        name = PREFIX + (named[1].upper() if named else "*")
        print(f"{name}: not JSON: {error.__cause__}", file=sys.stderr)
        raise SystemExit(2) from None
