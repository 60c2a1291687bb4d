"""On whose behalf a call is made is passed on from service to service."""

from contextvars import copy_context

import pytest
from grpc.aio import ClientCallDetails, Metadata

from rlvf_common.rpc.call_policy import _host
from rlvf_common.rpc.channels import CALLER_KEY, _PassOn
from rlvf_common.rpc.context import caller


def callers_of(metadata: Metadata | None) -> list[object]:
    """The callers that a call made now, with this metadata, would name."""
    # gRPC gives bytes, whatever its stubs say.
    method = b"/service/Method"
    details = ClientCallDetails(method, 1.0, metadata, None, None)  # type: ignore[arg-type]
    sent = _PassOn("").details(details).metadata
    assert sent is not None
    return list(sent.get_all(CALLER_KEY))


def test_a_call_made_while_serving_names_the_one_that_is_served() -> None:
    def serve() -> list[object]:
        caller.set("team-a")
        return callers_of(None)

    assert copy_context().run(serve) == ["team-a"]


def test_a_call_outside_of_a_call_names_nobody() -> None:
    assert callers_of(None) == []


def test_a_caller_named_for_one_call_stays() -> None:
    def serve() -> list[object]:
        caller.set("team-a")
        return callers_of(Metadata((CALLER_KEY, "team-b")))

    assert copy_context().run(serve) == ["team-b"]


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        ("ipv4:10.0.0.7:40112", "10.0.0.7"),
        ("ipv6:%5B::1%5D:40112", "%5B::1%5D"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_every_connection_of_a_host_is_one_caller(peer: str, host: str) -> None:
    assert _host(peer) == host
