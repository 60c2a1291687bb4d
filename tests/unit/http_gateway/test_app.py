"""What the gateway does with a request before, and after, it is a message."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.server import Endpoint
from google.protobuf import json_format
from google.protobuf.message import Message

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import InvalidArgument, ResourceExhausted
from rlvf_common.rpc.context import caller, request_id
from rlvf_http_gateway import app
from rlvf_http_gateway.app import HttpGateway
from rlvf_http_gateway.calls import Context, answered, authorization, remaining_seconds

_MAX_BYTES = 1_000
_JSON = {"content-type": "application/json"}
_BAD_BODIES = (
    b"", b"[]", b"null", b"{", b"{} {}", b'{"source": 1}', b'{"source": "\\ud800"}', b"\xff",
    b'{"limits": {"cpuTime": "1"}}', b'{"limits": 3}', b'{"source": "", "source": ""}',
    b'{"limits":' * 80, b'{"nothing": 1}',
)  # fmt: skip


async def _echo(request: executor_pb2.ExecuteRequest, context: Context) -> Message:
    """Answers what it knows of the call, or fails as its source says."""
    match request.source:
        case "defect":
            raise RuntimeError("secret of the implementation")
        case "wrong":
            raise InvalidArgument("source", "is wrong")
        case "full":
            raise ResourceExhausted("full")
    known = {
        "caller": caller.get(),
        "request_id": request_id.get(),
        "seconds": remaining_seconds(),
        "authorization": authorization(context.request_headers),
    }
    return executor_pb2.ExecuteResponse(stdout=json.dumps(known).encode())


@pytest.fixture
def gateway() -> HttpGateway:
    """With one method."""
    info = MethodInfo(
        name="Echo",
        service_name="S",
        input=executor_pb2.ExecuteRequest,
        output=executor_pb2.ExecuteResponse,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.UNARY,
    )
    table: dict[str, Endpoint[Any, Any]] = {"/S/Echo": Endpoint.unary(info, answered(_echo))}
    return HttpGateway(
        table, {"/S/Stream"}, b"{}", max_body_bytes=_MAX_BYTES, timeout_seconds=100.0
    )


@pytest.fixture
async def client(gateway: HttpGateway) -> AsyncIterator[httpx.AsyncClient]:
    """Calls it in this process."""
    transport = httpx.ASGITransport(gateway, client=("10.0.0.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


async def _known(client: httpx.AsyncClient, **headers: str | bytes) -> dict[str, Any]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    encoded = [(name.encode(), _bytes(value)) for name, value in {**_JSON, **given}.items()]
    answer = await client.post("/S/Echo", content=b"{}", headers=httpx.Headers(encoded))
    assert answer.status_code == 200, answer.text
    message = json_format.Parse(answer.text, executor_pb2.ExecuteResponse())
    known: dict[str, Any] = json.loads(message.stdout)
    assert known["request_id"] == answer.headers["x-request-id"]
    return known


async def test_a_call_is_on_behalf_of_whom_it_says_or_else_of_its_host(
    client: httpx.AsyncClient,
) -> None:
    assert (await _known(client))["caller"] == "10.0.0.7"
    assert (await _known(client, x_rlvf_caller="team"))["caller"] == "team"
    # What gRPC could not pass on.
    assert (await _known(client, x_rlvf_caller=b"t\xe9am" * 40))["caller"] == ("t?am" * 16)


async def test_an_id_is_kept_if_it_can_be_logged(client: httpx.AsyncClient) -> None:
    assert (await _known(client, x_request_id="call-7"))["request_id"] == "call-7"
    made = [(await _known(client, x_request_id=one))["request_id"] for one in ("", "a b", "x" * 65)]
    assert all(len(one) == 32 for one in made)


async def test_a_call_has_a_deadline(client: httpx.AsyncClient) -> None:
    assert 90 < (await _known(client))["seconds"] <= 100
    assert 5 < (await _known(client, connect_timeout_ms="7000"))["seconds"] <= 7


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ("Bearer abc", "Bearer abc"),
        ("Basic YW55OmFiYw==", "Bearer abc"),
        ("basic YW55OmE6Yg==", "Bearer a:b"),
        ("Basic !", "Bearer "),
        (b"Basic \xe9", "Bearer "),
        (b"Basic \xff\xfe\x80", "Bearer "),
        ("Basic /////w==", "Bearer "),
        (b"Bearer \xe9", "Bearer ?"),
    ],
)
async def test_a_token_is_passed_on(
    client: httpx.AsyncClient, given: str | bytes, passed: str
) -> None:
    known = await _known(client, authorization=given)
    assert known["authorization"] == [["authorization", passed]]


async def test_no_token_is_passed_on_where_there_was_none(client: httpx.AsyncClient) -> None:
    assert (await _known(client))["authorization"] == []


async def test_a_defect_is_logged_and_not_told(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.post("/S/Echo", json={"source": "defect"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["message"]
    assert "secret of the implementation" in caplog.text


async def test_an_error_has_its_code_and_when_to_retry(client: httpx.AsyncClient) -> None:
    wrong = await client.post("/S/Echo", json={"source": "wrong"})
    assert (wrong.status_code, wrong.json()["message"]) == (400, "source: is wrong")
    assert [one["type"] for one in wrong.json()["details"]] == ["google.rpc.BadRequest"]
    full = await client.post("/S/Echo", json={"source": "full"})
    assert (full.status_code, full.headers["retry-after"]) == (429, "1")


async def test_a_body_is_at_most_so_long(client: httpx.AsyncClient) -> None:
    def parts(length: int) -> AsyncIterator[bytes]:
        async def all_parts() -> AsyncIterator[bytes]:
            yield b"{" + b" " * (length - 2)
            yield b"}"

        return all_parts()

    # Without a length before it.
    longest = await client.post("/S/Echo", content=parts(_MAX_BYTES), headers=_JSON)
    longer = await client.post("/S/Echo", content=parts(_MAX_BYTES + 1), headers=_JSON)
    stated = await client.post("/S/Echo", content=b" " * (_MAX_BYTES + 1), headers=_JSON)
    assert (longest.status_code, longer.status_code, stated.status_code) == (200, 413, 413)
    assert "more than 1,000 bytes" in longer.json()["message"]


async def test_bodies_together_are_bounded(
    gateway: HttpGateway, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_BODIES_AT_ONCE", 0)
    refused = await client.post("/S/Echo", content=b"{}", headers=_JSON)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    monkeypatch.undo()
    # What was refused is not counted any more.
    assert gateway._body_bytes == 0
    assert (await client.post("/S/Echo", content=b"{}", headers=_JSON)).status_code == 200


async def test_a_body_that_does_not_come_is_not_waited_for(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    monkeypatch.setattr(app, "_RECEIVE_SECONDS", 0.0)
    answer = await client.post("/S/Echo", content=never(), headers=_JSON)
    assert (answer.status_code, answer.json()["code"]) == (408, "deadline_exceeded")


async def test_a_stream_is_named_as_one(client: httpx.AsyncClient) -> None:
    answer = await client.post("/S/Stream", json={})
    assert answer.status_code == 404
    assert "is a stream" in answer.json()["message"]


async def test_a_body_that_is_no_message_is_refused(client: httpx.AsyncClient) -> None:
    for body in _BAD_BODIES:
        answer = await client.post("/S/Echo", content=body, headers=_JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument"), body
        assert "ExecuteRequest in JSON" in answer.json()["message"]
        assert "Traceback" not in answer.text
