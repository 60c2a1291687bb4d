"""What the gateway does with the answers of the services, and with requests in SandboxFusion's
form, before and after a program runs."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import grpc
import httpx
import pytest

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_http_gateway import answer_memory, app, whole_streams
from rlvf_http_gateway.app import HttpGateway
from rlvf_http_gateway.endpoints import Backends, endpoints
from rlvf_http_gateway.whole_streams import WholeStreams

from ..doubles import Context, IdleExecutor

_EXECUTE = "/rlvf.executor.v1.ExecutorService/Execute"
_JSON = {"content-type": "application/json"}


class _Writer(IdleExecutor):
    """Answers every program with as many bytes of output as its source says. One whose source ends
    with "wait" is followed by a wait, until `go_on` is set."""

    def __init__(self) -> None:
        self.waits = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def Execute(
        self, request: executor_pb2.ExecuteRequest, context: Context
    ) -> executor_pb2.ExecuteResponse:
        return executor_pb2.ExecuteResponse(
            outcome=executor_pb2.OUTCOME_EXITED, stdout=b"x" * int(request.source.split()[0])
        )

    async def ExecuteBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.ExecuteBatchRequest],
        context: Context,
    ) -> AsyncIterator[executor_pb2.ExecuteBatchResponse]:
        try:
            async for message in request_iterator:
                for item in message.items:
                    response = await self.Execute(item.request, context)
                    answer = executor_pb2.ExecuteBatchResponse.Item(id=item.id, response=response)
                    yield executor_pb2.ExecuteBatchResponse(items=[answer])
                    if item.request.source.endswith("wait"):
                        self.waits.set()
                        await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@pytest.fixture
async def executor() -> AsyncIterator[_Writer]:
    """Behind the gateway."""
    writer = _Writer()
    yield writer
    writer.go_on.set()


@pytest.fixture
async def gateway(executor: _Writer) -> AsyncIterator[HttpGateway]:
    """With that executor, and without an evaluator."""
    server = grpc.aio.server()
    executor_pb2_grpc.add_ExecutorServiceServicer_to_server(executor, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    with grpc.insecure_channel(address) as blocking:
        async with grpc.aio.insecure_channel(address) as channel:
            table = endpoints(Backends(channel, channel), WholeStreams(blocking, blocking))
            yield HttpGateway(table, set(), b"{}", max_body_bytes=1 << 20, timeout_seconds=100.0)
    await server.stop(None)


@pytest.fixture
async def client(gateway: HttpGateway) -> AsyncIterator[httpx.AsyncClient]:
    """Calls it in this process."""
    transport = httpx.ASGITransport(gateway, client=("10.0.0.7", 1))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://gateway", timeout=60
    ) as client:
        yield client


def _items(*sources: str) -> dict[str, Any]:
    return {
        "items": [
            {"id": str(number), "request": {"source": source}}
            for number, source in enumerate(sources)
        ]
    }


async def test_answers_that_are_too_large_end_the_stream_and_say_what_to_do(
    client: httpx.AsyncClient, executor: _Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_streams, "_MAX_ANSWER_BYTES", 1_000)
    answer = await client.post("/v1/execute", json=_items("400", "400"))
    assert (answer.status_code, len(answer.json()["items"])) == (200, 2)
    # The stream of the third is ended, although the executor would go on.
    answer = await client.post("/v1/execute", json=_items("400", "400", "400 wait", "400"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    assert answer.json()["message"] == (
        "items: the answers have more than 1,000 bytes; send fewer items in a request, or a "
        "smaller limits.output_bytes"
    )
    await executor.cancelled.wait()


async def test_answers_of_all_requests_together_are_bounded(
    gateway: HttpGateway,
    client: httpx.AsyncClient,
    executor: _Writer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answer_memory, "_MAX_BYTES", 1_000)
    first = asyncio.create_task(client.post("/v1/execute", json=_items("600 wait")))
    await executor.waits.wait()
    while not gateway._answers.held_bytes:  # It is on its way.
        await asyncio.sleep(0)
    for path, body in (
        ("/v1/execute", _items("600")),
        (_EXECUTE, {"source": "600"}),
        ("/run_code", {"code": "600", "language": "python"}),
    ):
        refused = await client.post(path, json=body)
        assert (refused.status_code, refused.headers.get("retry-after")) == (503, "1"), path
        assert "too many large answers" in refused.json()["message"]
    assert (await client.post("/v1/execute", json=_items("9"))).status_code == 200
    executor.go_on.set()
    assert (await first).status_code == 200
    assert gateway._answers.held_bytes == 0
    assert (await client.post("/v1/execute", json=_items("600"))).status_code == 200


def _scope(path: str) -> dict[str, Any]:
    headers = [(name.encode(), value.encode()) for name, value in _JSON.items()]
    return {"type": "http", "method": "POST", "path": path, "headers": headers}


async def _ask(body: bytes) -> AsyncIterator[dict[str, Any]]:
    yield {"type": "http.request", "body": body}
    await asyncio.Event().wait()


async def test_an_answer_counts_until_its_caller_has_read_it(
    gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_PART_BYTES", 100)
    reads, reading = asyncio.Semaphore(0), asyncio.Semaphore(0)
    received = b""

    async def send(message: dict[str, Any]) -> None:
        nonlocal received
        if message["type"] == "http.response.body":
            reading.release()
            await reads.acquire()
            received += message["body"]
            assert len(message["body"]) <= 100

    call = gateway(_scope(_EXECUTE), aiter(_ask(b'{"source": "600"}')).__anext__, send)
    answering = asyncio.create_task(call)
    for _ in range(3):
        await reading.acquire()
        assert gateway._answers.held_bytes > 600
        reads.release()
    for _ in range(100):
        reads.release()
    await answering
    assert gateway._answers.held_bytes == 0
    assert len(json.loads(received)["stdout"]) == 800


async def test_a_caller_that_does_not_read_its_answer_is_left(
    gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(app, "_SEND_SECONDS", 0.0)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    await gateway(_scope(_EXECUTE), aiter(_ask(b'{"source": "600"}')).__anext__, send)
    assert gateway._answers.held_bytes == 0
    assert "defect" not in caplog.text


async def test_the_streams_of_a_caller_leave_room_for_others(
    client: httpx.AsyncClient, executor: _Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_streams, "_MAX_STREAMS_OF_A_CALLER", 1)

    def run(source: str, token: str = "") -> "asyncio.Task[httpx.Response]":
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return asyncio.create_task(client.post("/v1/execute", json=_items(source), headers=headers))

    first = run("1 wait", "a")
    await executor.waits.wait()
    refused = await run("1", "a")
    assert (refused.status_code, refused.json()["code"]) == (429, "resource_exhausted")
    assert "the token with the SHA-256 ca978112... has 1 streams" in refused.json()["message"]
    # The same token, written otherwise.
    again = await client.post(
        "/v1/execute", json=_items("1"), headers={"authorization": "bearer  a "}
    )
    assert again.status_code == 429
    assert (await run("1", "b")).status_code == 200
    assert (await run("1")).status_code == 200
    executor.waits.clear()
    without_token = run("1 wait")
    await executor.waits.wait()
    assert "the host 10.0.0.7 has 1 streams" in (await run("1")).json()["message"]
    executor.go_on.set()
    assert [(await one).status_code for one in (first, without_token)] == [200, 200]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_limit_MB", "10000000000000"),
        ("memory_limit_MB", "1" * 30),
        ("memory_limit_MB", "NaN"),
        ("memory_limit_MB", "1e400"),
        ("run_timeout", "NaN"),
        ("run_timeout", "Infinity"),
        ("run_timeout", '"nan"'),
        ("run_timeout", "1e300"),
        ("run_timeout", "1e400"),
        ("run_timeout", "-1"),
        ("run_timeout", "0"),
        ("compile_timeout", "NaN"),
        ("compile_timeout", "Infinity"),
        ("compile_timeout", "1e300"),
        ("compile_timeout", "-1"),
    ],
)
async def test_a_number_that_is_no_limit_is_refused_by_its_name(
    client: httpx.AsyncClient, field: str, value: str
) -> None:
    body = f'{{"code": "1", "language": "python", "{field}": {value}}}'
    answer = await client.post("/run_code", content=body.encode(), headers=_JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    assert field in answer.json()["message"]


@pytest.mark.parametrize("task", ["1e400", "NaN", "1.5", "null", "[]", "9" * 5_000])
async def test_a_task_that_is_neither_number_nor_name_is_refused(
    client: httpx.AsyncClient, task: str
) -> None:
    body = f'{{"dataset": "humaneval", "completion": "", "id": {task}}}'
    answer = await client.post("/submit", content=body.encode(), headers=_JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize("path", ["/run_code", "/submit"])
async def test_these_requests_are_json_only(client: httpx.AsyncClient, path: str) -> None:
    headers = {"content-type": "application/proto"}
    answer = await client.post(path, content=b"", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize("name", ["connect-timeout-ms", "connect-protocol-version"])
@pytest.mark.parametrize("value", [b"9" * 11, b"9" * 5_000, b"\xe9", b"-1", b"1_0", b"NaN"])
async def test_a_header_that_means_nothing_is_refused(
    client: httpx.AsyncClient, name: str, value: bytes
) -> None:
    headers = httpx.Headers([(b"content-type", b"application/json"), (name.encode(), value)])
    answer = await client.post(_EXECUTE, content=b'{"source": "1"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")


async def test_the_longest_deadline_is_accepted(client: httpx.AsyncClient) -> None:
    headers = {"connect-timeout-ms": "9999999999"}
    for path, body in ((_EXECUTE, {"source": "1"}), ("/v1/execute", _items("1"))):
        assert (await client.post(path, json=body, headers=headers)).status_code == 200
