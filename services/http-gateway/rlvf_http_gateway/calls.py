"""Translates headers of HTTP to metadata of gRPC, and errors of gRPC to Connect's."""

import base64
import logging
import math
import re
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, TypeVar

import grpc
from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.request import Headers, RequestContext
from protobuf.wkt import Any as AnyMessage

from rlvf_api.errors import RlvfError, from_rpc_error, to_status
from rlvf_common.rpc.context import deadline, request_id

__all__ = ["answered", "authorization", "remaining_seconds"]

log = logging.getLogger(__name__)

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")

Context = RequestContext[Any, Any]


def authorization(headers: Headers) -> tuple[tuple[str, str], ...]:
    """The metadata with the caller's token; empty if it sent none.

    The password of Basic authentication is taken as a token: clients that accept only a URL send it
    for `http://any:TOKEN@host`.
    """
    given = headers.get("authorization", "")
    scheme, _, credentials = given.partition(" ")
    if scheme.lower() == "basic":
        try:
            password = base64.b64decode(credentials).decode("latin-1").partition(":")[2]
        except ValueError:  # It is no base64, or not even ASCII.
            password = ""
        given = f"Bearer {password}"
    # gRPC refuses other characters, and no token has any.
    return (("authorization", _UNPRINTABLE.sub("?", given)),) if given else ()


def remaining_seconds() -> float:
    """Seconds until the deadline of the request being served; 0 if it has passed."""
    until = deadline.get()
    assert until is not None
    return max(0.0, until - monotonic())


def answered(
    function: Callable[[RequestT, Context], Awaitable[ResponseT]],
) -> Callable[[RequestT, Context], Awaitable[ResponseT]]:
    """The function, whose errors are raised as Connect's. An exception that is not an error of a
    service is a defect: it is logged, and its text is not sent to the caller."""

    async def answer(request: RequestT, context: Context) -> ResponseT:
        try:
            return await function(request, context)
        except ConnectError:
            raise
        except grpc.RpcError as error:
            raise _connect_error(from_rpc_error(error), context) from None
        except RlvfError as error:
            raise _connect_error(error, context) from None
        except Exception:
            log.exception("defect")
            raise ConnectError(
                Code.INTERNAL, f"defect in the HTTP gateway; see its log at {request_id.get()}"
            ) from None

    return answer


def _connect_error(error: RlvfError, context: Context) -> ConnectError:
    """A Connect error with the code, message and details of `error`; sets `Retry-After`."""
    if error.retry_after is not None:
        seconds = math.ceil(error.retry_after.total_seconds())
        context.response_headers["retry-after"] = str(max(0, seconds))
    # Connect spells "canceled" with one l.
    name = error.code.name.lower().replace("cancelled", "canceled")
    details = [
        ErrorDetail(AnyMessage(type_url=one.type_url, value=one.value))
        for one in to_status(error).details
    ]
    return ConnectError(Code(name), str(error), details)
