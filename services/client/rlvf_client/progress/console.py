"""Reports progress to people: a bar with an estimate on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from rlvf_client.local_stack.memory import Memory
from rlvf_client.progress.activity import Recorder
from rlvf_client.progress.pace import Pace, StageState
from rlvf_common.statistics.formatting import duration

__all__ = ["Display", "Reporter", "Stage", "display"]

_LINE_SHARE = 0.25
_LINE_SECONDS = 60.0


class Display(Protocol):
    """Shows lines, and the stage at work."""

    def say(self, line: str) -> None:
        """Show a line."""
        ...

    def show(self, stage: StageState | None) -> None:
        """Show the stage at work; None: there is none."""
        ...


class _Bar:
    """A bar below the lines of a terminal, with counts in a line of their own."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._name = ""

    def say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False)

    def show(self, stage: StageState | None) -> None:
        if self._live is not None and (stage is None or stage.name != self._name):
            self._live.stop()
            self._live = None
        if stage is None:
            return
        if self._live is None:
            self._name = stage.name
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[stage].amount}"),
                TimeElapsedColumn(),
                TextColumn("{task.fields[stage].left}"),
            )
            self._task = self._progress.add_task(stage.name, total=None, stage=stage)
            self._counts = Text(no_wrap=True, overflow="ellipsis")
            shown = Group(self._progress, self._counts)
            self._live = Live(shown, console=self._console, transient=True)
            self._live.start()
        total = stage.total or None
        self._progress.update(self._task, completed=stage.done, total=total, stage=stage)
        self._counts.plain = f"  {stage.counts}"


class _Lines:
    """Plain lines, among them lines of progress."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._name = ""
        self._next_share = _LINE_SHARE
        self._said = 0.0
        self._note = ""

    def say(self, line: str) -> None:
        self._log(line)

    def show(self, stage: StageState | None) -> None:
        """A line when the stage begins, at each quarter, and every minute."""
        if stage is None:
            self._name = ""
            return
        if stage.name != self._name:
            self._name = stage.name
            self._next_share, self._said, self._note = _LINE_SHARE, time.monotonic(), ""
            self._log(f"{stage.name} ...")
        if not stage.total and stage.note not in ("", self._note):
            self._note = stage.note
            self._log(str(stage))
        if not stage.total or stage.done >= stage.total:
            return
        is_late = time.monotonic() - self._said >= _LINE_SECONDS
        if is_late or stage.done / stage.total >= self._next_share:
            self._next_share = stage.done / stage.total + _LINE_SHARE
            self._said = time.monotonic()
            self._log(str(stage))


def display() -> Display:
    """A bar where standard error is a terminal, else plain lines."""
    console = Console(stderr=True)
    return _Bar(console) if console.is_terminal else _Lines(_print)


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Stage:
    """A part of a command's work, with its progress."""

    def __init__(self, name: str, show: Callable[[StageState], None], memory: Memory | None):
        self.state = StageState(name)
        self._show = show
        self._memory = memory
        self._pace = Pace()
        self.is_over = False
        """Whether updates are ignored: a thread may continue after Ctrl-C."""

    def update(self, done: int, total: int, note: str = "", *, tokens: int = 0) -> None:
        """`done` of `total` units are done; `note` is the unit, and counts. `tokens` were sampled
        or trained on so far; 0: not known."""
        if self.is_over:
            return
        now = time.monotonic()
        self.state = StageState(
            self.state.name,
            done,
            total,
            note,
            self._pace.tokens_per_second(now, tokens),
            self._memory.now if self._memory is not None else 0,
            self._pace.seconds_left(now, done, total),
        )
        self._show(self.state)


class Reporter:
    """Reports what a command does: on stderr, and to `recorder`, whose files other terminals
    read."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._displays = [display()]
        self._recorder = recorder
        if recorder is not None:
            self._displays.append(_Lines(recorder.say))
        self.memory: Memory | None = None
        """Memory of the processes that work for the command on this machine, where it is
        measured."""
        self.operation = ""
        """Title of the operation at work, or interrupted; its service continues it."""

    def say(self, line: str) -> None:
        """Show a line on the displays."""
        for shown in self._displays:
            shown.say(line)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """A stage of the work; reports the time that it took, unless the block raises."""
        started = time.monotonic()
        stage = Stage(name, self._show, self.memory)
        self._show(stage.state)
        try:
            yield stage
        finally:
            stage.is_over = True
            for shown in self._displays:
                shown.show(None)
        if self._recorder is not None:
            self._recorder.stage(stage.state, is_done=True)
        self.say(f"{name}: done in {_took(time.monotonic() - started)}")

    def _show(self, stage: StageState) -> None:
        for shown in self._displays:
            shown.show(stage)
        if self._recorder is not None:
            self._recorder.stage(stage)


class Quiet(Reporter):
    """A reporter without output."""

    def __init__(self) -> None:
        super().__init__()
        self._displays = []


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else duration(seconds)
