"""Has a fork copy the pages that parent and child will both write to, all at once.

Python writes to an object when it only looks at it (reference counts), so each child of a zygote
writes to the same three hundred pages. The kernel shares them until then, and each write is a page
fault in which one page is copied: a sixth of all CPU time of a small grading. It copies pages that
are pinned for a device at the fork itself, at half the price, and the zygote keeps its own, which
saves its faults too. So the supervisor looks which pages are written to (`written`), and the
zygote pins them (`pin`). All that changes is when a page is copied.

Pages are pinned as buffers that are registered with an io_uring (io_uring_register(2)) to which
nothing is ever submitted. Where there is none, where the pages may not be looked for, or where no
more memory may be locked (all processes of a user share one limit), forks are slower, and all else
is the same. No program can reach the ring: its descriptor is closed before, as all of the zygote's
are, and the calls are not on the list of those that a program may make.
"""

import os
import struct
from collections.abc import Iterator

from rlvf_executor.native import kernel

_REGISTER_BUFFERS = 0
_PARAMETERS_BYTES = 120  # struct io_uring_params
_VECTOR = struct.Struct("=QQ")  # struct iovec
_PAGE = os.sysconf("SC_PAGESIZE")
# The most that one ring takes (io_uring_register(2)).
_MOST_RANGES = 16384

# proc_pid_pagemap(5)
_ENTRY = struct.Struct("=Q")
_PRESENT, _OF_FILE, _EXCLUSIVE = 1 << 63, 1 << 61, 1 << 56

Ranges = list[tuple[int, int]]
"""Start addresses and lengths in bytes, ascending."""


def written(pid: int) -> Ranges:
    """The pages that a process with one waiting child shares with it no more.

    Either of them has written to these since the fork. Empty where this may not be looked at: where
    neither is the executor root nor the process in a user namespace of its own.
    """
    try:
        return _written(pid)
    except PermissionError:
        return []


def _written(pid: int) -> Ranges:
    ranges: Ranges = []
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        for start, end in _writable(pid):
            pagemap.seek(start // _PAGE * _ENTRY.size)
            entries = pagemap.read((end - start) // _PAGE * _ENTRY.size)
            for number, (entry,) in enumerate(_ENTRY.iter_unpack(entries)):
                if entry & _PRESENT and entry & _EXCLUSIVE and not entry & _OF_FILE:
                    address = start + number * _PAGE
                    if ranges and sum(ranges[-1]) == address:
                        ranges[-1] = (ranges[-1][0], ranges[-1][1] + _PAGE)
                    else:
                        ranges.append((address, _PAGE))
    return ranges


def _writable(pid: int) -> Iterator[tuple[int, int]]:
    """Address ranges of the private writable mappings of a process (proc_pid_maps(5))."""
    with open(f"/proc/{pid}/maps", "rb") as maps:
        for line in maps:
            addresses, permissions, *_ = line.split(maxsplit=2)
            if permissions.startswith(b"rw") and permissions.endswith(b"p"):
                start, end = (int(address, 16) for address in addresses.split(b"-"))
                yield start, end


def pack(ranges: Ranges) -> bytes:
    """As an array of struct iovec: what `pin` takes."""
    return b"".join(_VECTOR.pack(*one) for one in ranges[:_MOST_RANGES])


def pin(packed: bytes) -> int:
    """Pins pages of this process for as long as the descriptor that it returns is open.

    -1 where the kernel does not let it: then nothing has changed.
    """
    try:
        # The kernel writes to its parameters, which nobody else has and nobody reads.
        ring = kernel.call("io_uring_setup", 1, bytes(_PARAMETERS_BYTES))
    except OSError:
        return -1
    try:
        count = len(packed) // _VECTOR.size
        kernel.call("io_uring_register", ring, _REGISTER_BUFFERS, packed, count)
    except OSError:
        os.close(ring)
        return -1
    return ring
