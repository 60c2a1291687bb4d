"""The interceptor that every call passes before the service: tokens, deadlines, request ids,
errors.

A call needs a deadline and, where tokens are required, a known token with the scope of its method;
only then its message is received and decoded. So a caller without a token costs no memory. It gets
a request id in the logs, and errors as statuses: an `RlvfError` as its own, a message that cannot
be decoded as INVALID_ARGUMENT, everything else as INTERNAL. Health and reflection are open to all.
"""

import asyncio
import inspect
import logging
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from time import monotonic
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_status import rpc_status

from rlvf_api.errors import (
    DeadlineExceeded,
    InvalidArgument,
    PermissionDenied,
    RlvfError,
    to_status,
)
from rlvf_common.rpc.channels import CALLER_KEY, REQUEST_ID_KEY
from rlvf_common.rpc.context import (
    MAX_REQUEST_ID_CHARACTERS,
    Principal,
    caller,
    enter,
    request_id,
)
from rlvf_common.rpc.in_flight import InFlight
from rlvf_common.rpc.scopes import needed_scope
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tokens import Tokens
from rlvf_common.rpc.tracing import SetAttribute, span

__all__ = ["MAX_CALLS_OF_A_TEAM", "CallPolicy"]

log = logging.getLogger(__name__)

MAX_CALLS_OF_A_TEAM = 256
"""Maximum number of calls, streams included, that a team has at one time."""
# What the first messages of a team's streams of requests take at most. Each stream may send one of
# the maximum size at any time, and nothing is known of it before it is in memory.
_STREAM_BYTES_OF_A_TEAM = 1 << 30
# Messages that are received at one time: their bytes, and what they are decoded to, are in memory
# before anything is known of them.
_RECEIVED_AT_ONCE = 32
_RECEIVED_OF_A_CALLER = 4
# A caller that sends more slowly would keep others waiting.
_RECEIVE_SECONDS = 30.0
_OPEN_TO_ALL = ("/grpc.health.", "/grpc.reflection.")
# gRPC ends a call with RESOURCE_EXHAUSTED if its trailers have more than 8 KiB. The message is in
# them three times at most, and percent-encoded in one of them.
_MAX_ERROR_BYTES = 700
_MAX_OPEN_CALLS_OF_A_HOST = 64

_Handler = Any
"""A `grpc.RpcMethodHandler`."""


