"""Channels to other services: balanced and kept alive; they pass on deadline, request id, trace,
token."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import any_pb2
from grpc.aio import ClientCallDetails, Metadata

from rlvf_api.errors import DeadlineExceeded, Unavailable, from_rpc_error, from_status
from rlvf_common.rpc.context import caller, deadline, request_id
from rlvf_common.rpc.tracing import trace_headers

MAX_MESSAGE_BYTES = 64 << 20
REQUEST_ID_KEY = "x-request-id"
CALLER_KEY = "x-rlvf-caller"
_SCHEMES = ("dns:", "ipv4:", "ipv6:", "unix:")
# Timeout of calls without another limit, such as the polling of an operation.
CALL_TIMEOUT_SECONDS = 30.0

_OPTIONS: tuple[tuple[str, int | str], ...] = (
    # A headless Kubernetes service resolves to all replicas; the default policy would use only one.
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)


class _CallDetails(NamedTuple):
    method: str
    timeout: float | None
    metadata: Metadata | None
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None


class _PassOn:
    """Adds the token, the request id, the trace, and the deadline of the call being served if it is
    nearer."""

    def __init__(self, token: str) -> None:
        self._token = token

    def details(self, details: ClientCallDetails) -> _CallDetails:
        """The call's details with these added."""
        metadata = Metadata(*(details.metadata or ()))
        if self._token:
            metadata.add("authorization", f"Bearer {self._token}")
        if current := request_id.get():
            metadata.add(REQUEST_ID_KEY, current)
        for key, value in trace_headers().items():
            metadata.add(key, value)
        if (name := caller.get()) and metadata.get(CALLER_KEY) is None:
            metadata.add(CALLER_KEY, name)
        timeout = details.timeout
        if (end := deadline.get()) is not None:
            left = max(0.0, end - monotonic())
            timeout = left if timeout is None else min(timeout, left)
        return _CallDetails(
            details.method, timeout, metadata, details.credentials, details.wait_for_ready
        )


# grpc.aio registers an interceptor for one kind of call only, so there is one class for each.


class _PassOnUnaryUnary(_PassOn, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(  # type: ignore[no-untyped-def]
        self, continuation, client_call_details, request
    ):
        return await continuation(self.details(client_call_details), request)


class _PassOnUnaryStream(_PassOn, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(  # type: ignore[no-untyped-def]
        self, continuation, client_call_details, request
    ):
        return await continuation(self.details(client_call_details), request)


class _PassOnStreamStream(_PassOn, grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(  # type: ignore[no-untyped-def]
        self, continuation, client_call_details, request_iterator
    ):
        return await continuation(self.details(client_call_details), request_iterator)


_PASS_ON = (_PassOnUnaryUnary, _PassOnUnaryStream, _PassOnStreamStream)


def open_channel(address: str, *, token: str = "", tls_ca: Path | None = None) -> grpc.aio.Channel:
    """A channel to `address`: `host:port`, `dns:///host:port`, `ipv4:a:port,b:port` or `unix:PATH`.

    It connects lazily and reconnects by itself. With `tls_ca` it speaks TLS and trusts that bundle.
    """
    target = _target(address)
    interceptors = [kind(token) for kind in _PASS_ON]
    if tls_ca is None:
        return grpc.aio.insecure_channel(target, options=_OPTIONS, interceptors=interceptors)
    credentials = grpc.ssl_channel_credentials(tls_ca.read_bytes())
    return grpc.aio.secure_channel(target, credentials, options=_OPTIONS, interceptors=interceptors)


def open_blocking_channel(address: str, *, tls_ca: Path | None = None) -> grpc.Channel:
    """A channel for use in threads, which passes nothing on. It is for streams to a service that
    may refuse them: if it does while the stream is written, grpc.aio reports INTERNAL instead of
    the status (github.com/grpc/grpc/issues/36066)."""
    if tls_ca is None:
        return grpc.insecure_channel(_target(address), options=_OPTIONS)
    credentials = grpc.ssl_channel_credentials(tls_ca.read_bytes())
    return grpc.secure_channel(_target(address), credentials, options=_OPTIONS)


def _target(address: str) -> str:
    return address if address.startswith(_SCHEMES) else f"dns:///{address}"


async def wait_operation(
    channel: grpc.aio.Channel,
    operation: operations_pb2.Operation,
    *,
    on_progress: Callable[[any_pb2.Any], None] | None = None,
    patience: timedelta = timedelta(seconds=60),
) -> operations_pb2.Operation:
    """Poll until the operation is done, and return it; `on_progress` gets its metadata when they
    change.

    A service may be unreachable for `patience`, because the operation outlives it.

    Raises:
        RlvfError: the operation failed, or cannot be polled.
    """
    stub = operations_pb2_grpc.OperationsStub(channel)
    pause = 0.05
    reachable = monotonic()
    metadata = operation.metadata
    while not operation.done:
        await asyncio.sleep(pause)
        pause = min(1.0, pause * 1.5)
        try:
            operation = await stub.GetOperation(
                operations_pb2.GetOperationRequest(name=operation.name),
                timeout=CALL_TIMEOUT_SECONDS,
            )
        except grpc.RpcError as error:
            failure = from_rpc_error(error)
            passing = isinstance(failure, Unavailable | DeadlineExceeded)
            if not passing or monotonic() - reachable > patience.total_seconds():
                raise failure from None
            continue
        reachable = monotonic()
        if on_progress is not None and operation.metadata != metadata:
            metadata = operation.metadata
            on_progress(metadata)
    if operation.HasField("error"):
        raise from_status(operation.error)
    return operation
