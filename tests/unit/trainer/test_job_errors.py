"""What a person is told when the training stack fails."""

import errno

import pytest

from rlvf_common.errors import FailedPrecondition, Internal, ResourceExhausted
from rlvf_trainer.job.errors import job_error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 8 bytes"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    ],
)
def test_used_up_memory_is_named_and_resumable(error: Exception) -> None:
    told = job_error(error)
    assert isinstance(told, ResourceExhausted)
    assert "out of memory" in str(told)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("PytorchStreamWriter failed writing file data/7: file write failed"),
        RuntimeError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_named_and_resumable(error: Exception) -> None:
    told = job_error(error)
    assert isinstance(told, ResourceExhausted)
    assert "disk is full" in str(told)


def test_a_full_disk_is_found_behind_another_error() -> None:
    error = ValueError("cannot save")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert isinstance(job_error(error), ResourceExhausted)


def test_our_own_errors_pass_as_they_are() -> None:
    error = FailedPrecondition("the set of pairs is empty")
    assert job_error(error) is error


def test_a_defect_is_one_line() -> None:
    told = job_error(KeyError("labels\nmore\nlines"))
    assert isinstance(told, Internal)
    assert "\n" not in str(told)
