"""The record of a run, `run.json` in its folder: what the report was made of, and the names of its
operations, also for a run that has no report yet.

`rlvf gc` keeps what the records of existing run folders name.
"""

import fcntl
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import FailedPrecondition

__all__ = ["RECORD_FILE", "FinishedRun", "RunRecord", "read_record", "working_on", "write_record"]

RECORD_FILE = "run.json"
_LOCK_FILE = ".lock"
_FORMAT = "rlvf.run.v1"


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has its report."""

    request: reporter_pb2.RenderReportRequest
    """The request for the report."""
    files: Mapping[str, str]
    """SHA-256 of the report's files, by name."""
    operations: tuple[str, ...]
    """Names of the operations that made what `request` names."""

    def require_files(self, folder: Path) -> None:
        """Raise FailedPrecondition unless the report's files are as they were written."""
        for name, sha256 in self.files.items():
            path = folder / name
            if not path.is_file():
                raise FailedPrecondition(f"{path} is missing; {_run_again(self.request)}")
            with path.open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != sha256:
                    raise FailedPrecondition(
                        f"{path} was changed after its run; {_run_again(self.request)}"
                    )


def _run_again(request: reporter_pb2.RenderReportRequest) -> str:
    return f"run the experiment {request.experiment} again; finished steps are not computed again"


@dataclass(slots=True)
class RunRecord:
    """The record of one run folder; every change is written at once, as a whole."""

    folder: Path
    finished: FinishedRun | None = None
    """The last run that reached its report."""
    unfinished: list[str] = field(default_factory=list)
    """Names of the operations of runs since then."""
    _used: list[str] = field(default_factory=list)

    @property
    def operations(self) -> set[str]:
        """All operations that the record names."""
        return {*self.unfinished, *(self.finished.operations if self.finished else ())}

    def use(self, operation: str) -> None:
        """Note that the run in progress needs an operation."""
        if operation not in self._used:
            self._used.append(operation)
        if operation not in self.unfinished:
            self.unfinished.append(operation)
            self._write()

    def finish(self, request: reporter_pb2.RenderReportRequest, files: Mapping[str, str]) -> None:
        """Note that the run has its report, with digests of its files."""
        self.finished = FinishedRun(request, dict(files), tuple(self._used))
        self.unfinished = []
        self._write()

    def _write(self) -> None:
        write_record(self.folder, self.finished, self.unfinished)


def write_record(
    folder: Path, finished: FinishedRun | None, unfinished: Sequence[str] = ()
) -> None:
    """Write the record of a run folder."""
    record = {
        "format": _FORMAT,
        "report": finished
        and {
            "files": dict(finished.files),
            "operations": list(finished.operations),
            "request": json_format.MessageToDict(finished.request),
        },
        "unfinished_operations": list(unfinished),
    }
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{RECORD_FILE}.{os.getpid()}"
    partial.write_text(json.dumps(record, indent=1) + "\n")
    partial.replace(folder / RECORD_FILE)


def read_record(folder: Path) -> RunRecord:
    """The record of a run folder; an empty one if there is none yet.

    Raises:
        FailedPrecondition: `run.json` is not a record.
    """
    path = folder / RECORD_FILE
    try:
        record: Any = json.loads(path.read_bytes())
    except FileNotFoundError:
        return RunRecord(folder)
    except (ValueError, RecursionError):
        record = None
    try:
        return _parse(folder, record)
    except (KeyError, TypeError, AttributeError, json_format.ParseError):
        raise FailedPrecondition(
            f"{path} is not a record of a run; remove it, and run the experiment again"
        ) from None


def _parse(folder: Path, record: Any) -> RunRecord:
    if record["format"] != _FORMAT:
        raise FailedPrecondition(
            f"{folder / RECORD_FILE} is of the format {record['format']}, not {_FORMAT}"
        )
    unfinished = [str(name) for name in record["unfinished_operations"]]
    report = record["report"]
    if report is None:
        return RunRecord(folder, unfinished=unfinished)
    request = json_format.ParseDict(
        report["request"], reporter_pb2.RenderReportRequest(), ignore_unknown_fields=True
    )
    files = {str(name): str(sha256) for name, sha256 in report["files"].items()}
    operations = tuple(str(name) for name in report["operations"])
    return RunRecord(folder, FinishedRun(request, files, operations), unfinished)


@contextmanager
def working_on(folder: Path, home: Path) -> Iterator[None]:
    """Keep other processes from working on an existing run folder, whatever their homes, while the
    block runs.

    Raises:
        FailedPrecondition: another process works on it; the message names that and its home.
    """
    with (folder / _LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise FailedPrecondition(
                f"{lock.read() or 'another process'} works on {folder}; wait for it, stop it, or "
                "give another folder with --out"
            ) from None
        except OSError:
            pass  # Some network file systems have no locks.
        lock.truncate(0)
        lock.write(f"process {os.getpid()} of {platform.node()}, with RLVF_HOME={home.absolute()},")
        lock.flush()
        try:
            yield
        finally:
            # The folder may be published.
            lock.truncate(0)