class CallPolicy(grpc.aio.ServerInterceptor):
    """The policy of one server."""

    def __init__(self, tokens: Tokens, max_request_bytes: int) -> None:
        """`max_request_bytes` is the maximum size of a message that the server receives."""
        self._tokens = tokens
        self._calls = InFlight("calls")
        self._streams = InFlight("streams of requests")
        self._max_streams = max(1, _STREAM_BYTES_OF_A_TEAM // max_request_bytes)
        self._receiving = asyncio.Semaphore(_RECEIVED_AT_ONCE)
        self._receiving_of: defaultdict[Principal, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_RECEIVED_OF_A_CALLER)
        )

    async def intercept_service(  # type: ignore[no-untyped-def]
        self, continuation, handler_call_details
    ):
        """The handler of a call with the policy around it; None if there is no such method."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method
        begin = self._open_call if method.startswith(_OPEN_TO_ALL) else self._call

        # All handlers take a stream: gRPC receives the only message of other ones before they run.
        if not handler.response_streaming:
            answer = handler.stream_unary if handler.request_streaming else handler.unary_unary

            async def unary(messages, context):  # type: ignore[no-untyped-def]
                async with begin(method, context) as who:
                    with self._counted_stream(handler, who):
                        return await answer(await self._request(handler, messages, who), context)

            return grpc.stream_unary_rpc_method_handler(unary, None, handler.response_serializer)

        answers = handler.stream_stream if handler.request_streaming else handler.unary_stream

        async def stream(messages, context):  # type: ignore[no-untyped-def]
            async with begin(method, context) as who:
                with self._counted_stream(handler, who):
                    answered = answers(await self._request(handler, messages, who), context)
                    if inspect.isawaitable(answered):
                        # It writes its answers itself, as gRPC's health service does.
                        await answered
                        return
                    async for response in answered:
                        yield response

        return grpc.stream_stream_rpc_method_handler(stream, None, handler.response_serializer)

    def _counted_stream(
        self, handler: _Handler, who: Principal | None
    ) -> AbstractContextManager[None]:
        """Counts a team's call if it may send several messages. Raises ResourceExhausted."""
        if who is None or not who.is_team or not handler.request_streaming:
            return nullcontext()
        return self._streams.counted(who.name, self._max_streams)

    async def _request(
        self, handler: _Handler, messages: AsyncIterator[bytes], who: Principal | None
    ) -> object:
        """The only message of a call, or the stream of them, decoded. `who` is None for methods
        that are open to all."""
        decode = handler.request_deserializer
        if handler.request_streaming:
            return _decoded(messages, decode)
        try:
            async with AsyncExitStack() as turn:
                if who is not None:
                    await turn.enter_async_context(self._receiving_of[who])
                    await turn.enter_async_context(self._receiving)
                async with asyncio.timeout(_RECEIVE_SECONDS):
                    return await anext(_decoded(messages, decode))
        except TimeoutError:
            raise DeadlineExceeded(
                f"the message of the call did not arrive within {_RECEIVE_SECONDS:g} s"
            ) from None
        except StopAsyncIteration:
            raise InvalidArgument("", "the call has no message") from None

    @asynccontextmanager
    async def _call(
        self,
        method: str,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> AsyncIterator[Principal]:
        metadata = dict(context.invocation_metadata() or ())
        said_id = str(metadata.get(REQUEST_ID_KEY) or uuid.uuid4().hex)
        call_id = said_id[:MAX_REQUEST_ID_CHARACTERS]
        said = str(metadata.get(CALLER_KEY) or _host(context.peer()))
        enter(call_id, said)
        with span(method.removeprefix("/"), metadata, is_call=True) as set_attribute:
            async with self._checked_call(method, metadata, context, set_attribute) as who:
                yield who

    @asynccontextmanager
    async def _checked_call(
        self,
        method: str,
        metadata: Mapping[str, Any],
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
        set_attribute: SetAttribute,
    ) -> AsyncIterator[Principal]:
        call_id, said = request_id.get(), caller.get()
        started = monotonic()
        code = grpc.StatusCode.OK
        try:
            who = self._tokens.identify(str(metadata.get("authorization", "")))
            scope = needed_scope(method)
            if scope is not None and not who.may(scope):
                raise PermissionDenied(
                    f"the token of {who.name} lacks the scope `{scope}`; ask the operator for it"
                )
            remaining = context.time_remaining()
            until = None if remaining is None else started + remaining
            # A verified name takes precedence over what the call claims.
            enter(call_id, who.name if who.is_team else said, who, until)
            if until is None:
                raise InvalidArgument("deadline", "is required; set a timeout on the call")
            with self._calls.counted(who.name, MAX_CALLS_OF_A_TEAM if who.is_team else None):
                yield who
        except RlvfError as error:
            code = error.code
            await _abort(context, error)
        except grpc.aio.AbortError:
            code = grpc.StatusCode.UNKNOWN
            raise
        except (asyncio.CancelledError, GeneratorExit):
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception:
            code = grpc.StatusCode.INTERNAL
            log.exception("defect", extra=fields(method=method))
            await context.abort(code, f"defect in the server; see its log at {call_id}")
        finally:
            set_attribute("rpc.grpc.status", code.name)
            level = logging.DEBUG if code is grpc.StatusCode.OK else logging.INFO
            milliseconds = round((monotonic() - started) * 1000, 1)
            log.log(
                level,
                "call",
                extra=fields(method=method, code=code.name, ms=milliseconds, caller=caller.get()),
            )

    @asynccontextmanager
    async def _open_call(
        self,
        method: str,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> AsyncIterator[None]:
        # Counted by host, so that one host cannot cause the refusal of others' probes.
        try:
            with self._calls.counted(f"host {_host(context.peer())}", _MAX_OPEN_CALLS_OF_A_HOST):
                yield None
        except RlvfError as error:
            await _abort(context, error)


async def _decoded(
    messages: AsyncIterator[bytes], decode: Callable[[bytes], object]
) -> AsyncIterator[object]:
    async for message in messages:
        try:
            decoded = [decode(message)]
        except DecodeError as error:
            raise InvalidArgument("", f"a message of the call cannot be decoded: {error}") from None
        # Nothing here keeps it in memory until the next one comes.
        del message
        yield decoded.pop()


async def _abort(context: grpc.aio.ServicerContext, error: RlvfError) -> None:  # type: ignore[type-arg]
    status = to_status(error, max_bytes=_MAX_ERROR_BYTES)
    try:
        await context.abort_with_status(rpc_status.to_status(status))
    except grpc.aio.InternalError:
        # The call has ended meanwhile, so its status reaches nobody; gRPC would log a defect.
        raise asyncio.CancelledError from None


def _host(peer: str) -> str:
    """The host of a gRPC peer such as `ipv4:10.0.0.7:40112` or `ipv6:%5B::1%5D:40112`."""
    kind, _, rest = peer.partition(":")
    return rest.rpartition(":")[0] if kind in ("ipv4", "ipv6") else peer
