"""Computes the geometry of the figures of a benchmark, in units of the SVG view box.

Figures have about their natural size on a phone, and are side by side on a wide screen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rlvf_reporter import formatting as fmt
from rlvf_reporter.page.scales import Axis, axis, place
from rlvf_reporter.report import Condition, HeadToHead, Outcome, Report

WIDTH = 360.0
LEFT, TOP, BOTTOM = 44.0, 14.0, 40.0
"""Room for the labels of the axes."""

_RIGHT = 14.0
_TICK_GAP = 36.0
_LONGEST_LABEL = 38


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled position on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The plotting area, with its axes."""

    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_title: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """A number and its 95% interval. `style` is `base`, or the outcome of a comparison."""

    at: float
    across: float
    low: float
    high: float
    style: str
    label: str
    value: str
    tooltip: str


@dataclass(frozen=True, slots=True)
class ScalingFigure:
    """pass@1 of one model against the number of records; the interval of `base` as a band."""

    title: str
    caption: str
    base: str
    description: str
    frame: Frame
    band_top: float | None
    band_bottom: float | None
    band_middle: float | None
    break_at: float | None
    points: tuple[Whisker, ...]


@dataclass(frozen=True, slots=True)
class DifferencesFigure:
    """The differences from the baseline on one benchmark, one row each."""

    title: str
    description: str
    frame: Frame
    zero: float
    rows: tuple[Whisker, ...]


def scaling_figures(report: Report, benchmark: str) -> list[ScalingFigure]:
    """A figure for each model with an adapter that was evaluated on the benchmark."""
    conditions = report.on(benchmark)
    models = dict.fromkeys(c.model for c in conditions if c.pairs > 0)
    return [
        _scaling(report, [c for c in conditions if c.model == model], benchmark, model)
        for model in models
    ]


def _scaling(
    report: Report, conditions: Sequence[Condition], benchmark: str, model: str
) -> ScalingFigure:
    height = 248.0
    bottom = height - BOTTOM
    ends = [end for c in conditions for end in (c.ci95.low, c.ci95.high)]
    y = axis(ends, bottom, TOP)
    places = _pair_places(sorted({c.pairs for c in conditions}), LEFT + 26, WIDTH - _RIGHT - 22)
    points = []
    for pairs, x in places.items():
        same = [c for c in conditions if c.pairs == pairs]
        for index, c in enumerate(same):
            interval = fmt.percent_interval(c.ci95)
            points.append(
                Whisker(
                    at=place(x + 13 * (index - (len(same) - 1) / 2)),
                    across=y.at(c.pass_at_1),
                    low=y.at(c.ci95.low),
                    high=y.at(c.ci95.high),
                    style=_style(report.comparison_of(c)) if c.pairs else "base",
                    label=c.name,
                    value=fmt.percent(c.pass_at_1),
                    tooltip=f"{c.name}: {fmt.percent(c.pass_at_1)} (95% interval {interval})",
                )
            )
    records = " or ".join(f"{kind}s" for kind in report.records_of(conditions))
    base = next((c for c in conditions if c.pairs == 0), None)
    zero_and_more = 0 in places and len(places) > 1
    positions = list(places.values())
    return ScalingFigure(
        title=f"pass@1 on {benchmark} against training {records}, {model}",
        caption=f"pass@1 of {model}",
        base=base.name if base else "",
        description="; ".join(point.tooltip for point in points),
        frame=Frame(
            height=height,
            left=LEFT,
            right=WIDTH - _RIGHT,
            top=TOP,
            bottom=bottom,
            x_ticks=spaced([Tick(x, fmt.count(pairs)) for pairs, x in places.items()]),
            y_ticks=_share_ticks(y),
            x_title=records + (" (logarithmic beyond 0)" if zero_and_more else ""),
        ),
        band_top=y.at(base.ci95.high) if base else None,
        band_bottom=y.at(base.ci95.low) if base else None,
        band_middle=y.at(base.pass_at_1) if base else None,
        break_at=place((positions[0] + positions[1]) / 2) if zero_and_more else None,
        points=tuple(points),
    )


def _pair_places(amounts: Sequence[int], start: float, end: float) -> dict[int, float]:
    """Positions of ascending numbers of records: logarithmic, with 0 one step to the left."""
    positive = [amount for amount in amounts if amount > 0]
    places: dict[int, float] = {}
    if 0 in amounts:
        places[0] = start
        start += (end - start) * 0.24 if positive else 0
    if len(positive) == 1:
        places[positive[0]] = place((start + end) / 2)
        return places
    span = math.log(positive[-1] / positive[0]) if positive else 0.0
    for amount in positive:
        places[amount] = place(start + (end - start) * math.log(amount / positive[0]) / span)
    return places


def differences_figure(report: Report, benchmark: str) -> DifferencesFigure | None:
    """The figure of all comparisons on the benchmark; None if there are none."""
    comparisons = report.comparisons_on(benchmark)
    if not comparisons:
        return None
    row_height, top, right = 38.0, 4.0, WIDTH - _RIGHT
    height = top + row_height * len(comparisons) + BOTTOM
    ends = [0.0, *(end for h in comparisons for end in (h.found.ci95.low, h.found.ci95.high))]
    x = axis(ends, 14.0, right - 10)
    rows = tuple(
        _difference_row(h, x, top + row_height * index + 28) for index, h in enumerate(comparisons)
    )
    return DifferencesFigure(
        title=f"Differences of pass@1 on {benchmark}",
        description="; ".join(row.tooltip for row in rows),
        frame=Frame(
            height=height,
            left=14.0,
            right=right - 10,
            top=top,
            bottom=height - BOTTOM,
            x_ticks=tuple(
                Tick(x.at(tick), fmt.points_tick(tick, max(0, x.decimals - 2))) for tick in x.ticks
            ),
            y_ticks=(),
            x_title="difference in percentage points, 95% interval",
        ),
        zero=x.at(0.0),
        rows=rows,
    )


def _difference_row(h: HeadToHead, x: Axis, across: float) -> Whisker:
    name = f"{h.treatment} against {h.baseline}"
    return Whisker(
        at=x.at(h.found.delta),
        across=place(across),
        low=x.at(h.found.ci95.low),
        high=x.at(h.found.ci95.high),
        style="base" if h.noise_floor else _style(h),
        label=_shortened(name) + (" (noise floor)" if h.noise_floor else ""),
        value=fmt.points(h.found.delta),
        tooltip=f"{name}: {fmt.points(h.found.delta)} "
        f"(95% interval {fmt.points_interval(h.found.ci95)}, p = {fmt.p_value(h.found.p_value)})",
    )


def _style(h: HeadToHead | None) -> str:
    match h and h.outcome:
        case Outcome.BETTER:
            return "better"
        case Outcome.WORSE:
            return "worse"
        case _:
            return "same"


def _share_ticks(y: Axis) -> tuple[Tick, ...]:
    return tuple(Tick(y.at(tick), f"{100 * tick:.{max(0, y.decimals - 2)}f}%") for tick in y.ticks)


def spaced(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """The ticks, without the labels that would overlap the previous one."""
    kept: list[Tick] = []
    for tick in ticks:
        if not kept or tick.at - kept[-1].at >= _TICK_GAP:
            kept.append(tick)
        else:
            kept.append(Tick(tick.at, ""))
    return tuple(kept)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
