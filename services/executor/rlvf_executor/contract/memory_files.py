"""Files in memory without a name, to pass bytes between processes. Standard library only."""

import contextlib
import fcntl
import os

_ALL_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


def memory_file(data: bytes, stack: contextlib.ExitStack, *, for_program: bool = False) -> int:
    """The descriptor of a new file that holds `data`; `stack` closes it.

    With `for_program` the file is sealed, because an untrusted program gets it.
    """
    descriptor = os.memfd_create("rlvf", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    stack.callback(os.close, descriptor)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    if for_program:
        os.lseek(descriptor, 0, os.SEEK_SET)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _ALL_SEALS)
    return descriptor
