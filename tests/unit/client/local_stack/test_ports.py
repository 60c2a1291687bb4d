"""Ports that a stack chooses stay its own until its services listen on them."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlvf_client.local_stack import ports
from rlvf_client.local_stack.ports import PortReservations


@pytest.fixture
def reservations() -> Iterator[PortReservations]:
    made = PortReservations()
    yield made
    made.close()


def only(*numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other ports than these may be chosen."""
    monkeypatch.setattr(ports, "_usable_ports", lambda: set(numbers))


def outgoing(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """What may be chosen where outgoing connections take this range."""
    (folder / "range").write_text(text)
    monkeypatch.setattr(ports, "_OUTGOING", folder / "range")
    return ports._usable_ports()


def test_a_reserved_port_is_given_to_nobody_else_before_it_is_closed(
    reservations: PortReservations, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = reservations.reserve()
    only(port, monkeypatch=monkeypatch)
    other = PortReservations()
    with pytest.raises(OSError, match="no TCP port is free"):
        other.reserve()
    reservations.close()
    assert other.reserve() == port
    other.close()


def test_a_port_that_somebody_listens_on_is_not_given(
    reservations: PortReservations, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        only(server.getsockname()[1], monkeypatch=monkeypatch)
        with pytest.raises(OSError, match="no TCP port is free"):
            reservations.reserve()


def test_a_port_at_a_distance_is_reserved_as_well(
    reservations: PortReservations, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = reservations.reserve(10)
    only(port + 10, monkeypatch=monkeypatch)
    with pytest.raises(OSError, match="no TCP port is free"):
        reservations.reserve()


def test_no_port_of_outgoing_connections_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usable = outgoing("32768\t60999\n", tmp_path, monkeypatch)
    assert {32767, 61000} <= usable
    assert usable.isdisjoint(range(32768, 61000))


def test_ports_are_chosen_where_outgoing_connections_take_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 40_000 in outgoing("1024 65535", tmp_path, monkeypatch)
