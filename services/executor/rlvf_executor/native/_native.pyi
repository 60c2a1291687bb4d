"""What Python lacks or does too slowly: see `native.h`."""

def address_of(data: bytes, /) -> int: ...
def make(calls: bytes, /) -> int: ...
def run(
    supervisor: int,
    own_pidfd: int,
    tell: int,
    first: int,
    end: int,
    has_init: bool,
    calls: bytes,
    /,
) -> bytes | tuple[int, float, int]: ...
def use_large_pages() -> bool: ...
