"""The record of a file in a report."""

from dataclasses import dataclass

__all__ = ["DataFile"]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file: its `kind`, the `name` of what it belongs to, its digest, its rows and bytes, and how
    to load it.

    `rows` is None where a file has none, or where they are not known. For an adapter, which is a
    directory, `size_bytes` is the sum over its files; None where it is not known.
    """

    kind: str
    name: str
    sha256: str
    rows: int | None
    size_bytes: int | None
    load: str
