"""Makes a zygote cheaper to fork, before its first job. Runs in zygotes; standard library only."""

import _socket
import contextlib
from collections.abc import Callable

from rlvf_executor.contract import control, frames
from rlvf_executor.native import _native
from rlvf_executor.tuning import sample_program

# Python specialises an instruction when it has run this often.
_CALLS = 16


def warm_up(serve: Callable[[str, str, control.Socket], None]) -> None:
    """Does here, on a program of our own, what every child will do; `serve` is a candidate's.

    Python writes down what it learns from running code (type lookups, specialised instructions),
    and a child would copy each page that it writes to.
    """
    ours, theirs = _socket.socketpair()
    for _ in range(_CALLS):
        frames.send(ours, sample_program.CALL)
    ours.shutdown(_socket.SHUT_WR)
    serve(sample_program.SOURCE, sample_program.ENTRY_POINT, theirs)
    for _ in range(_CALLS):
        with contextlib.suppress(ValueError):
            serve("0 = 1", "f", theirs)
        control.Ended(0, 0.0, 0).pack()
    ours.close()
    theirs.close()


def use_large_pages() -> None:
    """Puts the interpreter's code on large pages where the kernel has them."""
    _native.use_large_pages()
