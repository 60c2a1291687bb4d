"""Tests to judge by, and candidates to be judged, over a socket pair and without a jail."""

import socket
import threading

from rlvf_executor.contract import test_payload
from rlvf_executor.contract.report import Report
from rlvf_executor.contract.rules import Rule
from rlvf_executor.jail import candidate
from rlvf_executor.judge import judging


def check(source: str, support: str = "") -> bytes:
    """A test that defines `check`."""
    return test_payload.encode(
        "check_function", entry_point="f", source=source, support_source=support
    )


def asserts(*assertions: str, setup: str = "", entry_point: str = "") -> bytes:
    """A list of assertions."""
    return test_payload.encode(
        "assert_list", entry_point=entry_point, setup_source=setup, assertions=assertions
    )


def cases(*pairs: tuple[str, str], rule: Rule | None = None, oracle: str = "") -> bytes:
    """Inputs with expected values."""
    return test_payload.encode(
        "cases",
        entry_point="f",
        inputs=[one for one, _ in pairs],
        expected=[other for _, other in pairs],
        encoded_expected=None,
        rule=rule or Rule(),
        oracle_source=oracle,
    )


def graded(source: str, payload: bytes, entry_point: str = "f") -> Report:
    """The report on a real candidate."""
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=serve, args=(source, entry_point, theirs))
    thread.start()
    reports: list[Report] = []
    with ours:
        judging.run(payload, ours, reports.append)
    thread.join(10)
    assert not thread.is_alive()
    return reports[-1]


def serve(source: str, entry_point: str, channel: socket.socket) -> None:
    """Runs a candidate until its judge hangs up."""
    with channel:
        candidate.serve(source, entry_point, channel)


def scripted(payload: bytes, *messages: bytes) -> Report:
    """The report on a candidate that sends these messages at once and then hangs up."""
    ours, theirs = socket.socketpair()
    for message in messages:
        theirs.sendall(len(message).to_bytes(4, "big") + message)
    theirs.shutdown(socket.SHUT_WR)
    reports: list[Report] = []
    with ours, theirs:
        judging.run(payload, ours, reports.append)
    return reports[-1]
