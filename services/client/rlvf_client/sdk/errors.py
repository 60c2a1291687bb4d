"""The errors of calls to the evaluator: those of `rlvf_api.errors`, which shows their tree.

`rlvf/evaluator/v1/evaluator.proto` explains when each status is sent. The `__cause__` of an error
of a call is its grpc.RpcError.
"""

from rlvf_api.errors import (
    Aborted,
    AlreadyExists,
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    RlvfError,
    Unauthenticated,
    Unavailable,
)

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
    "PermissionDenied",
    "ResourceExhausted",
    "Unauthenticated",
    "Unavailable",
]

EvaluatorError = RlvfError
"""The base of all errors, under the SDK's name."""
