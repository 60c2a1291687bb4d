"""Messages between the server and a slot's supervisor: a JSON header and any number of byte
strings.

A message is: the length of the header (4 bytes, big-endian), the header, the byte strings one after
another; the header's last item lists their lengths.
"""

import json
import socket
import struct
from typing import NamedTuple

_LENGTH = struct.Struct(">I")

# The header's first item: what a message is.
EXECUTE = "execute"
GRADE = "grade"
GRADE_STREAMS = "grade_streams"
CANCEL = "cancel"
READY = "ready"
EXECUTED = "executed"
GRADED = "graded"
CANCELLED = "cancelled"
BAD_TEST = "bad_test"
TEST_MISBEHAVED = "test_misbehaved"
UNAVAILABLE = "unavailable"


class Message(NamedTuple):
    """`kind` is one of the constants above, `values` JSON values, `blobs` raw bytes."""

    kind: str
    values: dict[str, object]
    blobs: tuple[bytes, ...] = ()


def pack(message: Message) -> bytes:
    """Encodes a message."""
    header = json.dumps(
        [message.kind, message.values, [len(blob) for blob in message.blobs]]
    ).encode()
    return b"".join((_LENGTH.pack(len(header)), header, *message.blobs))


def header_size(prefix: bytes) -> int:
    """The size of the header, from a message's first four bytes."""
    size: int = _LENGTH.unpack(prefix)[0]
    return size


def parse_header(header: bytes) -> tuple[str, dict[str, object], list[int]]:
    """Decodes a header: kind, values and the lengths of the byte strings."""
    kind, values, sizes = json.loads(header)
    return kind, values, sizes


def receive(channel: socket.socket) -> Message | None:
    """Reads one message from a blocking socket; None at its end."""
    prefix = _exactly(channel, 4)
    if prefix is None:
        return None
    header = _exactly(channel, header_size(prefix))
    if header is None:
        return None
    kind, values, sizes = parse_header(header)
    blobs = []
    for size in sizes:
        blob = _exactly(channel, size)
        if blob is None:
            return None
        blobs.append(blob)
    return Message(kind, values, tuple(blobs))


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        try:
            data = channel.recv(min(size - len(parts), 1 << 20))
        except ConnectionError:
            return None
        if not data:
            return None
        parts += data
    return bytes(parts)
