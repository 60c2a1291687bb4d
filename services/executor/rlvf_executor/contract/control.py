"""The socket between a supervisor and a zygote or worker in its jail. Standard library only.

SOCK_SEQPACKET: one packet is one message, which can carry descriptors. The supervisor sends a
zygote a `Job` with descriptors, `KILL` or `PIN`; the zygote sends one `Ready` at the start and one
`Ended` for each job. The supervisor sends a worker tests with descriptors; the worker sends reports
(`worker.py`). Both exit when the socket is closed.
"""

import _socket
import os
import struct
from typing import NamedTuple, Self

# Not `socket.socket`: the module `socket` imports others, and every program would pay for them,
# because each fork copies what the zygote has imported.
Socket = _socket.socket

KILL = b"K"
# Comes with a file of address ranges (`hot_pages.py`) and has no answer.
PIN = b"H"
MAX_MESSAGE_BYTES = 1 << 16
_MAX_DESCRIPTORS = 8
_DESCRIPTOR = struct.Struct("=i")
_DESCRIPTORS_SPACE = _socket.CMSG_SPACE(_MAX_DESCRIPTORS * _DESCRIPTOR.size)

# Kinds of job, with their descriptors. The child reads the last one at its start.
CANDIDATE = b"C"  # channel, payload
JUDGE = b"J"  # channel, report, payload
PROGRAM = b"P"  # stdin, stdout, stderr, source
# A job's descriptors arrive at the lowest free numbers and stay there in the child; a zygote keeps
# its own above them.
FIRST_DESCRIPTOR = 3

_JOB = struct.Struct("=cdqqq")
_ENDED = struct.Struct("=idq")


class Job(NamedTuple):
    """What to fork. Sizes in bytes, times in seconds.

    The limits become rlimits; `memory_bytes` and `processes` are None where a cgroup limits them.
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

    `error` is set when the child could not be confined; it then ran nothing.
    """

    status: int
    cpu_seconds: float
    peak_memory_bytes: int
    error: str = ""

    def pack(self) -> bytes:
        """The message as one packet."""
        return _ENDED.pack(*self[:3]) + self.error.encode("utf-8", "replace")[:2000]

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """The message in a packet."""
        status, cpu_seconds, peak_memory_bytes = _ENDED.unpack_from(data)
        error = data[_ENDED.size :].decode("utf-8", "replace")
        return cls(status, cpu_seconds, peak_memory_bytes, error)


def send(channel: Socket, data: bytes, descriptors: list[int]) -> None:
    """Sends one message; the descriptors stay open in this process."""
    packed = b"".join(map(_DESCRIPTOR.pack, descriptors))
    channel.sendmsg([data], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)])


def receive(channel: Socket) -> tuple[bytes, list[int]]:
    """One message and its descriptors; empty when the socket is closed."""
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

    Family and type are given, because asking the kernel for them would cost each child pages.
    """
    return Socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, descriptor)


def read_file(descriptor: int) -> bytes:
    """The whole content of a file without a name; moves its position to the end."""
    return os.pread(descriptor, os.lseek(descriptor, 0, os.SEEK_END), 0)
