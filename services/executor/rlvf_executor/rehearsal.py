"""A program of our own, run like every other, to see what a program costs.

Standard library only.
"""

import contextlib
import socket

from rlvf_executor import control, frames, hot_pages, messages, policy, wire
from rlvf_executor.files import memory_file

ENTRY_POINT = "f"
# A little of what most programs have: the pages that it writes to are theirs too.
SOURCE = '''
import math
from collections import defaultdict
from typing import List


class Box:
    def __init__(self, value: int = 0) -> None:
        self.value = value


def f(items: List[int], text: str, number: float, *more: object, **named: object) -> object:
    """Does a little of everything."""
    seen, counts = set(), {}
    for index, item in enumerate(items):
        if item not in seen and index >= 0:
            seen.add(item)
            counts[item] = counts.get(item, 0) + 1
    groups = defaultdict(list)
    for word in text.lower().split(" "):
        groups[len(word)].append(word[::-1])
    try:
        whole = int(number) // len(items) % 7 - max(items) * 2
    except ZeroDivisionError:
        whole = 0
    while whole > 3 or not items:
        whole -= 1
    pairs = sorted(zip(items, range(len(items))), key=lambda pair: (-pair[1], pair[0]))
    letters = "".join(letter for letter in text if letter.isalpha())
    label = f"{number:.2f} " + str(whole) + letters.replace("a", "b")
    total = sum(x * x for x in items) + math.sqrt(abs(number)) + Box(3).value
    return [items[:-1], label, round(total, 3), pairs, list(counts), dict(groups), named]
'''
CALL = (
    messages.CALL
    + messages.NUMBER.pack(messages.ENTRY_POINT)
    + wire.encode((([1, -2], "a b", 1.5, ()), {"c": {1: (True, None)}}))
)


class RehearsalFailed(Exception):
    """The program did not run; the message says why."""


def pin_hot_pages(zygote: socket.socket, pid: int) -> None:
    """Has a zygote run the program, and pin what both of them wrote to (`hot_pages.py`).

    Raises RehearsalFailed.
    """
    zygote.settimeout(policy.START_SECONDS)
    try:
        problem, pages = "", []
        try:
            pages = _pages_written(zygote, pid)
        except (frames.ChannelClosed, OSError) as error:
            problem = str(error)
        data = zygote.recv(control.MAX_MESSAGE_BYTES)
        if not data:
            raise RehearsalFailed("the zygote died")
        ended = control.Ended.unpack(data)
        problem = ended.error or problem
        if ended.status and not problem:
            problem = f"it ended with status {ended.status}"
        if problem:
            raise RehearsalFailed(problem)
        if pages:
            with contextlib.ExitStack() as files:
                file = memory_file(hot_pages.pack(pages), files)
                control.send(zygote, control.PIN, [file])
    except OSError as error:
        raise RehearsalFailed(str(error)) from None
    finally:
        zygote.settimeout(None)


def _pages_written(zygote: socket.socket, pid: int) -> hot_pages.Ranges:
    """What is written to until the program has answered a call and waits for the next."""
    limits = policy.DEFAULT_LIMITS
    job = control.Job(control.CANDIDATE, limits.cpu_seconds, limits.disk_bytes, None, None)
    ours, theirs = socket.socketpair()
    with ours:
        with theirs, contextlib.ExitStack() as files:
            source = memory_file(f"{ENTRY_POINT}\n{SOURCE}".encode(), files)
            control.send(zygote, job.pack(), [theirs.fileno(), source])
        ours.settimeout(policy.START_SECONDS)
        frames.send(ours, CALL)
        answers = frames.Reader(ours, max_bytes=messages.MAX_MESSAGE_BYTES)
        for _ in (messages.READY, messages.VALUE):
            answers.receive()
        return hot_pages.written(pid)
