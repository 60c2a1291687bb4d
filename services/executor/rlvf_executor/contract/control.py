"""The socket between a supervisor and what runs in one of its jails. Standard library only.

SOCK_SEQPACKET: one packet is one message, descriptors travel beside it. To a zygote goes a `Job`
with descriptors, `KILL`, or `PIN`; from it come one `Ready` at the start and one `Ended` for each
job. To a worker go tests with descriptors, and from it come reports (`worker.py`). The end of the
socket ends either.
"""

import _socket
import os
import struct
from typing import NamedTuple, Self

# `socket` puts a class of Python's own around it, and brings other modules along: every program
# would pay for them, because what a zygote has imported is copied for each.
Socket = _socket.socket

KILL = b"K"
# With a file of address ranges (`hot_pages.py`); there is no answer.
PIN = b"H"
MAX_MESSAGE_BYTES = 1 << 16
_MAX_DESCRIPTORS = 8
_DESCRIPTOR = struct.Struct("=i")
_DESCRIPTORS_SPACE = _socket.CMSG_SPACE(_MAX_DESCRIPTORS * _DESCRIPTOR.size)

# Kinds of job, and the descriptors that come with each; what the child reads at its start is last.
CANDIDATE = b"C"  # channel, payload
JUDGE = b"J"  # channel, report, payload
PROGRAM = b"P"  # stdin, stdout, stderr, source
# A zygote keeps what is its own above: a job's descriptors arrive at the lowest free numbers, and
# that is where its child leaves them.
FIRST_DESCRIPTOR = 3

_JOB = struct.Struct("=cdqqq")
_ENDED = struct.Struct("=idq")


class Job(NamedTuple):
    """What to fork. Sizes in bytes, times in seconds.

    The limits become rlimits; `memory_bytes` and `processes` are None where a cgroup counts.
    """

    kind: bytes
    cpu_seconds: float
    disk_bytes: int
    memory_bytes: int | None
    processes: int | None

    def pack(self) -> bytes:
        """The job as one packet."""
        return _JOB.pack(*self[:3], *(-1 if one is None else one for one in self[3:]))

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """The job in a packet."""
        kind, cpu_seconds, disk_bytes, *counted = _JOB.unpack(data)
        return cls(kind, cpu_seconds, disk_bytes, *(None if one < 0 else one for one in counted))


class Ended(NamedTuple):
    """How a child ended.

    `error` is set when its confinement could not be built: then it ran nothing.
    """

    status: int
    cpu_seconds: float
    peak_memory_bytes: int
    error: str = ""

    def pack(self) -> bytes:
        """The end as one packet."""
        return _ENDED.pack(*self[:3]) + self.error.encode("utf-8", "replace")[:2000]

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """The end in a packet."""
        status, cpu_seconds, peak_memory_bytes = _ENDED.unpack_from(data)
        error = data[_ENDED.size :].decode("utf-8", "replace")
        return cls(status, cpu_seconds, peak_memory_bytes, error)


def send(channel: Socket, data: bytes, descriptors: list[int]) -> None:
    """Sends one message; the descriptors stay open here."""
    packed = b"".join(map(_DESCRIPTOR.pack, descriptors))
    channel.sendmsg([data], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)])


def receive(channel: Socket) -> tuple[bytes, list[int]]:
    """One message and its descriptors; empty at the end of the socket."""
    try:
        data, ancillary, _, _ = channel.recvmsg(
            MAX_MESSAGE_BYTES, _DESCRIPTORS_SPACE, _socket.MSG_CMSG_CLOEXEC
        )
    except ConnectionError:
        return b"", []
    descriptors = []
    for level, kind, payload in ancillary:
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
            whole = len(payload) // _DESCRIPTOR.size * _DESCRIPTOR.size
            descriptors += [one for (one,) in _DESCRIPTOR.iter_unpack(payload[:whole])]
    return data, descriptors


def channel_at(descriptor: int) -> Socket:
    """The stream socket between a judge and its candidate.

    What it is need not be asked of the kernel, which would cost each child pages.
    """
    return Socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, descriptor)


def read_file(descriptor: int) -> bytes:
    """The whole of a file without a name, wherever its position is; moves the position."""
    return os.pread(descriptor, os.lseek(descriptor, 0, os.SEEK_END), 0)
