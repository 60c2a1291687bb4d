"""How many gradings may be in flight on one executor. No I/O."""

import math

__all__ = ["Window"]

WORK_SECONDS = 0.15
"""So much work of its slots an executor has in hand: more than the way there and back takes."""
MOST_ITEMS = 200
MOST_BYTES = 32 << 20

# The weight of the newest program in the mean of their wall times.
_NEWEST = 0.05


class Window:
    """What one executor has in flight, and what it has room for; nothing where it has no slots.

    That follows the programs: a slot has always one that runs and one that is next, and where they
    are short as many as it ends in `WORK_SECONDS`.
    """

    def __init__(self, slots: int) -> None:
        self.items = 0
        """Gradings in flight."""
        self._slots = slots
        self._bytes = 0
        self._mean_seconds: float | None = None

    @property
    def limit(self) -> int:
        """Most gradings in flight."""
        least = 2 * self._slots + 2 if self._slots else 0
        if self._mean_seconds is None:
            return least
        # No program is so short that the most is not enough.
        seconds = max(self._mean_seconds, 1e-6)
        return max(least, min(MOST_ITEMS, math.ceil(self._slots * WORK_SECONDS / seconds)))

    @property
    def room(self) -> int:
        """How many more may be sent. An item may take it beyond `MOST_BYTES`, but only one."""
        return max(0, self.limit - self.items) if self._bytes < MOST_BYTES else 0

    @property
    def busy(self) -> bool:
        """Whether the executor will not run out of work in a moment."""
        return 2 * self.items > self.limit

    def sent(self, size: int) -> None:
        """A grading of `size` bytes is in flight."""
        self.items += 1
        self._bytes += size

    def returned(self, size: int) -> None:
        """It is no more."""
        self.items -= 1
        self._bytes -= size

    def saw(self, wall_seconds: float) -> None:
        """Take note of how long a program ran."""
        if self._mean_seconds is None:
            self._mean_seconds = wall_seconds
        self._mean_seconds += _NEWEST * (wall_seconds - self._mean_seconds)
