"""Starts and stops the server of every gRPC service.

A server has the policy of `rlvf_common.rpc.call_policy` before every call, health, reflection,
version, TLS, metrics, traces and a graceful drain on SIGTERM.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import grpc
from google.longrunning import operations_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from prometheus_client import start_http_server

from rlvf.version.v1 import version_pb2, version_pb2_grpc
from rlvf_api.errors import RlvfError
from rlvf_common.rpc import telemetry
from rlvf_common.rpc.call_policy import CallPolicy
from rlvf_common.rpc.channels import MAX_MESSAGE_BYTES
from rlvf_common.rpc.settings import ListenSettings, ServerSettings
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tokens import Tokens
from rlvf_common.rpc.tracing import configure_tracing, flush_traces
from rlvf_common.rpc.version import AskVersion, VersionServicer

log = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 4 << 20
"""Default of the maximum size of a request, uncompressed."""
_THREADS = 64
_MAX_CALLS = 4_096
"""Maximum number of calls at one time; further ones get RESOURCE_EXHAUSTED."""
_MAX_PROBES = 64
"""The same for health checks at their own port."""

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # Otherwise two servers on one port would silently share its calls.
    ("grpc.so_reuseport", 0),
    # Clients look for new replicas when their connection ends.
    ("grpc.max_connection_age_ms", 300_000),
    # A stream cannot move to another connection, so the old connection stays until the stream ends.
    # Clients wait at most a day for one.
    ("grpc.max_connection_age_grace_ms", 86_400_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class Operations(Protocol):
    """Operations that a server serves and runs: `rlvf_common.storage.operations`."""

    def register(self, server: grpc.aio.Server) -> None:
        """Adds the service `google.longrunning.Operations`."""

    async def run(self) -> None:
        """Begins to run pending operations."""

    async def release(self) -> None:
        """Releases unfinished operations for other replicas."""


def connect_tokens(settings: ServerSettings) -> Tokens:
    """The tokens that the settings name; exits with status 2 if they cannot be read."""
    try:
        return Tokens(settings.auth_token, settings.tokens_file)
    except RlvfError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


async def serve(
    settings: ServerSettings,
    *,
    version: version_pb2.Version,
    dependencies: Mapping[str, AskVersion] | None = None,
    service_names: Sequence[str],
    register: Callable[[grpc.aio.Server], None],
    runner: Operations | None = None,
    tokens: Tokens | None = None,
    max_request_bytes: int = MAX_REQUEST_BYTES,
    ready: Callable[[], Awaitable[None]] | None = None,
    close: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    `version` is the version of this service, answered once it is ready; `dependencies` ask the
    services behind it, by name. `service_names` are the full names of the services that `register`
    adds, for health and reflection. Health is NOT_SERVING until `ready` has returned; if `ready`
    raises, the process exits with status 1. The operations of `runner` are served too; before
    `close` is awaited, they are released, so that another replica takes them over. `tokens` default
    to those of the settings.
    """
    tokens = tokens or connect_tokens(settings)
    _require_protection(settings, tokens)
    name = service_names[0].split(".")[1]
    telemetry.configure_logging(name, settings.log_level)
    configure_tracing(name)
    serve_metrics(settings)
    server = grpc.aio.server(
        interceptors=[CallPolicy(tokens, max_request_bytes)],
        options=[*_OPTIONS, ("grpc.max_receive_message_length", max_request_bytes)],
        maximum_concurrent_rpcs=_MAX_CALLS,
    )
    register(server)
    versions = VersionServicer(version, dependencies or {})
    version_pb2_grpc.add_VersionServiceServicer_to_server(versions, server)
    names = [*service_names, version_pb2.DESCRIPTOR.services_by_name["VersionService"].full_name]
    if runner is not None:
        runner.register(server)
        names.append(operations_pb2.DESCRIPTOR.services_by_name["Operations"].full_name)
    health_servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    reflection.enable_server_reflection(
        [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
    )

    async def set_health(status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for name in ("", *names):
            await health_servicer.set(name, status)

    await set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    # These threads mostly wait for storage; the default is six on two cores.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    address = _bind(server, settings)
    await server.start()
    probes, health_address = await _serve_health(settings.health_listen, health_servicer)
    if probes is not None:
        log.info("health", extra=fields(address=health_address))
    log.info("listening", extra=fields(address=address))
    if not tokens.required:
        log.warning(
            "open: no token is required, so everybody who reaches the address may call",
            extra=fields(address=address, settings="RLVF_AUTH_TOKEN, RLVF_TOKENS_FILE"),
        )
    try:
        if ready is not None:
            becoming_ready = asyncio.ensure_future(ready())
            stopping = asyncio.ensure_future(stop.wait())
            await asyncio.wait({becoming_ready, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not becoming_ready.done():
                becoming_ready.cancel()
                return
            becoming_ready.result()
        if runner is not None:
            await runner.run()
        versions.ready = True
        await set_health(health_pb2.HealthCheckResponse.SERVING)
        log.info("ready", extra=fields(address=address))
        await stop.wait()
        log.info("draining")
    except RlvfError as error:
        log.error("cannot serve", extra=fields(reason=str(error)))
        raise SystemExit(1) from None
    finally:
        await set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        await server.stop(settings.drain_seconds)
        if runner is not None:
            await runner.release()
        if close is not None:
            await close()
        if probes is not None:
            await probes.stop(None)
        await asyncio.to_thread(flush_traces)


def _require_protection(settings: ServerSettings, tokens: Tokens) -> None:
    """Exit with status 2 if other machines can reach the service without a token or without TLS,
    unless the settings allow it."""
    if _is_reached(settings) and not (tokens.required or settings.allow_no_token):
        print(
            f"RLVF_LISTEN: other machines reach {settings.listen}, and no token is required: set "
            "RLVF_AUTH_TOKEN or RLVF_TOKENS_FILE, or RLVF_ALLOW_NO_TOKEN=true to serve everybody",
            file=sys.stderr,
        )
        raise SystemExit(2)
    require_tls(settings)


def require_tls(settings: ListenSettings) -> None:
    """Exit with status 2 if other machines can reach the service without TLS, unless the settings
    allow it."""
    if _is_reached(settings) and not (settings.tls_certificate or settings.allow_no_tls):
        print(
            f"RLVF_LISTEN: other machines reach {settings.listen}, and calls with their tokens can "
            "be read in transit: set RLVF_TLS_CERTIFICATE and RLVF_TLS_KEY, or "
            "RLVF_ALLOW_NO_TLS=true where the network itself encrypts or is trusted",
            file=sys.stderr,
        )
        raise SystemExit(2)


def _is_reached(settings: ListenSettings) -> bool:
    """Whether other machines can reach the service."""
    host = settings.listen.rpartition(":")[0].strip("[]")
    return not (host in ("localhost", "::1") or host.startswith("127."))


def _bind(server: grpc.aio.Server, settings: ServerSettings) -> str:
    """Bind the port; return the address with the actual port."""
    host, _, _ = settings.listen.rpartition(":")
    try:
        if settings.tls_certificate and settings.tls_key:
            credentials = _renewed_credentials(settings.tls_key, settings.tls_certificate)
            port = server.add_secure_port(settings.listen, credentials)
        else:
            port = server.add_insecure_port(settings.listen)
    except (RuntimeError, OSError) as error:
        print(f"RLVF_LISTEN: cannot listen on {settings.listen}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    return f"{host}:{port}"


def _renewed_credentials(key: Path, certificate: Path) -> grpc.ServerCredentials:
    """Credentials from these files, read again when the certificate has changed.

    Raises:
        OSError: a file cannot be read.
    """
    pem = certificate.read_bytes()
    configuration = grpc.ssl_server_certificate_configuration([(key.read_bytes(), pem)])

    def current() -> grpc.ServerCertificateConfiguration:
        nonlocal pem, configuration
        try:
            if (renewed := certificate.read_bytes()) != pem:
                pair = (key.read_bytes(), renewed)
                configuration = grpc.ssl_server_certificate_configuration([pair])
                pem = renewed
        except OSError as error:
            log.warning("cannot read a renewed certificate", extra=fields(reason=str(error)))
        return configuration

    return grpc.dynamic_ssl_server_credentials(configuration, current)


async def _serve_health(
    listen: str, servicer: health.aio.HealthServicer
) -> tuple[grpc.aio.Server | None, str]:
    """Serve only health at `listen`, without TLS; nothing if `listen` is empty.

    Returns the server and its address with the actual port.
    """
    if not listen:
        return None, ""
    server = grpc.aio.server(
        options=[("grpc.so_reuseport", 0)], maximum_concurrent_rpcs=_MAX_PROBES
    )
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    try:
        port = server.add_insecure_port(listen)
    except RuntimeError as error:
        print(f"RLVF_HEALTH_LISTEN: cannot listen on {listen}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    await server.start()
    return server, f"{listen.rpartition(':')[0]}:{port}"


def serve_metrics(settings: ListenSettings) -> None:
    """Serve this process's metrics on a thread at `metrics_listen`, if that is set.

    Exits with status 2 if it cannot.
    """
    listen = settings.metrics_listen
    if not listen:
        return
    host, _, port = listen.rpartition(":")
    try:
        metrics_server, _ = start_http_server(int(port), host)
    except (OSError, ValueError) as error:
        print(f"RLVF_METRICS_LISTEN: cannot listen on {listen}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    log.info("metrics", extra=fields(address=f"{host}:{metrics_server.server_port}"))
