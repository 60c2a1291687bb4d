"""The state files and logs of long commands, which other terminals read (`rlvf ls`, `rlvf logs`).

    HOME/activities/NAME-DIGEST.json    an `Activity`, replaced as a whole
    HOME/activities/NAME-DIGEST.log     what the command reported, each line with its time

NAME is that of the experiment, or of the result file; DIGEST is of the kind of command and of where
its output goes, so that the same command, run again, continues the same files.
"""

import asyncio
import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from rlvf_api.errors import FailedPrecondition
from rlvf_client.progress.pace import StageState

__all__ = ["Activity", "Recorder", "Status", "activities", "recorded"]

Kind = Literal["run", "evaluate", "score"]
Status = Literal["running", "done", "failed", "interrupted"]

_FOLDER = "activities"
# Scoring makes thousands of updates a second.
_WRITE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Activity:
    """The state of a long command."""

    kind: Kind
    name: str
    command: str
    """As it was typed; the same command continues it."""
    folder: str
    """Its working directory."""
    out: str
    """Absolute path of its output."""
    log: str
    """Path of its log."""
    pid: int
    process_start: int
    """When its process started, in clock ticks since the machine did: process ids are reused."""
    started: str
    """ISO 8601 in UTC, like all times here."""
    updated: str
    status: Status = "running"
    message: str = ""
    """The result in a line, or why it ended."""
    stage: StageState | None = None
    """The stage at work, or the last one."""
    stages_done: int = 0

    @property
    def path(self) -> Path:
        """Path of its state file."""
        return Path(self.log).with_suffix(".json")

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read a state file; None if it is missing, or of another version. An activity whose
        process has died is `interrupted`."""
        try:
            record = json.loads(path.read_bytes())
            stage = record.pop("stage")
            found = cls(**record, stage=None if stage is None else StageState(**stage))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        if found.status == "running" and _process_start(found.pid) != found.process_start:
            return replace(found, status="interrupted", message="its process has died")
        return found

    def write(self) -> None:
        """Replace its state file atomically. Raises OSError."""
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self)))
        partial.replace(self.path)


def activities(home: Path) -> list[Activity]:
    """All activities in `home`, the latest first."""
    read = (Activity.read(path) for path in (home / _FOLDER).glob("*.json"))
    found = [activity for activity in read if activity is not None]
    return sorted(found, key=lambda activity: activity.started, reverse=True)


class Recorder:
    """Writes the state file and the log of one activity, from its first line or stage on;
    thread-safe.

    Errors of writing are ignored: a home that cannot be written must not end the work.
    """

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.result = ""
        """The result in a line."""
        self._has_begun = False
        self._written = 0.0
        self._lock = threading.Lock()

    def say(self, line: str) -> None:
        """Add a line to the log."""
        with self._lock:
            if not self._has_begun:
                self._has_begun = True
                self._write()
                self._log(f"--- {self.activity.command}")
            self._log(line)

    def stage(self, stage: StageState, *, is_done: bool = False) -> None:
        """Write the state of a stage: at most twice a second, but always its beginning and end."""
        with self._lock:
            before = self.activity.stage
            is_new = before is None or before.name != stage.name
            stages_done = self.activity.stages_done + is_done
            self.activity = replace(self.activity, stage=stage, stages_done=stages_done)
            if is_new or is_done or time.monotonic() - self._written >= _WRITE_SECONDS:
                self._write()

    def end(self, status: Status, message: str) -> None:
        """Write how the activity ended, if it has begun."""
        if self._has_begun:
            self.say(f"{status}: {message}" if message else status)
            with self._lock:
                self.activity = replace(self.activity, status=status, message=message)
                self._write()

    def _log(self, line: str) -> None:
        with suppress(OSError), open(self.activity.log, "a", errors="backslashreplace") as log:
            log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}\n")

    def _write(self) -> None:
        self.activity = replace(self.activity, updated=_now())
        self._written = time.monotonic()
        with suppress(OSError):
            self.activity.write()


@contextmanager
def recorded(home: Path, kind: Kind, name: str, command: str, out: Path) -> Iterator[Recorder]:
    """Record a command as an activity while the block runs, and how the block ends.

    Raises:
        FailedPrecondition: another process does the same work for the same output.
    """
    folder = home.absolute() / _FOLDER
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(os.fsencode(f"{kind} {out.absolute()}")).hexdigest()
    log = folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)[:64]}-{digest[:8]}.log"
    before = Activity.read(log.with_suffix(".json"))
    if before is not None and before.status == "running":
        raise FailedPrecondition(
            f"process {before.pid} has been doing the same since {before.started}; follow it with "
            f"`rlvf logs {before.name} --follow`"
        )
    recorder = Recorder(
        Activity(
            kind=kind,
            name=name,
            command=command,
            folder=str(Path.cwd()),
            out=str(out.absolute()),
            log=str(log),
            pid=os.getpid(),
            process_start=_process_start(os.getpid()) or 0,
            started=_now(),
            updated=_now(),
        )
    )
    try:
        yield recorder
    except (KeyboardInterrupt, asyncio.CancelledError):
        recorder.end("interrupted", "by Ctrl-C")
        raise
    except BaseException as error:
        recorder.end("failed", str(error) or type(error).__name__)
        raise
    recorder.end("done", recorder.result)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _process_start(pid: int) -> int | None:
    """When a process started, in clock ticks since boot (proc_pid_stat(5), field 22); None if it
    does not run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The second field, the name in parentheses, may have spaces.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])
