"""What `rlvf ls` and `rlvf logs` show: activities, and the logs of commands and services."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rlvf_api.errors import NotFound
from rlvf_client.local_stack.stack import log_of
from rlvf_client.progress.activity import Activity, activities
from rlvf_common.statistics.formatting import duration

__all__ = ["activity_line", "activity_record", "find_log", "last_lines", "listing", "new_lines"]

_POLL_SECONDS = 0.3
_HEADINGS = ("NAME", "COMMAND", "STATUS", "BEGAN", "STAGE", "PROGRESS")


def activity_record(activity: Activity) -> dict[str, Any]:
    """An activity for programs; `seconds_left` is what the stage at work still takes from now, None
    where that is not known, or the estimate has run out."""
    return {**asdict(activity), "seconds_left": _seconds_left(activity)}


def activity_line(activity: Activity) -> str:
    """An activity on one line."""
    return " ".join(cell for cell in _cells(activity) if cell)


def listing(found: Sequence[Activity]) -> str:
    """A table of activities; below each its result, or why it ended and how to continue it, and
    where its log is."""
    rows = [_HEADINGS, *map(_cells, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    heading, *lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    shown = [heading]
    for activity, line in zip(found, lines, strict=True):
        shown.append(line)
        if activity.message:
            shown.append(f"    {activity.message.splitlines()[0]}")
        if activity.status in ("failed", "interrupted"):
            shown.append(f"    to continue, in {activity.folder}: {activity.command}")
        shown.append(f"    log: {activity.log}")
    return "\n".join(shown)


def _cells(activity: Activity) -> tuple[str, ...]:
    age = datetime.now(UTC) - datetime.fromisoformat(activity.started)
    stage = activity.stage if activity.status != "done" else None
    left = _seconds_left(activity)
    parts = [stage.amount] if stage is not None and stage.amount else []
    if left is not None:
        parts.append(f"{duration(left)} left")
    return (
        activity.name,
        activity.kind,
        activity.status,
        f"{duration(age.total_seconds())} ago",
        stage.name if stage is not None else "",
        ", ".join(parts),
    )


def _seconds_left(activity: Activity) -> float | None:
    stage = activity.stage
    if activity.status != "running" or stage is None or stage.seconds_left is None:
        return None
    age = datetime.now(UTC) - datetime.fromisoformat(activity.updated)
    left = stage.seconds_left - age.total_seconds()
    return left if left > 0 else None


def find_log(home: Path, name: str, services: Sequence[str]) -> Activity | Path:
    """What has a log of that name: a service of the stack in `home`, or else the activity that
    began last.

    Raises:
        NotFound: there is none.
    """
    if name in services:
        path = log_of(home.absolute(), name)
        if not path.exists():
            raise NotFound(f"{path} does not exist: {name} was never started there")
        return path
    known = activities(home)
    for activity in known:
        if activity.name == name:
            return activity
    names = dict.fromkeys([*(one.name for one in known), *services])
    raise NotFound(f"there is no log of {name!r} in {home}; there are: {', '.join(names)}")


def last_lines(path: Path, count: int) -> tuple[list[str], int]:
    """The last `count` whole lines of a log, and the offset in bytes after them."""
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    return data[:end].decode(errors="replace").splitlines()[-count:], end


def new_lines(path: Path, place: int, *, is_over: Callable[[], bool]) -> Iterator[str]:
    """The lines that are added to a log after `place` bytes, as they come, until `is_over`."""
    with path.open("rb") as log:
        log.seek(place)
        rest = b""
        while True:
            over = is_over()
            *lines, rest = (rest + log.read()).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
            if over:
                return
            time.sleep(_POLL_SECONDS)
