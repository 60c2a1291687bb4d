"""Translates exceptions of the training stack (torch, transformers, the system) to our errors."""

import errno
from collections.abc import Iterator
from socket import gaierror

from rlvf_api.errors import Internal, ResourceExhausted, RlvfError

_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "std::bad_alloc")
# How PyTorch's and safetensors' writers, which hide the errno, report a full disk.
_DISK = ("no space left", "pytorchstreamwriter failed", "enospc", "disk quota exceeded")


def resource_problem(error: BaseException) -> ResourceExhausted | None:
    """The error that says which resource is used up, or None when that is not what happened."""
    for current in _chain(error):
        text = str(current).lower()
        if isinstance(current, OSError) and current.errno in (errno.ENOSPC, errno.EDQUOT):
            return _disk(current)
        if isinstance(current, MemoryError) or any(mark in text for mark in _MEMORY):
            return ResourceExhausted(
                f"out of memory in training ({first_line(current)}); lower micro_batch_size or "
                "max_length, or use precision nf4; the same request goes on from the last "
                "checkpoint"
            )
        if any(mark in text for mark in _DISK):
            return _disk(current)
    return None


def is_network_problem(error: BaseException) -> bool:
    """Whether a server could not be reached: the system's own error is then somewhere in the chain
    of causes."""
    return any(
        isinstance(current, ConnectionError | TimeoutError | gaierror) for current in _chain(error)
    )


def is_peer_problem(error: BaseException) -> bool:
    """Whether another process of the job is gone. The reason is how that one ended, not this
    error."""
    return any(
        type(current).__name__ == "DistBackendError" or "gloo/transport" in str(current)
        for current in _chain(error)
    )


def job_error(error: Exception) -> RlvfError:
    """The error with which a job ends if `error` was raised while it trained."""
    if isinstance(error, RlvfError):
        return error
    return resource_problem(error) or Internal(
        f"defect in the training job ({first_line(error)}); its log has the traceback"
    )


def first_line(error: BaseException) -> str:
    """Kind and first line of an exception's message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _disk(error: BaseException) -> ResourceExhausted:
    return ResourceExhausted(
        f"the trainer's disk is full ({first_line(error)}); free some space or set "
        "RLVF_TRAINER_WORK_DIR; the same request goes on from the last checkpoint"
    )
