"""Errors survive the way through a gRPC status."""

from datetime import timedelta

import grpc
import pytest
from google.rpc import error_details_pb2

from rlvf_common.rpc.errors import (
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
    from_status,
    to_status,
)


@pytest.mark.parametrize(
    "kind",
    [AlreadyExists, Cancelled, DeadlineExceeded, FailedPrecondition, NotFound, Unauthenticated],
)
def test_kind_and_message_survive(kind: type[RlvfError]) -> None:
    back = from_status(to_status(kind("what was wrong")))
    assert type(back) is kind
    assert str(back) == "what was wrong"


def test_an_invalid_field_survives() -> None:
    status = to_status(InvalidArgument("sampling.temperature", "must not be negative"))
    detail = error_details_pb2.BadRequest()
    assert status.details[0].Unpack(detail)
    assert detail.field_violations[0].field == "sampling.temperature"
    back = from_status(status)
    assert isinstance(back, InvalidArgument)
    assert (back.field, back.problem) == ("sampling.temperature", "must not be negative")


@pytest.mark.parametrize("kind", [ResourceExhausted, Unavailable])
def test_the_time_to_wait_survives(kind: type[ResourceExhausted] | type[Unavailable]) -> None:
    back = from_status(to_status(kind("busy", timedelta(seconds=2.5))))
    assert isinstance(back, kind)
    assert back.retry_after == timedelta(seconds=2.5)


def test_an_unknown_code_is_a_defect_elsewhere() -> None:
    status = to_status(NotFound("x"))
    status.code = grpc.StatusCode.DATA_LOSS.value[0]
    assert isinstance(from_status(status), Internal)
