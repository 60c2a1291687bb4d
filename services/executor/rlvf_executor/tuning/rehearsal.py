"""Has a zygote run `sample_program.py` and pin the pages that this writes to.

Standard library only.
"""

import contextlib
import socket

from rlvf_executor.contract import control, frames, messages, policy
from rlvf_executor.contract.memory_files import memory_file
from rlvf_executor.tuning import hot_pages, sample_program


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
            source = memory_file(
                f"{sample_program.ENTRY_POINT}\n{sample_program.SOURCE}".encode(), files
            )
            control.send(zygote, job.pack(), [theirs.fileno(), source])
        ours.settimeout(policy.START_SECONDS)
        frames.send(ours, sample_program.CALL)
        answers = frames.Reader(ours)
        for _ in (messages.READY, messages.VALUE):
            answers.receive(messages.MAX_MESSAGE_BYTES)
        return hot_pages.written(pid)
