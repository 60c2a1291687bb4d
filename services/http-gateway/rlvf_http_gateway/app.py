"""The ASGI application that uvicorn runs: it receives requests, refuses malformed ones, and passes
the others to the table of endpoints.

A body is read as a whole, up to a maximum size, before it is decoded. Errors of the gateway itself
have Connect's form, too: `{"code": ..., "message": ...}`.
"""

import asyncio
import json
import logging
import re
import uuid
from collections.abc import AsyncGenerator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from time import monotonic
from typing import Any, NamedTuple

from connectrpc.server import ConnectASGIApplication, Endpoint
from prometheus_client import Counter, Histogram

from rlvf_common.rpc.channels import CALLER_KEY, REQUEST_ID_KEY
from rlvf_common.rpc.context import (
    MAX_CALLER_CHARACTERS,
    MAX_REQUEST_ID_CHARACTERS,
    caller,
    enter,
    request_id,
)
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tracing import span
from rlvf_http_gateway.answer_memory import AnswerMemory
from rlvf_http_gateway.codecs import CODECS

__all__ = ["HttpGateway"]

log = logging.getLogger(__name__)

_REQUESTS = Counter("rlvf_http_requests", "Requests over HTTP", ["path", "status"])
_SECONDS = Histogram("rlvf_http_request_seconds", "Time of requests over HTTP", ["path"])

