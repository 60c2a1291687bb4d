"""The messages between the server and a slot's supervisor."""

import socket

import pytest

from rlvf_executor import link
from rlvf_executor.link import Message
from rlvf_executor.turns import Turns
from rlvf_executor.watch import Cancelled, Watch

JOB = Message(link.GRADE, {"limits": [1, 2.5]}, (b"source", b"", b"\0test"))


def test_a_message_arrives_whole_however_it_is_cut() -> None:
    packed = link.pack(JOB) + link.pack(Message(link.CANCEL, {}))
    data = bytearray()
    seen = []
    for byte in packed:
        data.append(byte)
        if (parsed := link.parse(data)) is not None:
            seen.append(parsed[0])
            del data[: parsed[1]]
    assert seen == [JOB, Message(link.CANCEL, {})]


def test_a_reader_ends_with_its_socket() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(link.pack(JOB) + link.pack(JOB)[:7])
        reader = link.Reader(ours)
        assert reader.receive() == JOB
        assert reader.receive() is None


def test_a_cancel_that_came_with_its_job_is_seen() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = link.Reader(ours)
        watch = Watch(ours, reader, Turns(None))
        theirs.sendall(link.pack(JOB) + link.pack(Message(link.CANCEL, {})))
        assert reader.receive() == JOB
        with pytest.raises(Cancelled):
            watch.until_done({theirs.fileno(): lambda: True}, ())
