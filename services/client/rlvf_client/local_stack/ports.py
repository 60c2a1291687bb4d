"""Reserves TCP ports for a local stack, from their choice until a service listens on them."""

import random
import socket
from pathlib import Path

__all__ = ["PortReservations", "free_port"]

_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_HIGHEST = 65_535
_MIN_CHOICE = 1_000
"""If fewer ports than this lie outside the range of outgoing connections, that range is used,
too."""


class PortReservations:
    """Reserved ports on the loopback interface: until `close`, no other `PortReservations` on this
    machine reserves them, and the kernel gives none of them to an outgoing connection."""

    def __init__(self) -> None:
        self._names: list[socket.socket] = []

    def reserve(self, *distances: int) -> int:
        """Reserve a free port, and those at these distances above it; return the lowest.

        Raises:
            OSError: no port is free.
        """
        ports = _usable_ports()
        in_order = sorted(ports)
        first = random.randrange(len(in_order))
        for port in (*in_order[first:], *in_order[:first]):
            wanted = [port, *(port + distance for distance in distances)]
            if ports.issuperset(wanted) and all(map(self._reserve, wanted)):
                return port
        raise OSError("no TCP port is free on the loopback interface")

    def close(self) -> None:
        """Release all of them."""
        for name in self._names:
            name.close()

    def _reserve(self, port: int) -> bool:
        # An abstract socket name belongs to a network namespace, as ports do, and ends with its
        # process.
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0rlvf-port-{port}")
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            return False
        self._names.append(name)
        return True


def free_port() -> int:
    """A free port, reserved while this process lives."""
    return _of_this_process.reserve()


def _usable_ports() -> set[int]:
    ports = set(range(_LOWEST, _HIGHEST + 1))
    first, last = map(int, _OUTGOING.read_text().split())
    outside = ports - set(range(first, last + 1))
    return outside if len(outside) >= _MIN_CHOICE else ports


_of_this_process = PortReservations()
