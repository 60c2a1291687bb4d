"""Samples, from records or from a file, with the SDK's errors; `rlvf_api.samples` has what
they look like."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rlvf_api.samples import SampleError, SampleRecord, Tasks, read
from rlvf_api.samples import read_file as _read_file
from rlvf_client.sdk.errors import InvalidArgument

__all__ = ["SampleRecord", "Tasks", "read_file", "read_records", "require_enough"]


def read_records(
    records: Iterable[Mapping[str, object]], tasks: Tasks | None = None
) -> Iterator[SampleRecord]:
    """Samples of records, as they are used.

    Raises:
        InvalidArgument: while iterating, for a record that is no sample of the tasks; names its
            place, from 0.
    """
    return _translated(read(records, tasks))


def read_file(path: Path, tasks: Tasks | None = None) -> Iterator[SampleRecord]:
    """Samples of a file, read as they are used.

    Raises:
        OSError: while iterating, when the file cannot be read.
        InvalidArgument: while iterating, for a line that is no sample of the tasks; names file and
            line.
    """
    return _translated(_read_file(path, tasks))


def require_enough(counts: Mapping[str, int], ks: Iterable[int]) -> None:
    """Raise InvalidArgument where a task has fewer samples, by `counts`, than a k of pass@k."""
    for k in ks:
        if k < 1:
            raise InvalidArgument(f"pass@{k} is not defined; ask for k from 1", field="k")
        for task_id, count in counts.items():
            if count < k:
                raise InvalidArgument(
                    f"pass@{k} needs {k} samples of every task, and {task_id} has {count}; ask for "
                    "a smaller k",
                    field="k",
                )


def _translated(records: Iterator[SampleRecord]) -> Iterator[SampleRecord]:
    try:
        yield from records
    except SampleError as error:
        raise InvalidArgument(error.problem, field=error.place) from None
