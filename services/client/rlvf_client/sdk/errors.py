"""What calls to the evaluator raise: the errors of `rlvf_api.errors`, which draws their tree.

Which status comes when is said in `rlvf/evaluator/v1/evaluator.proto`. The `__cause__` of an error
that a call brought is its grpc.RpcError.
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
    "ResourceExhausted",
    "Unauthenticated",
    "Unavailable",
]

EvaluatorError = RlvfError
"""Base of them all, under the name that the SDK gives it."""
