"""The messages between the server and a slot's supervisor."""

import math
import os
import socket
from collections.abc import Iterator

import pytest

from rlvf_executor.contract import link
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.turns import Turns
from rlvf_executor.supervisor.inbox import Inbox
from rlvf_executor.supervisor.watch import Cancelled, Watch

JOB = Message(link.GRADE, {"limits": [1, 2.5]}, (b"source", b"", b"\0test"))
AHEAD = Message(link.EXECUTE, {"limits": []}, (b"other",))
CANCEL = Message(link.CANCEL, {"job": 1})


def test_a_message_arrives_whole_however_it_is_cut() -> None:
    packed = link.pack(JOB) + link.pack(CANCEL)
    data = bytearray()
    seen = []
    for byte in packed:
        data.append(byte)
        if (parsed := link.parse(data)) is not None:
            seen.append(parsed[0])
            del data[: parsed[1]]
    assert seen == [JOB, CANCEL]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's end of a socket, and the supervisor's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


class NoLimit:
    def seconds_to_look(self) -> float:
        return math.inf

    def look(self) -> None:
        pass


Ends = tuple[socket.socket, socket.socket]


def cancel(number: int) -> bytes:
    return link.pack(Message(link.CANCEL, {"job": number}))


def test_an_inbox_ends_with_its_socket(ends: Ends) -> None:
    ours, theirs = ends
    ours.sendall(link.pack(JOB) + link.pack(JOB)[:7])
    ours.close()
    inbox = Inbox(theirs)
    assert inbox.next_job() == JOB
    assert inbox.next_job() is None


def test_a_cancel_that_came_with_its_job_is_seen(ends: Ends) -> None:
    ours, theirs = ends
    inbox = Inbox(theirs)
    watch = Watch(theirs, inbox, Turns(None))
    ours.sendall(link.pack(JOB) + cancel(1))
    assert inbox.next_job() == JOB
    with pytest.raises(Cancelled):
        watch.until_done({ours.fileno(): lambda: True}, ())


def test_a_job_sent_ahead_is_kept_while_another_runs(ends: Ends) -> None:
    ours, theirs = ends
    inbox = Inbox(theirs)
    watch = Watch(theirs, inbox, Turns(None))
    ours.sendall(link.pack(JOB))
    assert inbox.next_job() == JOB
    ours.sendall(link.pack(AHEAD))
    read, write = os.pipe()
    os.write(write, b"ended")
    watch.until_done({read: lambda: not os.read(read, 5)}, (NoLimit(),))
    os.close(read)
    os.close(write)
    assert inbox.next_job() == AHEAD
    assert not inbox.cancelled


@pytest.mark.parametrize("number", [1, 2], ids=["the one that runs", "the one after it"])
def test_a_cancel_is_of_the_job_that_it_names(ends: Ends, number: int) -> None:
    ours, theirs = ends
    inbox = Inbox(theirs)
    ours.sendall(link.pack(JOB) + link.pack(AHEAD) + cancel(number))
    seen = []
    for _ in range(2):
        inbox.next_job()
        seen.append(inbox.cancelled)
    assert seen == [number == 1, number == 2]


def test_a_cancel_of_a_job_that_has_ended_is_nobody_elses(ends: Ends) -> None:
    ours, theirs = ends
    inbox = Inbox(theirs)
    ours.sendall(link.pack(JOB) + link.pack(JOB))
    inbox.next_job()
    inbox.next_job()
    ours.sendall(cancel(1))
    assert inbox.take_in()
    assert not inbox.cancelled
    ours.sendall(link.pack(JOB))
    inbox.next_job()
    assert not inbox.cancelled
