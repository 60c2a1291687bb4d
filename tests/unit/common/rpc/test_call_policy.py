"""What every call meets before its service, with a server and a client in one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from rlvf_api import errors
from rlvf_common.rpc import call_policy, scopes
from rlvf_common.rpc.call_policy import MAX_CALLS_OF_A_TEAM, CallPolicy
from rlvf_common.rpc.channels import MAX_MESSAGE_BYTES
from rlvf_common.rpc.scopes import Scope
from rlvf_common.rpc.server import MAX_REQUEST_BYTES
from rlvf_common.rpc.tokens import Tokens

_TOKEN = (("authorization", "Bearer right"),)


class _Echo:
    """Answers a message with itself; keeps what it received."""

    def __init__(self) -> None:
        self.received: list[str] = []

    async def one(self, request: StringValue, context: object) -> StringValue:
        self.received.append(request.value)
        if request.value.startswith("unknown "):
            raise errors.NotFound(f"there is no {request.value}; there are: a, b")
        return request

    async def many(
        self, requests: AsyncIterator[StringValue], context: object
    ) -> AsyncIterator[StringValue]:
        async for request in requests:
            yield await self.one(request, context)

    def handlers(self, service: str = "test.Echo") -> grpc.GenericRpcHandler:
        conversion: Any = {
            "request_deserializer": StringValue.FromString,
            "response_serializer": StringValue.SerializeToString,
        }
        return grpc.method_handlers_generic_handler(
            service,
            {
                "One": grpc.unary_unary_rpc_method_handler(self.one, **conversion),
                "Many": grpc.stream_stream_rpc_method_handler(self.many, **conversion),
            },
        )


@pytest.fixture
def echo() -> _Echo:
    return _Echo()


@asynccontextmanager
async def _serving(
    echo: _Echo, tokens: Tokens, max_request_bytes: int = MAX_REQUEST_BYTES
) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server(interceptors=[CallPolicy(tokens, max_request_bytes)])
    server.add_generic_rpc_handlers((echo.handlers(), echo.handlers("grpc.health.v1.Health")))
    server.add_insecure_port(f"unix-abstract:{id(echo)}")
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(None)


async def _ended(call: Any) -> errors.RlvfError:
    with pytest.raises(grpc.RpcError) as raised:
        await call
    return errors.from_rpc_error(raised.value)


def _one(channel: grpc.aio.Channel) -> Any:
    return channel.unary_unary("/test.Echo/One")  # Bytes, as they are.


def _many(channel: grpc.aio.Channel) -> Any:
    return channel.stream_stream("/test.Echo/Many")


async def test_a_message_is_decoded_once_the_token_is_known(echo: _Echo) -> None:
    message = StringValue(value="x").SerializeToString()
    async with _serving(echo, Tokens("right")) as channel:
        error = await _ended(_one(channel)(message, timeout=10))
        assert isinstance(error, errors.Unauthenticated)
        # A wrong token, and bytes that cannot be decoded: the token is told.
        error = await _ended(_one(channel)(b"\xff\xff", timeout=10))
        assert isinstance(error, errors.Unauthenticated)
        assert not echo.received
        assert await _one(channel)(message, timeout=10, metadata=_TOKEN) == message


@pytest.mark.parametrize("broken", [b"\xff\xff", b"\x0a\x02\xff\xfe"], ids=["bytes", "UTF-8"])
async def test_a_message_that_cannot_be_decoded_is_told(
    echo: _Echo, broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    message = StringValue(value="x").SerializeToString()
    async with _serving(echo, Tokens()) as channel:
        error = await _ended(_one(channel)(broken, timeout=10))
        assert isinstance(error, errors.InvalidArgument)
        assert "cannot be decoded" in str(error)
        stream = _many(channel)(timeout=10)
        await stream.write(message)
        assert await stream.read() == message
        await stream.write(broken)
        error = await _ended(stream.read())
        assert isinstance(error, errors.InvalidArgument)
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_long_name_comes_back_in_the_error_that_it_causes(echo: _Echo) -> None:
    """An error whose trailers are too large would be another error."""
    name = "unknown " + "\N{SNOWMAN}" * 5_000
    async with _serving(echo, Tokens()) as channel:
        message = StringValue(value=name).SerializeToString()
        error = await _ended(_one(channel)(message, timeout=10))
    assert isinstance(error, errors.NotFound)
    assert str(error).startswith("there is no unknown \N{SNOWMAN}")
    assert str(error).endswith("there are: a, b")


@pytest.fixture
def team(tmp_path: Path) -> Tokens:
    """The tokens of one team, `right`."""
    file = tmp_path / "tokens.yaml"
    file.write_text(f"callers:\n- {{name: team, sha256: {sha256(b'right').hexdigest()}}}\n")
    return Tokens("of the operator", file)


async def test_a_team_has_a_maximum_of_calls_at_one_time(echo: _Echo, team: Tokens) -> None:
    message = StringValue(value="x").SerializeToString()
    async with _serving(echo, team) as channel:
        streams = [_many(channel)(timeout=60, metadata=_TOKEN) for _ in range(MAX_CALLS_OF_A_TEAM)]
        for stream in streams:
            await stream.write(message)
            assert await stream.read() == message
        refused = await _ended(_one(channel)(message, timeout=10, metadata=_TOKEN))
        assert isinstance(refused, errors.ResourceExhausted)
        assert "256 calls at one time" in str(refused)
        # Others have room, and so has the team when a call has ended.
        operator = (("authorization", "Bearer of the operator"),)
        assert await _one(channel)(message, timeout=10, metadata=operator) == message
        await streams[0].done_writing()
        assert await streams[0].read() is grpc.aio.EOF
        assert await _one(channel)(message, timeout=10, metadata=_TOKEN) == message


async def test_a_team_has_fewer_streams_where_their_messages_may_be_large(
    echo: _Echo, team: Tokens
) -> None:
    message = StringValue(value="x").SerializeToString()
    async with _serving(echo, team, MAX_MESSAGE_BYTES) as channel:
        streams = [_many(channel)(timeout=60, metadata=_TOKEN) for _ in range(16)]
        for stream in streams:
            await stream.write(message)
            assert await stream.read() == message
        refused = await _ended(_many(channel)(timeout=10, metadata=_TOKEN).read())
        assert isinstance(refused, errors.ResourceExhausted)
        assert "team has 16 streams of requests at one time" in str(refused)
        # Its calls of one message have room, others have streams, and so has the team after one.
        assert await _one(channel)(message, timeout=10, metadata=_TOKEN) == message
        operator = (("authorization", "Bearer of the operator"),)
        for metadata in (operator, _TOKEN):
            stream = _many(channel)(timeout=10, metadata=metadata)
            await stream.write(message)
            assert await stream.read() == message
            await streams[0].done_writing()
            assert await streams[0].read() is grpc.aio.EOF


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_policy, "_RECEIVE_SECONDS", 0.05)


async def test_a_message_that_does_not_come_is_not_waited_for(echo: _Echo, impatient: None) -> None:
    async with _serving(echo, Tokens()) as channel:
        # The method takes one message; a stream of none looks to the server like a slow one.
        call: Any = channel.stream_stream("/test.Echo/One")(timeout=60)
        error = await _ended(call.read())
    assert isinstance(error, errors.DeadlineExceeded)
    assert "did not arrive" in str(error)


async def test_a_call_without_a_message_is_refused(echo: _Echo) -> None:
    async with _serving(echo, Tokens()) as channel:
        call: Any = channel.stream_stream("/test.Echo/One")(timeout=60)
        await call.done_writing()
        error = await _ended(call.read())
    assert isinstance(error, errors.InvalidArgument)
    assert "has no message" in str(error)


async def test_a_method_needs_its_scope(
    echo: _Echo, team: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = StringValue(value="x").SerializeToString()
    monkeypatch.setitem(scopes._NEEDED, "/test.Echo/", Scope.TRAIN)
    monkeypatch.setitem(scopes._NEEDED, "/test.Echo/One", Scope.SCORE)
    async with _serving(echo, team) as channel:
        assert await _one(channel)(message, timeout=10, metadata=_TOKEN) == message
        error = await _ended(_many(channel)(timeout=10, metadata=_TOKEN).read())
    assert isinstance(error, errors.PermissionDenied)
    assert "the token of team lacks the scope `train`" in str(error)


async def test_open_calls_of_one_host_keep_nobody_else_from_asking(
    echo: _Echo, team: Tokens
) -> None:
    message = StringValue(value="x").SerializeToString()
    method = "/grpc.health.v1.Health/One"
    async with (
        _serving(echo, team) as channel,
        grpc.aio.insecure_channel(f"unix-abstract:{id(echo)}") as other,
    ):
        # They are open, and send nothing.
        hostile: list[Any] = [channel.stream_stream(method)(timeout=60) for _ in range(64)]
        for call in hostile:
            await call.wait_for_connection()
        mine: Any = channel.unary_unary(method)
        error = await _ended(mine(message, timeout=10))
        assert isinstance(error, errors.ResourceExhausted)
        others: Any = other.unary_unary(method)
        assert await others(message, timeout=10) == message
        for call in hostile:
            call.cancel()


class _EndedCall:
    """A double of the context of a call that ended before its status could be sent."""

    def invocation_metadata(self) -> tuple[()]:
        return ()

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"

    def time_remaining(self) -> float:
        return 1.0

    async def abort_with_status(self, status: object) -> None:
        raise grpc.aio.InternalError("Failed execute_batch")


async def test_an_error_of_a_call_that_has_ended_is_no_defect(echo: _Echo) -> None:
    """gRPC would log it as one, with a traceback."""
    details: Any = _Details()
    handler = echo.handlers().service(details)

    async def found(details: object) -> Any:
        return handler

    policy: Any = CallPolicy(Tokens(), MAX_REQUEST_BYTES)
    wrapped = await policy.intercept_service(found, details)

    async def messages() -> AsyncIterator[bytes]:
        yield StringValue(value="unknown name").SerializeToString()

    with pytest.raises(asyncio.CancelledError):
        await wrapped.stream_unary(messages(), _EndedCall())


class _Details:
    """A double of what the interceptor is told of a call."""

    method = "/test.Echo/One"
    invocation_metadata = ()


async def test_health_can_be_watched() -> None:
    """As gRPC's clients do that check health themselves."""
    serving = health_pb2.HealthCheckResponse.ServingStatus.SERVING
    ending = health_pb2.HealthCheckResponse.ServingStatus.NOT_SERVING
    servicer = health.aio.HealthServicer()
    server = grpc.aio.server(interceptors=[CallPolicy(Tokens(), MAX_REQUEST_BYTES)])
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await servicer.set("", serving)
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            seen = [(await call.read()).status]
            await servicer.set("", ending)
            seen.append((await call.read()).status)
            call.cancel()
    finally:
        await server.stop(None)
    assert seen == [serving, ending]
