"""A program of our own that does what most programs do, to learn what that costs a child.

Standard library only.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator

from rlvf_executor import frames, messages, policy, wire
from rlvf_executor.files import memory_file

ENTRY_POINT = "f"
SOURCE = "def f(*a, **b):\n    return [*a, sorted(b)]\n"
CALL = (
    messages.CALL
    + messages.NUMBER.pack(messages.ENTRY_POINT)
    + wire.encode((([1, -2], "a b", 1.5), {"c": {1: (True, None)}}))
)


@contextlib.contextmanager
def waiting_program(start: Callable[[list[int]], None]) -> Iterator[None]:
    """Within it the program has answered a call and waits for the next; then it ends.

    `start` is given the descriptors of a candidate. Raises OSError or `frames.ChannelClosed` when
    the program does not answer.
    """
    ours, theirs = socket.socketpair()
    with contextlib.ExitStack() as stack:
        with contextlib.ExitStack() as files:
            stack.enter_context(ours)
            files.enter_context(theirs)
            payload = f"{ENTRY_POINT}\n{SOURCE}".encode()
            start([theirs.fileno(), memory_file(payload, files)])
        ours.settimeout(policy.START_SECONDS)
        frames.send(ours, CALL)
        answers = frames.Reader(ours, max_bytes=messages.MAX_MESSAGE_BYTES)
        for _ in (messages.READY, messages.VALUE):
            answers.receive()
        yield
