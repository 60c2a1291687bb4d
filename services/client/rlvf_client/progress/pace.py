"""Estimates of how fast a stage of long work is, and how long it still takes."""

from collections import deque
from dataclasses import dataclass

from rlvf_common.statistics.formatting import duration

__all__ = ["Pace", "StageState"]

# Long enough to even out the batches of an engine, short enough to show that it slowed down.
_RATE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class StageState:
    """The progress of a stage."""

    name: str
    done: int = 0
    total: int = 0
    """Units in all; 0: not known yet."""
    note: str = ""
    """The unit and live counts; without a total, why it waits."""
    tokens_per_second: float | None = None
    """Over the last minute; None: not known, or the stage has no tokens."""
    memory_bytes: int = 0
    """Memory of the processes that work for it on this machine; 0: not known."""
    seconds_left: float | None = None
    """None: not known."""

    @property
    def amount(self) -> str:
        """How much is done, such as `40/164`; empty if not known."""
        return f"{self.done}/{self.total}" if self.total else ""

    @property
    def left(self) -> str:
        """The time that is left, such as `2 min left`; empty if not known."""
        return f"{duration(self.seconds_left)} left" if self.seconds_left is not None else ""

    @property
    def counts(self) -> str:
        """The unit, and counts of what came of it, in a line."""
        parts = [self.note] if self.note else []
        if self.tokens_per_second is not None:
            parts.append(f"{self.tokens_per_second:,.0f} tokens/s")
        if self.memory_bytes:
            parts.append(f"{self.memory_bytes / 2**30:.1f} GiB")
        return ", ".join(parts)

    def __str__(self) -> str:
        done = f"{self.amount} {self.counts}".strip()
        return f"{self.name}: {', '.join(part for part in (done, self.left) if part)}"


class Pace:
    """Estimates for a stage, from what was done at which time; times are seconds of any one clock.

    Units that were done before the stage began do not count for the speed.
    """

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None
        self._tokens: deque[tuple[float, int]] = deque()

    def seconds_left(self, now: float, done: int, total: int) -> float | None:
        """Seconds that the rest takes at the mean speed so far; None while that is not known."""
        if not total:
            return None
        if self._first is None:
            self._first = now, done
        began, before = self._first
        if done <= before or done > total:
            return None
        return (now - began) / (done - before) * (total - done)

    def tokens_per_second(self, now: float, tokens: int) -> float | None:
        """The speed over the last minute, where `tokens` is their number so far; None if not
        known."""
        if tokens:
            self._tokens.append((now, tokens))
        while len(self._tokens) > 2 and now - self._tokens[1][0] >= _RATE_SECONDS:
            self._tokens.popleft()
        if len(self._tokens) < 2:
            return None
        (began, before), (ended, after) = self._tokens[0], self._tokens[-1]
        return (after - before) / (ended - began) if ended > began else None
