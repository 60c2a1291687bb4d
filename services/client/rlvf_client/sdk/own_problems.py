"""Reads the own problems that a caller gives."""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from rlvf_client.sdk.errors import InvalidArgument

__all__ = ["Problems", "problem_lines"]

Problems: TypeAlias = Iterable[Mapping[str, object]] | PathLike[str]
"""Problem records, as the evaluator's BENCHMARKS.md describes them, or the path of a JSON Lines
file of them, plain or gzip."""

_GZIP = b"\x1f\x8b"


def problem_lines(problems: Problems) -> bytes:
    """The records as JSON Lines; the service checks them.

    Raises:
        OSError: the file cannot be read.
        InvalidArgument: there are none, the file is broken gzip data, or a record cannot be
            written as JSON; its field is `problems[INDEX]`.
    """
    if isinstance(problems, PathLike):
        data = Path(problems).read_bytes()
        try:
            return gzip.decompress(data) if data.startswith(_GZIP) else data
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InvalidArgument("problems", f"{problems}: broken gzip data: {error}") from None
    if isinstance(problems, Mapping):
        raise InvalidArgument("problems", "are a single record; put it into a list")
    lines = []
    for index, record in enumerate(problems):
        try:
            lines.append(json.dumps(dict(record)) + "\n")
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidArgument(f"problems[{index}]", f"is no record: {error}") from None
    if not lines:
        raise InvalidArgument("problems", "is empty")
    return "".join(lines).encode()
