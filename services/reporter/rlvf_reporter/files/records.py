"""The files of an experiment, as records of a report."""

from dataclasses import dataclass

__all__ = ["DataFile"]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file: what `kind` it is, of what (`name`), its digest, its rows and bytes, and how to load
    it.

    `rows` is None where a file has none, or where they are not known. Of an adapter, which is a
    directory, `size_bytes` are those of its files, and None where they are not known.
    """

    kind: str
    name: str
    sha256: str
    rows: int | None
    size_bytes: int | None
    load: str
