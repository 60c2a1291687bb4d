"""What a person is told when the training stack fails."""

import errno
from socket import gaierror

import pytest

from rlvf_api.errors import FailedPrecondition, Internal, ResourceExhausted
from rlvf_trainer.job.errors import is_network_problem, is_peer_problem, job_error


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


@pytest.mark.parametrize(
    "reason", [ConnectionRefusedError(), TimeoutError(), gaierror("Name or service not known")]
)
def test_a_server_that_is_away_is_found_behind_other_errors(reason: Exception) -> None:
    error = OSError("We couldn't connect to 'https://huggingface.co'")
    error.__cause__ = FileNotFoundError("not in the cache")
    error.__cause__.__context__ = reason
    assert is_network_problem(error)


def test_a_missing_file_is_no_matter_of_the_network() -> None:
    assert not is_network_problem(FileNotFoundError("config.json"))


def test_our_own_errors_pass_as_they_are() -> None:
    error = FailedPrecondition("the set of pairs is empty")
    assert job_error(error) is error


def test_a_defect_is_one_line() -> None:
    told = job_error(KeyError("labels\nmore\nlines"))
    assert isinstance(told, Internal)
    assert "\n" not in str(told)


def test_the_end_of_another_process_is_no_defect_of_this_one() -> None:
    reset = RuntimeError("[/x/gloo/transport/tcp/pair.cc:537] Read error: Connection reset by peer")
    assert is_peer_problem(reset)
    assert not is_peer_problem(RuntimeError("shapes do not match"))
