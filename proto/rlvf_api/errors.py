"""The errors of RLVF, raised by services and by the SDK, and their one mapping to gRPC statuses.

    RlvfError                  base: `code`, `message`, `field`, `retry_after`; never raised itself
    ├── InvalidArgument        `field` is missing or out of range, as `message` says
    ├── NotFound               what the request names does not exist
    ├── AlreadyExists          what the request would create exists, and differs
    ├── Aborted                another call has replaced this one; do not retry
    ├── FailedPrecondition     a precondition does not hold: a missing artifact, an unsound grader;
    │                          retrying alone does not help
    ├── Unauthenticated        a bearer token is missing or wrong
    ├── PermissionDenied       the token does not permit it
    ├── ResourceExhausted      a queue, a quota, memory or a disk is full; retry after
    │                          `retry_after`
    ├── Unavailable            a dependency cannot be reached; retry later
    ├── DeadlineExceeded       the caller's deadline passed
    ├── Cancelled              the caller, or an operator, cancelled
    └── Internal               a defect in another service; received, never raised by our own code

Everything else that a service raises is a defect: the server logs its traceback and answers
INTERNAL without details. A message says what was wrong, where, and what to do. The proto of a call
lists its errors.
"""

from datetime import timedelta
from typing import ClassVar

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

__all__ = [
    "Aborted",
    "AlreadyExists",
    "Cancelled",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NotFound",
    "PermissionDenied",
    "ResourceExhausted",
    "RlvfError",
    "Unauthenticated",
    "Unavailable",
    "from_rpc_error",
    "from_status",
    "to_status",
]

_DETAILS_KEY = "grpc-status-details-bin"
"""Key of the trailing metadata that holds a `google.rpc.Status`
(github.com/grpc/grpc, src/python/grpcio_status)."""


class RlvfError(Exception):
    """Base of the errors that may reach a caller."""

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.UNKNOWN
    field: str = ""
    """Path of the field that is wrong, or file and line; empty if there is none."""
    retry_after: timedelta | None = None
    """When to retry, if the service says so."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        """What was wrong, without the field."""


class InvalidArgument(RlvfError):
    """`field`, a path such as `sampling.temperature`, is wrong as `message` says."""

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message

    def __reduce__(self) -> tuple[type["InvalidArgument"], tuple[str, str]]:
        return type(self), (self.field, self.message)


class NotFound(RlvfError):
    """What the request names does not exist."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(RlvfError):
    """What the request would create exists, and differs."""

    code = grpc.StatusCode.ALREADY_EXISTS


class Aborted(RlvfError):
    """Another call has replaced this one."""

    code = grpc.StatusCode.ABORTED


class FailedPrecondition(RlvfError):
    """A precondition does not hold; retrying alone does not help."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unauthenticated(RlvfError):
    """A bearer token is missing or wrong."""

    code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDenied(RlvfError):
    """The token does not permit it."""

    code = grpc.StatusCode.PERMISSION_DENIED


class _Retryable(RlvfError):
    def __init__(self, message: str, retry_after: timedelta | None = timedelta(seconds=1)) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ResourceExhausted(_Retryable):
    """A queue, a quota, memory or a disk is full."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(_Retryable):
    """A dependency cannot be reached."""

    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(RlvfError):
    """The caller's deadline passed."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(RlvfError):
    """The caller, or an operator, cancelled."""

    code = grpc.StatusCode.CANCELLED


class Internal(RlvfError):
    """A defect in another service. Received, never raised by our own code."""

    code = grpc.StatusCode.INTERNAL


_BY_CODE: dict[int, type[RlvfError]] = {
    kind.code.value[0]: kind
    for kind in (
        NotFound,
        AlreadyExists,
        Aborted,
        FailedPrecondition,
        Unauthenticated,
        PermissionDenied,
        DeadlineExceeded,
        Cancelled,
    )
}
_RETRYABLE: dict[int, type[_Retryable]] = {
    kind.code.value[0]: kind for kind in (ResourceExhausted, Unavailable)
}


def to_status(error: RlvfError, *, max_bytes: int | None = None) -> status_pb2.Status:
    """The status with the details for its code: `BadRequest` or `RetryInfo`. A longer message
    loses its middle, so that it has about `max_bytes` bytes of UTF-8."""
    status = status_pb2.Status(code=error.code.value[0], message=_cut(str(error), max_bytes))
    detail = any_pb2.Any()
    if isinstance(error, InvalidArgument):
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=_cut(error.field, max_bytes), description=_cut(error.message, max_bytes)
        )
        detail.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
        status.details.append(detail)
    elif error.retry_after is not None:
        delay = duration_pb2.Duration()
        delay.FromTimedelta(error.retry_after)
        detail.Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        status.details.append(detail)
    return status


def _cut(text: str, max_bytes: int | None) -> str:
    data = text.encode(errors="replace")
    if max_bytes is None or len(data) <= max_bytes:
        return text
    end = max_bytes // 3
    first, last = data[: max_bytes - end], data[-end:]
    return f"{first.decode(errors='ignore')} [...] {last.decode(errors='ignore')}"


def from_status(status: status_pb2.Status) -> RlvfError:
    """The error of a status from `to_status`; Internal for other statuses."""
    if status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]:
        bad_request = error_details_pb2.BadRequest()
        for detail in status.details:
            if detail.Unpack(bad_request) and bad_request.field_violations:
                violation = bad_request.field_violations[0]
                return InvalidArgument(violation.field, violation.description)
        return InvalidArgument("", status.message)
    if status.code in _RETRYABLE:
        return _RETRYABLE[status.code](status.message, _retry_delay(status))
    return _BY_CODE.get(status.code, Internal)(status.message)


def _retry_delay(status: status_pb2.Status) -> timedelta | None:
    retry = error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(retry):
            delay: timedelta = retry.retry_delay.ToTimedelta()
            return delay
    return None


def from_rpc_error(error: grpc.RpcError) -> RlvfError:
    """The error of a failed call, of the blocking API or of grpc.aio."""
    if not isinstance(error, grpc.Call | grpc.aio.AioRpcError):
        return Internal(str(error))
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS_KEY:
            return from_status(status_pb2.Status.FromString(value))
    code = error.code()
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in (error.details() or ""):
        # gRPC's own, of a message that the sender may not send or the receiver does not take.
        return InvalidArgument("", f"a message of the call has too many bytes: {error.details()}")
    return from_status(status_pb2.Status(code=code.value[0], message=error.details() or code.name))
