"""The errors of RLVF, and their one mapping to gRPC statuses.

    RlvfError                  base; never raised itself
    ├── InvalidArgument        a field of the request is missing or out of range
    ├── NotFound               what the request names does not exist
    ├── AlreadyExists          what the request would create exists, and differs
    ├── Aborted                another call has taken the place of this one
    ├── FailedPrecondition     the world is not as the request needs it: a missing artifact, an
    unsound grader
    ├── Unauthenticated        a bearer token is missing or wrong
    ├── ResourceExhausted      a queue, a quota, memory or a disk is full; try again later
    ├── Unavailable            something this service needs cannot be reached; try again later
    ├── DeadlineExceeded       the caller's deadline passed
    └── Cancelled              the caller, or an operator, gave up

Everything else that is raised is a defect: the server logs its traceback and answers INTERNAL
without details. A message says what was wrong, where, and what to do.
"""

from datetime import timedelta

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status


class RlvfError(Exception):
    """Base of the errors that may reach a caller."""

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN


class InvalidArgument(RlvfError):
    """`field`, a path such as `sampling.temperature`, is wrong as `problem` says."""

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class NotFound(RlvfError):
    """What the request names does not exist."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(RlvfError):
    """What the request would create exists, and differs."""

    code = grpc.StatusCode.ALREADY_EXISTS


class Aborted(RlvfError):
    """Another call has taken the place of this one."""

    code = grpc.StatusCode.ABORTED


class FailedPrecondition(RlvfError):
    """The world is not as the request needs it; trying again alone does not help."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unauthenticated(RlvfError):
    """A bearer token is missing or wrong."""

    code = grpc.StatusCode.UNAUTHENTICATED


class _Retryable(RlvfError):
    def __init__(self, message: str, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ResourceExhausted(_Retryable):
    """A queue, a quota, memory or a disk is full."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(_Retryable):
    """Something this service needs cannot be reached."""

    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(RlvfError):
    """The caller's deadline passed."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(RlvfError):
    """The caller, or an operator, gave up."""

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
        ResourceExhausted,
        Unavailable,
        DeadlineExceeded,
        Cancelled,
    )
}


def to_status(error: RlvfError) -> status_pb2.Status:
    """The status with the details that its code calls for: `BadRequest` or `RetryInfo`."""
    status = status_pb2.Status(code=error.code.value[0], message=str(error))
    detail = any_pb2.Any()
    if isinstance(error, InvalidArgument):
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=error.problem
        )
        detail.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
        status.details.append(detail)
    elif isinstance(error, _Retryable):
        delay = duration_pb2.Duration()
        delay.FromTimedelta(error.retry_after)
        detail.Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        status.details.append(detail)
    return status


def from_status(status: status_pb2.Status) -> RlvfError:
    """The error that `to_status` made a status of."""
    if status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]:
        bad_request = error_details_pb2.BadRequest()
        for detail in status.details:
            if detail.Unpack(bad_request) and bad_request.field_violations:
                violation = bad_request.field_violations[0]
                return InvalidArgument(violation.field, violation.description)
        return InvalidArgument("request", status.message)
    kind = _BY_CODE.get(status.code, Internal)
    if issubclass(kind, _Retryable):
        retry = error_details_pb2.RetryInfo()
        for detail in status.details:
            if detail.Unpack(retry):
                return kind(status.message, retry.retry_delay.ToTimedelta())
    return kind(status.message)


def from_rpc_error(error: grpc.RpcError) -> RlvfError:
    """The error that a failed call brought."""
    if not isinstance(error, grpc.Call | grpc.aio.AioRpcError):
        return Internal(str(error))
    status = rpc_status.from_call(error)
    if status is not None:
        return from_status(status)
    return from_status(
        status_pb2.Status(code=error.code().value[0], message=error.details() or error.code().name)
    )
