"""Computes the picture of a grid: for each column a strip with a bar for each task."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rlvf_reporter.page.tasks import Contrast, Grid

__all__ = ["Strip", "strips"]


@dataclass(frozen=True, slots=True)
class Strip:
    """A column's answers: paths of SVG in a box one unit wide for each task and one unit high.

    A bar is as high as the share of the answers that pass. Compared with the baseline
    `contrast.before`, `kept` is the share that both pass, `gained` what the column passes in
    addition, and `lost` what only the baseline passes.
    """

    name: str
    contrast: Contrast | None
    """None where the column is no treatment; then nothing is gained or lost."""
    kept: str
    gained: str
    lost: str


def strips(grid: Grid) -> list[Strip]:
    """A strip for each column; tasks in the order of `grid.by_ease`."""
    return [_strip(grid, column) for column in range(len(grid.columns))]


def _strip(grid: Grid, column: int) -> Strip:
    own = [contrast for contrast in grid.contrasts if contrast.after == column]
    contrast = min(own, key=lambda one: one.before, default=None)
    share = _shares(grid, column)
    baseline = share if contrast is None else _shares(grid, contrast.before)
    pairs = list(zip(share, baseline, strict=True))
    return Strip(
        name=grid.columns[column],
        contrast=contrast,
        kept=_path((0.0, min(one, base)) for one, base in pairs),
        gained=_path((base, max(one, base)) for one, base in pairs),
        lost=_path((one, max(one, base)) for one, base in pairs),
    )


def _shares(grid: Grid, column: int) -> Sequence[float]:
    return [grid.tasks[number].cells[column].share for number in grid.by_ease]


def _path(bars: Iterable[tuple[float, float]]) -> str:
    """Bars from a lower to an upper share, side by side; equal neighbours are one."""
    parts, x = [], 0
    for (low, high), same in groupby(bars):
        width = len(list(same))
        if high > low:
            parts.append(f"M{x} {1 - high:.3g}h{width}V{1 - low:.3g}h-{width}z")
        x += width
    return "".join(parts)