# A caller that sends more slowly would keep memory from others.
_RECEIVE_SECONDS = 60.0
# The same of one that reads its answer more slowly.
_SEND_SECONDS = 120.0
_PART_BYTES = 256 << 10
# Maximum size of all bodies in memory, as a multiple of that of one body.
_BODIES_AT_ONCE = 4
_TIMEOUT_HEADER = "connect-timeout-ms"
_TIMEOUT = re.compile(r"[0-9]{1,10}")
_CALL_ID = re.compile(rf"[\x21-\x7e]{{1,{MAX_REQUEST_ID_CHARACTERS}}}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_CONTENT_TYPES = ("application/json", "application/proto")

_Message = Mapping[str, Any]
"""A message of ASGI (asgi.readthedocs.io, "HTTP & WebSocket ASGI Message Format")."""


class _Refused(Exception):
    """A request that the gateway refuses itself, with the answer."""

    def __init__(self, status: HTTPStatus, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = json.dumps({"code": code, "message": message}).encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class _Call(NamedTuple):
    """A request's head."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    client: tuple[str, int] | None
    """Host and port of the caller."""


class _Connect(ConnectASGIApplication[None]):
    path = ""


class HttpGateway:
    """An ASGI application.

    It answers the paths of `endpoints`, `/health`, and `/openapi.json` with `document`. `streams`
    are the paths of methods that it cannot forward. A request without `Connect-Timeout-Ms` has
    `timeout_seconds`.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint[Any, Any]],
        streams: set[str],
        document: bytes,
        *,
        max_body_bytes: int,
        timeout_seconds: float,
    ) -> None:
        self._endpoints = endpoints
        self._streams = streams
        self._pages = {"/health": b'{"status":"SERVING"}', "/openapi.json": document}
        self._max_body_bytes = max_body_bytes
        self._timeout_ms = str(min(round(timeout_seconds * 1000), 9_999_999_999))
        self._body_bytes = 0
        self._answers = AnswerMemory()
        # The library exports the base class of endpoints, but its parameter has the union of
        # subclasses.
        served: Any = endpoints
        self._connect = _Connect(
            service=None,
            endpoints=lambda _: served,
            read_max_bytes=max_body_bytes,
            compressions=(),
            codecs=CODECS,
        )

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer a request; the scope must be of the type `http`."""
        started = monotonic()
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        call = _Call(scope["method"], scope["path"], headers, scope.get("client"))
        given = headers.get(REQUEST_ID_KEY, "")
        call_id = given if _CALL_ID.fullmatch(given) else uuid.uuid4().hex
        # As in a gRPC server, a caller that does not name itself is its host.
        said = headers.get(CALLER_KEY) or (call.client or ("",))[0]
        timeout_ms = headers.get(_TIMEOUT_HEADER) or self._timeout_ms
        seconds = int(timeout_ms) / 1000 if _TIMEOUT.fullmatch(timeout_ms) else 0.0
        said = _UNPRINTABLE.sub("?", said)[:MAX_CALLER_CHARACTERS]
        enter(call_id, said, until=started + seconds)
        status = 0
        head: _Message = {}
        is_begun = False

        async def answer(message: _Message) -> None:
            """Send an answer, whose body is one message, with headers for its length and id."""
            nonlocal status, head, is_begun
            if is_begun:
                # The deadline passed while the body was sent; the server closes the connection.
                raise ConnectionError
            if message["type"] == "http.response.start":
                head, status = message, message["status"]
                return
            own = {"content-length": str(len(message["body"])), REQUEST_ID_KEY: call_id}
            added = [(name.encode(), value.encode()) for name, value in own.items()]
            is_begun = True
            await send({**head, "headers": [*head["headers"], *added]})
            await _send_body(send, message["body"])

        try:
            with (
                self._answers.request(),
                span(call.path.removeprefix("/")[:200], headers, is_call=True),
            ):
                try:
                    await self._answer(call, timeout_ms, receive, answer)
                except _Refused as refused:
                    await _respond(answer, refused.status, refused.body, refused.headers)
        except ConnectionError:
            pass  # The caller closed the connection, or does not read.
        except Exception:
            log.exception("defect", extra=fields(method=call.path))
            if not status:
                message = f"defect in the HTTP gateway; see its log at {request_id.get()}"
                defect = _Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", message)
                await _respond(answer, defect.status, defect.body, {})
        finally:
            self._note(call, status, monotonic() - started)

    def _note(self, call: _Call, status: int, seconds: float) -> None:
        """Count and log a request; status 0: the caller closed the connection before an answer."""
        is_known = call.path in self._endpoints or call.path in self._pages
        path = call.path if is_known else "other"
        _REQUESTS.labels(path, str(status)).inc()
        _SECONDS.labels(path).observe(seconds)
        about = fields(
            method=call.path[:200], code=status, ms=round(seconds * 1000, 1), caller=caller.get()
        )
        log.log(logging.DEBUG if status == HTTPStatus.OK else logging.INFO, "call", extra=about)

    async def _answer(self, call: _Call, timeout_ms: str, receive: Any, send: Any) -> None:
        if call.path in self._pages:
            if call.method not in ("GET", "HEAD"):
                raise _wrong_method(call, "GET, HEAD")
            await _respond(send, HTTPStatus.OK, self._pages[call.path], {})
            return
        self._check(call)
        async with self._body(call, receive) as body:
            is_sent = False

            async def replay() -> _Message:
                nonlocal is_sent
                if is_sent:
                    found: _Message = await receive()
                    return found
                is_sent = True
                return {"type": "http.request", "body": body, "more_body": False}

            kept = ("content-type", "connect-protocol-version", "authorization")
            headers = {name: call.headers[name] for name in kept if name in call.headers}
            headers[_TIMEOUT_HEADER] = timeout_ms
            inner: Any = {
                "type": "http",
                "method": call.method,
                "path": call.path,
                "root_path": "",
                "client": call.client,
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }
            await self._connect(inner, replay, send)

    def _check(self, call: _Call) -> None:
        """Raise _Refused for a wrong path, method, content type or encoding."""
        if call.path not in self._endpoints:
            message = f"there is no {call.path[:200]!r}; /openapi.json lists the paths"
            if call.path in self._streams:
                message = f"{call.path} is a stream; over HTTP there are /v1/score, /v1/grade, "
                message += "/v1/execute for streams; call the others over gRPC"
            raise _Refused(HTTPStatus.NOT_FOUND, "unimplemented", message)
        if call.method != "POST":
            raise _wrong_method(call, "POST")
        given = call.headers.get("content-type", "")
        if given.partition(";")[0].strip().lower() not in _CONTENT_TYPES:
            raise _Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "invalid_argument",
                f"the content type is {given[:100]!r}; send `Content-Type: application/json`, or "
                "application/proto",
                accept_post=", ".join(_CONTENT_TYPES),
            )
        encoding = call.headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            raise _Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "invalid_argument",
                f"the content encoding is {encoding[:100]!r}; send the body as it is",
                accept_encoding="identity",
            )

    @asynccontextmanager
    async def _body(self, call: _Call, receive: Any) -> AsyncGenerator[bytes]:
        """The body, which counts towards the memory in use while the block runs.

        Raises:
            _Refused: it is too large, does not arrive in time, or too many are in memory.
            ConnectionError: the caller closed the connection.
        """
        length = call.headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self._max_body_bytes:
            raise self._too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(_RECEIVE_SECONDS):
                is_complete = False
                while not is_complete:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionError
                    part = message.get("body", b"")
                    body += part
                    self._body_bytes += len(part)
                    if len(body) > self._max_body_bytes:
                        raise self._too_large()
                    if self._body_bytes > _BODIES_AT_ONCE * self._max_body_bytes:
                        raise _Refused(
                            HTTPStatus.SERVICE_UNAVAILABLE,
                            "unavailable",
                            "the gateway has too many large requests in work; send this one again",
                            retry_after="1",
                        )
                    is_complete = not message.get("more_body", False)
            yield bytes(body)
        except TimeoutError:
            raise _Refused(
                HTTPStatus.REQUEST_TIMEOUT,
                "deadline_exceeded",
                f"the body did not arrive within {_RECEIVE_SECONDS:g} s",
            ) from None
        finally:
            self._body_bytes -= len(body)

    def _too_large(self) -> _Refused:
        return _Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "invalid_argument",
            f"the body has more than {self._max_body_bytes:,} bytes; send it in parts",
            connection="close",
        )


def _wrong_method(call: _Call, allowed: str) -> _Refused:
    return _Refused(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "unimplemented",
        f"{call.path} takes {allowed}, not {call.method[:20]}",
        allow=allowed,
    )


async def _send_body(send: Any, body: bytes) -> None:
    """Send a body in parts, so that what the caller has not read is here and not in the server's
    buffer.

    Raises:
        ConnectionError: the caller does not read it in time.
    """
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            for start in range(0, len(body) or 1, _PART_BYTES):
                part = body[start : start + _PART_BYTES]
                more = start + _PART_BYTES < len(body)
                await send({"type": "http.response.body", "body": part, "more_body": more})
    except TimeoutError:
        raise ConnectionError from None


async def _respond(send: Any, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
    all_headers = {"content-type": "application/json", **headers}
    encoded = [(name.encode(), value.encode()) for name, value in all_headers.items()]
    await send({"type": "http.response.start", "status": status.value, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
