"""A thousand malformed requests: each is answered, none with 500."""

import json
import socket
from collections import Counter
from random import Random

import httpx

from rlvf.http_gateway.v1 import http_gateway_pb2

from ...conftest import StackThread
from ...fuzz.caller import defects
from ...fuzz.generator import random_message, wire

_REQUESTS = 1_000
_VALUES: tuple[object, ...] = (
    None, True, -1, 1 << 70, 1e308, "", "x", "\ud800", [], [[]], {}, {"a": {}}, "NaN", "9s", 0.5,
)  # fmt: skip
_TEXTS = (
    "", "{", "[]", "null", "1", '"a"', "{}{}", "[" * 5_000, '{"a":' * 5_000, "\0", "\ufeff{}",
)  # fmt: skip
_TYPES = (
    "application/json", "application/json; charset=latin-1", "application/proto", "",
    "application/grpc", "application/grpc-web+proto", "application/connect+json", "text/plain",
    "application/", "\xe9",
)  # fmt: skip
_HEADERS = (
    "connect-timeout-ms", "connect-protocol-version", "content-encoding", "authorization",
    "x-rlvf-caller", "x-request-id", "accept-encoding", "te", "expect",
)  # fmt: skip
_HEADER_VALUES = (
    b"",
    b"-1",
    b"1",
    b"9" * 20,
    b"gzip",
    b"\xff",
    b"a" * 5_000,
    b"Basic !",
    b"Basic \xe9",
)
_ODD_PATHS = ("/", "/v1", "/%ff", "//")


def _body(random: Random, kind: str) -> bytes:
    """A body that is no right one, most of the time."""
    match random.randrange(5):
        case 0:
            return random.choice(_TEXTS).encode()
        case 1:
            return random.randbytes(random.randrange(300))
        case 2:
            fields = ("header", "samples", "items", "source", "code", "name", "benchmark", "limits")
            return json.dumps(
                {random.choice(fields): random.choice(_VALUES) for _ in range(3)}
            ).encode()
        case 3 if kind == "application/proto":
            message = http_gateway_pb2.DESCRIPTOR.message_types_by_name["GradeRequest"]
            return wire(random, random_message(random, message, []))
        case _:
            right = bytearray(b'{"items":[{"id":"1","request":{"source":"print(1)"}}]}')
            for _ in range(random.randrange(1, 4)):
                right[random.randrange(len(right))] = random.randrange(256)
            return bytes(right)


def _request(random: Random, url: str, paths: list[str]) -> httpx.Request:
    kind = random.choice(_TYPES) if random.random() < 0.3 else "application/json"
    path = random.choice(paths if random.random() < 0.9 else _ODD_PATHS)
    headers = [(b"content-type", kind.encode("latin-1"))]
    if random.random() < 0.3:
        headers.append((random.choice(_HEADERS).encode(), random.choice(_HEADER_VALUES)))
    method = "POST" if random.random() < 0.9 else random.choice(("GET", "PUT", "PATCH", "FOO"))
    return httpx.Request(method, f"{url}{path}", headers=headers, content=_body(random, kind))


def test_no_malformed_request_is_a_defect(
    client: httpx.Client, stack: StackThread, url: str
) -> None:
    log = stack.stack.log("http-gateway")
    before = log.stat().st_size
    paths = list(client.get("/openapi.json").json()["paths"])
    # An operation that is waited for takes its time.
    paths = [path for path in paths if "WaitOperation" not in path]
    random = Random(18)
    statuses: Counter[int] = Counter()
    for number in range(_REQUESTS):
        request = _request(random, url, paths)
        status = client.send(request).status_code
        statuses[status] += 1
        assert status not in (500, 501), (number, request.method, request.url, request.content)
    assert defects(log, before) == []
    # They came as far as the different checks.
    assert {400, 404, 405, 415} <= statuses.keys()
    assert sum(count for status, count in statuses.items() if status >= 400) > 0.9 * _REQUESTS


def test_what_is_no_http_is_refused(url: str) -> None:
    address = (httpx.URL(url).host, httpx.URL(url).port)
    for data in (b"\x16\x03\x01\x02\0", b"GET\r\n\r\n", b"POST / HTTP/9\r\n\r\n", b"A" * 100_000):
        with socket.create_connection(address, timeout=30) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(1_000)
        assert not answer or answer.startswith(b"HTTP/1.1 4")


def test_a_body_that_is_too_large_is_refused_unread(client: httpx.Client) -> None:
    path = "/rlvf.executor.v1.ExecutorService/Execute"
    headers = {"content-type": "application/json"}
    whole = client.post(path, content=b" " * (33 << 20), headers=headers)
    parts = client.post(path, content=(b" " * (1 << 20) for _ in range(40)), headers=headers)
    assert (whole.status_code, parts.status_code) == (413, 413)
    assert "send it in parts" in whole.json()["message"]
