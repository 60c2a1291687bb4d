"""Puts the interpreter's code on large pages, once, in a process that will fork many children.

What it gains: code that is mapped from a file is not handed on by a fork. Each child met some forty
page faults on its way through the interpreter, and gave back some seven hundred pages at its end:
0.25 of 3 ms of a small program's CPU time. A large page is handed on, and given back, as one entry.

Why it is safe: the bytes are the same, at the same addresses, and nobody can write to them. The
constants beside the code become executable too, which gives a program nothing: it may map memory of
its own as executable. Where anything is not as expected, nothing is changed.
"""

import ctypes
import platform
import resource
import struct
from collections.abc import Iterator

_LARGE, _SMALL = 2 << 20, 4096
_READ, _WRITE, _EXECUTE = 1, 2, 4
_MAP_PRIVATE_ANONYMOUS = 0x22
_MREMAP_MAYMOVE_FIXED = 3
_MADV_HUGEPAGE = 14
_FAILED = ctypes.c_void_p(-1).value
_LOAD, _SEGMENT_WRITABLE = 1, 2

_libc = ctypes.PyDLL(None, use_errno=True)
_libc.mmap.restype = _libc.mremap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.madvise.argtypes = _libc.mprotect.argtypes = [*_libc.munmap.argtypes, ctypes.c_int]
_libc.mremap.argtypes = [ctypes.c_void_p, *[ctypes.c_size_t] * 2, ctypes.c_int, ctypes.c_void_p]


class _Library(ctypes.Structure):
    """Dl_info of dladdr(3)."""

    _fields_ = (
        ("path", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("symbol", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def use_for_code() -> bool:
    """Moves the interpreter's code; False where it stayed as it was.

    For a process with one thread, on x86-64: it was tried on no other machine.
    """
    if platform.machine() != "x86_64":
        return False
    moved = False
    for start, end in _code_of_interpreter():
        first = -(-start // _LARGE) * _LARGE
        size = end // _LARGE * _LARGE - first
        moved = (size > 0 and _move(first, size)) or moved
    return moved


def _code_of_interpreter() -> Iterator[tuple[int, int]]:
    """Address ranges of read-only segments without gaps: code, and constants around it (elf(5))."""
    library = _Library()
    symbol = ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p)
    if not _libc.dladdr(symbol, ctypes.byref(library)) or library.base is None:
        return
    header = ctypes.string_at(library.base, 64)
    if header[:6] != b"\x7fELF\x02\x01":
        return
    (kind,) = struct.unpack_from("<H", header, 16)
    (table,) = struct.unpack_from("<Q", header, 32)
    entry_bytes, count = struct.unpack_from("<HH", header, 54)
    moved_by = library.base if kind == 3 else 0  # ET_DYN; an ET_EXEC names its addresses itself.
    start = end = 0
    for index in range(count):
        entry = ctypes.string_at(library.base + table + index * entry_bytes, 56)
        kind, flags, _, address, _, _, size, _ = struct.unpack("<IIQQQQQQ", entry)
        if kind != _LOAD or flags & _SEGMENT_WRITABLE:
            continue
        first = (moved_by + address) & -_SMALL
        last = (moved_by + address + size + _SMALL - 1) & -_SMALL
        if first != end:
            if end:
                yield start, end
            start = first
        end = last
    if end:
        yield start, end


def _move(start: int, size: int) -> bool:
    """Replaces a range by a copy of itself on large pages, in one step."""
    room = _libc.mmap(None, size + _LARGE, _READ | _WRITE, _MAP_PRIVATE_ANONYMOUS, -1, 0)
    if room == _FAILED:
        return False
    copy = -(-room // _LARGE) * _LARGE
    for unused, end in ((room, copy), (copy + size, room + size + _LARGE)):
        if end > unused:
            _libc.munmap(unused, end - unused)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    moved = False
    if not _libc.madvise(copy, size, _MADV_HUGEPAGE):
        ctypes.memmove(copy, start, size)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
        # Where the kernel gave none, each small page was a fault, and a fork would be dearer.
        moved = (
            faults < size // _SMALL // 2
            and not _libc.mprotect(copy, size, _READ | _EXECUTE)
            and _libc.mremap(copy, size, size, _MREMAP_MAYMOVE_FIXED, start) == start
        )
    if not moved:
        _libc.munmap(copy, size)
    return moved
