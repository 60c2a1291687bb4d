"""Makes a local job end with the trainer that launched it."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when process `parent`, which must be its parent, ends
    (prctl(2)).

    Raises:
        OSError: the kernel refused.
        SystemExit: the parent is gone already.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        raise SystemExit("the trainer that launched this job is gone")
