"""The errors of RLVF, as services import them; they are declared in `rlvf_api.errors`."""

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
    from_rpc_error,
    from_status,
    to_status,
)

__all__ = [
    "Aborted",
    "AlreadyExists",
    "Cancelled",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NotFound",
    "ResourceExhausted",
    "RlvfError",
    "Unauthenticated",
    "Unavailable",
    "from_rpc_error",
    "from_status",
    "to_status",
]
