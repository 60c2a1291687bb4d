"""Errors survive the way through a gRPC status and through a call."""

from datetime import timedelta

import grpc
import pytest
from google.rpc import error_details_pb2

from rlvf_api import errors
from rlvf_api.errors import (
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
from rlvf_client import EvaluatorError
from rlvf_client.sdk import errors as sdk_errors


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
    assert (back.field, back.message) == ("sampling.temperature", "must not be negative")


@pytest.mark.parametrize("kind", [ResourceExhausted, Unavailable])
def test_the_time_to_wait_survives(kind: type[ResourceExhausted] | type[Unavailable]) -> None:
    back = from_status(to_status(kind("busy", timedelta(seconds=2.5))))
    assert isinstance(back, kind)
    assert back.retry_after == timedelta(seconds=2.5)


def test_an_unknown_code_is_a_defect_elsewhere() -> None:
    status = to_status(NotFound("x"))
    status.code = grpc.StatusCode.DATA_LOSS.value[0]
    assert isinstance(from_status(status), Internal)


@pytest.mark.parametrize("kind", [ResourceExhausted, Unavailable])
def test_no_time_to_wait_is_made_up(kind: type[ResourceExhausted] | type[Unavailable]) -> None:
    back = from_status(to_status(kind("busy", None)))
    assert isinstance(back, kind)
    assert back.retry_after is None


def test_an_invalid_request_without_a_field_is_told_as_it_came() -> None:
    status = to_status(NotFound("the body is no protobuf"))
    status.code = grpc.StatusCode.INVALID_ARGUMENT.value[0]
    back = from_status(status)
    assert isinstance(back, InvalidArgument)
    assert (back.field, str(back)) == ("", "the body is no protobuf")


def test_a_failed_call_is_the_error_that_the_service_raised() -> None:
    status = to_status(InvalidArgument("k", "must be from 1")).SerializeToString()
    details = grpc.aio.Metadata(("grpc-status-details-bin", status))
    failed = grpc.aio.AioRpcError(
        grpc.StatusCode.INVALID_ARGUMENT, grpc.aio.Metadata(), details, "k: must be from 1"
    )
    back = from_rpc_error(failed)
    assert isinstance(back, InvalidArgument)
    assert (back.field, back.message) == ("k", "must be from 1")


def test_a_call_that_gave_no_details_is_told_by_its_code() -> None:
    nothing = grpc.aio.Metadata()
    failed = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, nothing, nothing)
    back = from_rpc_error(failed)
    assert isinstance(back, Unavailable)
    assert str(back) == "UNAVAILABLE"


def test_the_sdk_and_the_services_raise_the_same_errors() -> None:
    for name in sdk_errors.__all__:
        kind = getattr(sdk_errors, name)
        assert issubclass(kind, RlvfError)
        assert kind is (RlvfError if name == "EvaluatorError" else getattr(errors, name))
    assert EvaluatorError is RlvfError
