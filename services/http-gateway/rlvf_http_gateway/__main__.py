"""Serves the HTTP gateway: `python -m rlvf_http_gateway`."""

import asyncio
import logging
import signal
import socket
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
import uvloop

from rlvf_common.rpc import telemetry
from rlvf_common.rpc.channels import open_blocking_channel, open_channel
from rlvf_common.rpc.server import require_tls, serve_metrics
from rlvf_common.rpc.settings import load
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tracing import configure_tracing, flush_traces
from rlvf_http_gateway.app import HttpGateway
from rlvf_http_gateway.endpoints import Backends, endpoints, stream_paths
from rlvf_http_gateway.settings import HttpGatewaySettings
from rlvf_http_gateway.whole_streams import WholeStreams

log = logging.getLogger(__name__)

_MAX_REQUESTS = 4_096
"""Maximum number of requests at one time; further ones get 503."""
_KEEP_ALIVE_SECONDS = 60
_RENEWAL_SECONDS = 60.0


@asynccontextmanager
async def _application(settings: HttpGatewaySettings) -> AsyncGenerator[HttpGateway]:
    addresses, ca = (settings.evaluator_address, settings.executor_address), settings.tls_ca
    channels = [open_channel(address, tls_ca=ca) for address in addresses]
    blocking = [open_blocking_channel(address, tls_ca=ca) for address in addresses]
    try:
        yield HttpGateway(
            endpoints(Backends(*channels), WholeStreams(*blocking)),
            stream_paths(),
            Path(__file__).with_name("openapi.json").read_bytes(),
            max_body_bytes=settings.http_max_body_bytes,
            timeout_seconds=settings.http_timeout_seconds,
        )
    finally:
        for one in blocking:
            one.close()
        for channel in channels:
            await channel.close()


def _bound(listen: str) -> socket.socket:
    """A socket that listens at `listen` (host:port); exits with status 2 if that is not
    possible."""
    host, _, port = listen.rpartition(":")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host.strip("[]"), int(port)), family=family, backlog=2048)
    except (OSError, ValueError) as error:
        print(f"RLVF_LISTEN: cannot listen on {listen}: {error}", file=sys.stderr)
        raise SystemExit(2) from None


async def _renew(context: ssl.SSLContext, settings: HttpGatewaySettings) -> None:
    """Read the certificate once a minute, so that new connections use a renewed one; never
    returns."""
    assert settings.tls_certificate is not None
    while True:
        await asyncio.sleep(_RENEWAL_SECONDS)
        try:
            context.load_cert_chain(settings.tls_certificate, settings.tls_key)
        except (OSError, ssl.SSLError) as error:
            log.warning("cannot read a renewed certificate", extra=fields(reason=str(error)))


async def _main(settings: HttpGatewaySettings) -> None:
    require_tls(settings)
    telemetry.configure_logging("http_gateway", settings.log_level)
    configure_tracing("http_gateway")
    serve_metrics(settings)
    listener = _bound(settings.listen)
    async with _application(settings) as application:
        config = uvicorn.Config(
            application,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_MAX_REQUESTS,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=round(settings.drain_seconds),
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
        try:
            config.load()
        except (OSError, ssl.SSLError) as error:
            print(f"RLVF_TLS_CERTIFICATE, RLVF_TLS_KEY: cannot be used: {error}", file=sys.stderr)
            raise SystemExit(2) from None
        renewal = asyncio.create_task(_renew(config.ssl, settings)) if config.ssl else None
        # After the drain uvicorn raises the signal that ended it again; these handlers ignore it.
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, lambda: None)
        host, port = listener.getsockname()[:2]
        log.info("ready", extra=fields(address=f"{host}:{port}"))
        await uvicorn.Server(config).serve(sockets=[listener])
        log.info("drained")
        if renewal is not None:
            renewal.cancel()
        await asyncio.to_thread(flush_traces)


def main() -> None:
    """Serve until SIGTERM."""
    with suppress(KeyboardInterrupt):
        uvloop.run(_main(load(HttpGatewaySettings)))


if __name__ == "__main__":
    main()
