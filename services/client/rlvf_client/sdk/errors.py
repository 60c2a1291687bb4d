"""What calls to the evaluator raise.

    EvaluatorError             base: `code`, `message`, `field`, `retry_after`
    ├── InvalidArgument        `field` is missing or wrong, as `message` says
    ├── NotFound               no such benchmark
    ├── AlreadyExists          the request id was used for something else
    ├── Aborted                another call with the request id has begun; do not try again
    ├── FailedPrecondition     the benchmark cannot be scored here, or an artifact is missing
    ├── Unauthenticated        the token is missing or wrong
    ├── ResourceExhausted      the quota is used up; it is renewed after `retry_after`
    ├── Unavailable            the service was away for longer than the client's patience
    ├── DeadlineExceeded       the call took longer than its deadline
    ├── Cancelled              the call was given up
    └── Internal               a defect in the service; `message` has what its operator needs

They are named after the gRPC statuses of `rlvf/evaluator/v1/evaluator.proto`, which says when each
is sent. Their `__cause__` is the grpc.RpcError.
"""

from datetime import timedelta

import grpc
from google.rpc import error_details_pb2, status_pb2

__all__ = [
    "Aborted",
    "AlreadyExists",
    "Cancelled",
    "DeadlineExceeded",
    "EvaluatorError",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NotFound",
    "ResourceExhausted",
    "Unauthenticated",
    "Unavailable",
]

_DETAILS = "grpc-status-details-bin"
"""Key of the trailing metadata that holds the `google.rpc.Status`, as `grpc_status.rpc_status` has
it."""


class EvaluatorError(Exception):
    """A call failed."""

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN

    def __init__(
        self, message: str, *, field: str = "", retry_after: timedelta | None = None
    ) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.message = message
        self.field = field
        """Path of the field that is wrong, or file and line; empty when it is none."""
        self.retry_after = retry_after
        """When to try again, where the service says so."""


class InvalidArgument(EvaluatorError):
    """A field of the request, or a line of a file, is missing or wrong."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class NotFound(EvaluatorError):
    """What the request names does not exist."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(EvaluatorError):
    """The request id was used for another benchmark, or for other answers."""

    code = grpc.StatusCode.ALREADY_EXISTS


class Aborted(EvaluatorError):
    """Another call with the same request id has begun since."""

    code = grpc.StatusCode.ABORTED


class FailedPrecondition(EvaluatorError):
    """The benchmark cannot be scored here, or an artifact is missing."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unauthenticated(EvaluatorError):
    """The token is missing or wrong."""

    code = grpc.StatusCode.UNAUTHENTICATED


class ResourceExhausted(EvaluatorError):
    """The quota is used up."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(EvaluatorError):
    """The service, or something behind it, could not be reached."""

    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(EvaluatorError):
    """The call took longer than its deadline."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(EvaluatorError):
    """The call was given up."""

    code = grpc.StatusCode.CANCELLED


class Internal(EvaluatorError):
    """A defect in the service."""

    code = grpc.StatusCode.INTERNAL


_BY_CODE: dict[int, type[EvaluatorError]] = {
    kind.code.value[0]: kind for kind in EvaluatorError.__subclasses__()
}


def from_status(status: status_pb2.Status) -> EvaluatorError:
    """The error of a status, with the field of its `BadRequest` or the delay of its `RetryInfo`."""
    kind = _BY_CODE.get(status.code, Internal)
    bad_request, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    message, field, retry_after = status.message, "", None
    for detail in status.details:
        if detail.Unpack(bad_request) and bad_request.field_violations:
            message = bad_request.field_violations[0].description
            field = bad_request.field_violations[0].field
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.ToTimedelta()
    return kind(message, field=field, retry_after=retry_after)


def from_rpc_error(error: grpc.RpcError) -> EvaluatorError:
    """The error of a call that failed."""
    if not isinstance(error, grpc.Call):
        return Internal(str(error))
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS:
            return from_status(status_pb2.Status.FromString(value))
    code = error.code()
    return from_status(
        status_pb2.Status(code=code.value[0], message=error.details() or code.name.lower())
    )
