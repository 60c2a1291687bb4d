"""Messages between the server and a slot's supervisor: a JSON header and any number of byte
strings.

The server may send a job before the previous one has ended. Jobs are answered in the order in which
they were sent. Both sides number them from 1; a `CANCEL` gives the number of the job.

A message is: the length of the header (4 bytes, big-endian), the header, then the byte strings; the
header's last item lists their lengths.
"""

import json
import struct
from typing import NamedTuple

_LENGTH = struct.Struct(">I")

# Kinds of message, the header's first item.
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


def parse(data: bytearray) -> tuple[Message, int] | None:
    """The first message in the received data, and its size; None while it is incomplete."""
    if len(data) < _LENGTH.size:
        return None
    start = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    if len(data) < start:
        return None
    kind, values, sizes = json.loads(data[_LENGTH.size : start])
    if len(data) < start + sum(sizes):
        return None
    blobs = []
    for size in sizes:
        blobs.append(bytes(data[start : start + size]))
        start += size
    return Message(kind, values, tuple(blobs)), start
