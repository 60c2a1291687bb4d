"""The bootstrap of every gRPC service.

A server has the policy of `rlvf_common.rpc.call_policy` before every call, health, reflection,
version, TLS, metrics and a graceful drain on SIGTERM.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from rlvf_common.rpc.settings import ServerSettings
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tokens import Tokens
from rlvf_common.rpc.version import AskVersion, VersionServicer

log = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 4 << 20
"""Maximum size of a request, uncompressed, of a service that does not say otherwise."""
_THREADS = 64
_MAX_CALLS = 4_096
"""Maximum number of calls at one time; further ones get RESOURCE_EXHAUSTED."""

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # Else two servers on one port would share its calls without notice.
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
    telemetry.configure_logging(service_names[0].split(".")[1], settings.log_level)
    if settings.metrics_listen:
        log.info("metrics", extra=fields(address=_serve_metrics(settings.metrics_listen)))
    server = grpc.aio.server(
        interceptors=[CallPolicy(tokens)],
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

    # They wait for storage most of the time; the default is six on two cores.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    address = _bind(server, settings)
    await server.start()
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


def _require_protection(settings: ServerSettings, tokens: Tokens) -> None:
    """Exit with status 2 where other machines reach a service without token or TLS, and nobody has
    said that this is meant."""
    host = settings.listen.rpartition(":")[0].strip("[]")
    if host in ("localhost", "::1") or host.startswith("127."):
        return
    reached = f"RLVF_LISTEN: other machines reach {settings.listen}"
    if not (tokens.required or settings.allow_no_token):
        print(
            f"{reached}, and no token is required: set RLVF_AUTH_TOKEN or RLVF_TOKENS_FILE, or "
            "RLVF_ALLOW_NO_TOKEN=true to serve everybody",
            file=sys.stderr,
        )
        raise SystemExit(2)
    if not (settings.tls_certificate or settings.allow_no_tls):
        print(
            f"{reached}, and calls with their tokens can be read in transit: set "
            "RLVF_TLS_CERTIFICATE and RLVF_TLS_KEY, or RLVF_ALLOW_NO_TLS=true where the network "
            "itself encrypts or is trusted",
            file=sys.stderr,
        )
        raise SystemExit(2)


def _bind(server: grpc.aio.Server, settings: ServerSettings) -> str:
    """Bind the port; return the address with the actual port."""
    host, _, _ = settings.listen.rpartition(":")
    try:
        if settings.tls_certificate and settings.tls_key:
            pair = (settings.tls_key.read_bytes(), settings.tls_certificate.read_bytes())
            port = server.add_secure_port(settings.listen, grpc.ssl_server_credentials([pair]))
        else:
            port = server.add_insecure_port(settings.listen)
    except (RuntimeError, OSError) as error:
        print(f"RLVF_LISTEN: cannot listen on {settings.listen}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    return f"{host}:{port}"


def _serve_metrics(listen: str) -> str:
    """Serve this process's metrics at `listen`, on a thread, until the process ends.

    Returns the address with the actual port.
    """
    host, _, port = listen.rpartition(":")
    try:
        metrics_server, _ = start_http_server(int(port), host)
    except (OSError, ValueError) as error:
        print(f"RLVF_METRICS_LISTEN: cannot listen on {listen}: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    return f"{host}:{metrics_server.server_port}"
