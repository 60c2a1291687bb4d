"""Progress for people: a bar with an estimate on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_LINE_SHARE = 0.25


class Stage:
    """One step of an experiment that is under way."""

    def update(self, done: int, total: int, note: str = "") -> None:
        """`done` of `total` units are done."""
        raise NotImplementedError


class _BarStage(Stage):
    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._task = progress.add_task(name, total=None, note="")

    def update(self, done: int, total: int, note: str = "") -> None:
        self._progress.update(self._task, completed=done, total=total or None, note=note)


class _LineStage(Stage):
    def __init__(self, name: str) -> None:
        self._name = name
        self._next = _LINE_SHARE

    def update(self, done: int, total: int, note: str = "") -> None:
        if total and done < total and done / total >= self._next:
            self._next = done / total + _LINE_SHARE
            _say(f"{self._name}: {done}/{total} {note}".rstrip())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Reporter:
    """Says what happens, on stderr."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._started = time.monotonic()

    def say(self, line: str) -> None:
        """One line."""
        if self._console.is_terminal:
            self._console.print(line, highlight=False, markup=False)
        else:
            _say(line)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """A step; its end is told with the time that it took, unless it raises."""
        started = time.monotonic()
        if self._console.is_terminal:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[note]}"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
            )
            with Progress(*columns, console=self._console, transient=True) as progress:
                yield _BarStage(progress, name)
        else:
            _say(f"{name} ...")
            yield _LineStage(name)
        self.say(f"{name}: done in {time.monotonic() - started:.1f} s")
