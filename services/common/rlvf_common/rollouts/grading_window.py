"""Decides how many gradings may be in flight on one executor. No I/O."""

import math

__all__ = ["Window"]

WORK_SECONDS = 0.15
"""An executor is given work for this time on all its slots: more than the time of a round trip."""
MOST_ITEMS = 200
MOST_BYTES = 32 << 20

# The weight of the newest program in the mean of their wall times.
_NEWEST = 0.05


class Window:
    """Counts what one executor has in flight, and what it has room for: nothing without slots.

    The room follows the programs: each slot always has one that runs and one that is next, and if
    programs are short, as many as it ends in `WORK_SECONDS`.
    """

    def __init__(self, slots: int) -> None:
        self.items = 0
        """Gradings in flight."""
        self._slots = slots
        self._bytes = 0
        self._mean_seconds: float | None = None

    @property
    def limit(self) -> int:
        """Maximum number of gradings in flight."""
        least = 2 * self._slots + 2 if self._slots else 0
        if self._mean_seconds is None:
            return least
        # Avoids a division by 0.
        seconds = max(self._mean_seconds, 1e-6)
        return max(least, min(MOST_ITEMS, math.ceil(self._slots * WORK_SECONDS / seconds)))

    @property
    def room(self) -> int:
        """How many more may be sent. The last one may exceed `MOST_BYTES`."""
        return max(0, self.limit - self.items) if self._bytes < MOST_BYTES else 0

    @property
    def busy(self) -> bool:
        """Whether the executor has more than half of the work that it may have."""
        return 2 * self.items > self.limit

    def sent(self, size: int) -> None:
        """Count a grading of `size` bytes as in flight."""
        self.items += 1
        self._bytes += size

    def returned(self, size: int) -> None:
        """Count a grading of `size` bytes as no longer in flight."""
        self.items -= 1
        self._bytes -= size

    def saw(self, wall_seconds: float) -> None:
        """Include the wall time of a program in the mean."""
        if self._mean_seconds is None:
            self._mean_seconds = wall_seconds
        self._mean_seconds += _NEWEST * (wall_seconds - self._mean_seconds)
