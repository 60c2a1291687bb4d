"""Maps numbers to positions on a figure: axes with round ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_INTERVALS = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis: values `low` to `high` are at positions `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    step: float

    def at(self, value: float) -> float:
        """Position of a value, clipped to the ends."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return place(self.start + share * (self.end - self.start))

    @property
    def ticks(self) -> list[float]:
        """Round values from `low` to `high`, ends included."""
        count = round((self.high - self.low) / self.step)
        return [self.low + index * self.step for index in range(count + 1)]

    @property
    def decimals(self) -> int:
        """Number of decimals that distinguishes the ticks."""
        return max(0, -math.floor(math.log10(self.step) + 1e-9))


def place(position: float) -> float:
    """A position rounded to two decimals; never a negative zero."""
    return round(position, 2) + 0.0


def axis(values: Sequence[float], start: float, end: float) -> Axis:
    """An axis that contains all finite `values`, in about four steps of 1, 2 or 5 * 10^n."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    if high - low < 1e-9 * max(1.0, abs(low), abs(high)):
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / _INTERVALS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Axis(first * step, last * step, start, end, step)
