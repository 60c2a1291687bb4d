"""Geometry of the figures: plain numbers that the templates draw. Units are those of the SVG view box.

Figures are drawn near their natural size on a phone, and stand side by side on a wide screen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import LN_2
from rlvf_reporter.report import Condition, HeadToHead, Outcome, Report, Training
from rlvf_reporter.scales import Axis, axis, place

WIDTH = 360.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 14.0, 14.0, 40.0
_LABEL_GAP = 13.0
_TICK_GAP = 36.0
_LONGEST_LABEL = 38


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

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
    """pass@1 of one model against the number of pairs; the base's interval as a band."""

    title: str
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


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: SVG path data, the place of its last point, and its label."""

    path: str
    end_x: float
    end_y: float
    label_y: float
    label: str
    style: str


@dataclass(frozen=True, slots=True)
class CurveFigure:
    """Some quantity over the steps of a run. `rule` is a value to compare with, labelled."""

    title: str
    description: str
    frame: Frame
    rule: Tick | None
    curves: tuple[Curve, ...]


def scaling_figures(report: Report, benchmark: str) -> list[ScalingFigure]:
    """One figure for each model of which an adapter was evaluated on the benchmark."""
    conditions = report.on(benchmark)
    models = dict.fromkeys(c.model for c in conditions if c.pairs > 0)
    return [
        _scaling([c for c in conditions if c.model == model], benchmark, model) for model in models
    ]


def _scaling(conditions: Sequence[Condition], benchmark: str, model: str) -> ScalingFigure:
    height = 248.0
    bottom = height - _BOTTOM
    ends = [end for c in conditions for end in (c.ci95.low, c.ci95.high)]
    y = axis(ends, bottom, _TOP)
    places = _pair_places(sorted({c.pairs for c in conditions}), _LEFT + 26, WIDTH - _RIGHT - 22)
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
                    style=_style(c.outcome) if c.pairs else "base",
                    label=c.name,
                    value=fmt.percent(c.pass_at_1),
                    tooltip=f"{c.name}: {fmt.percent(c.pass_at_1)} (95% interval {interval})",
                )
            )
    base = next((c for c in conditions if c.pairs == 0), None)
    zero_and_more = 0 in places and len(places) > 1
    positions = list(places.values())
    return ScalingFigure(
        title=f"pass@1 on {benchmark} against training pairs, {model}",
        description="; ".join(point.tooltip for point in points),
        frame=Frame(
            height=height,
            left=_LEFT,
            right=WIDTH - _RIGHT,
            top=_TOP,
            bottom=bottom,
            x_ticks=_spaced([Tick(x, fmt.count(pairs)) for pairs, x in places.items()]),
            y_ticks=_share_ticks(y),
            x_title="preference pairs" + (" (logarithmic beyond 0)" if zero_and_more else ""),
        ),
        band_top=y.at(base.ci95.high) if base else None,
        band_bottom=y.at(base.ci95.low) if base else None,
        band_middle=y.at(base.pass_at_1) if base else None,
        break_at=place((positions[0] + positions[1]) / 2) if zero_and_more else None,
        points=tuple(points),
    )


def _pair_places(amounts: Sequence[int], start: float, end: float) -> dict[int, float]:
    """Positions of ascending numbers of pairs: logarithmic, with 0 a step to the left."""
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
    """Every comparison on the benchmark; None when there is none."""
    comparisons = report.comparisons_on(benchmark)
    if not comparisons:
        return None
    row_height, top, right = 38.0, 4.0, WIDTH - _RIGHT
    height = top + row_height * len(comparisons) + _BOTTOM
    ends = [0.0, *(end for h in comparisons for end in (h.ci95.low, h.ci95.high))]
    x = axis(ends, 14.0, right - 10)
    rows = tuple(
        _difference_row(h, x, top + row_height * index + 28)
        for index, h in enumerate(comparisons)
    )
    return DifferencesFigure(
        title=f"Differences of pass@1 on {benchmark}",
        description="; ".join(row.tooltip for row in rows),
        frame=Frame(
            height=height,
            left=14.0,
            right=right - 10,
            top=top,
            bottom=height - _BOTTOM,
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
        at=x.at(h.delta),
        across=place(across),
        low=x.at(h.ci95.low),
        high=x.at(h.ci95.high),
        style="base" if h.noise_floor else _style(h.outcome),
        label=_shortened(name) + (" (noise floor)" if h.noise_floor else ""),
        value=fmt.points(h.delta),
        tooltip=f"{name}: {fmt.points(h.delta)} "
        f"(95% interval {fmt.points_interval(h.ci95)}, p = {fmt.p_value(h.p_value)})",
    )


def curve_figures(training: Training) -> list[CurveFigure]:
    """Preference loss, margin and log-probabilities over the steps of a run."""
    steps = training.curve
    if not steps:
        return []
    return [
        _curves(
            training,
            "Preference loss",
            [("loss", "", [step.preference_loss for step in steps])],
            rule=(LN_2, "ln 2"),
        ),
        _curves(
            training,
            "Reward margin",
            [("margin", "", [step.margin for step in steps])],
            rule=(0.0, "0"),
        ),
        _curves(
            training,
            "Log-probability of the answers (nats)",
            [
                ("chosen", "chosen", [step.logps_chosen for step in steps]),
                ("rejected", "rejected", [step.logps_rejected for step in steps]),
            ],
        ),
    ]


def _curves(
    training: Training,
    title: str,
    series: Sequence[tuple[str, str, Sequence[float]]],
    rule: tuple[float, str] | None = None,
) -> CurveFigure:
    """`series` holds style, label and values; `rule` a value and its label."""
    height, right = 200.0, WIDTH - 52.0
    bottom = height - _BOTTOM
    numbers = [step.step for step in training.curve]
    values = [value for _, _, line in series for value in line]
    y = axis([*values, rule[0]] if rule else values, bottom, _TOP)
    first, last = numbers[0], max(numbers[-1], numbers[0] + 1)
    x = Axis(first, last, _LEFT, right, 1.0)
    curves = [_curve(x, y, numbers, line, label, style) for style, label, line in series]
    ends = ", ".join(
        f"{label or title.lower()} from {fmt.number(line[0], 3)} to {fmt.number(line[-1], 3)}"
        for _, label, line in series
    )
    middle = (first + last) // 2
    marks = dict.fromkeys((first, middle, numbers[-1]) if last - first > 3 else numbers)
    return CurveFigure(
        title=title,
        description=f"{title} of {training.name} over {fmt.plural(len(numbers), 'step')}: {ends}",
        frame=Frame(
            height=height,
            left=_LEFT,
            right=right,
            top=_TOP,
            bottom=bottom,
            x_ticks=_spaced([Tick(x.at(mark), fmt.count(mark)) for mark in marks]),
            y_ticks=tuple(Tick(y.at(tick), fmt.number(tick, y.decimals)) for tick in y.ticks),
            x_title="step",
        ),
        rule=Tick(y.at(rule[0]), rule[1]) if rule else None,
        curves=_apart(curves),
    )


def _curve(
    x: Axis, y: Axis, steps: Sequence[int], values: Sequence[float], label: str, style: str
) -> Curve:
    """The line through the finite values; where one is not finite, the line is broken."""
    parts: list[str] = []
    end_x = end_y = -1.0
    joined = False
    for step, value in zip(steps, values, strict=True):
        if not math.isfinite(value):
            joined = False
            continue
        end_x, end_y = x.at(step), y.at(value)
        parts.append(f"{'L' if joined else 'M'}{end_x:g} {end_y:g}")
        joined = True
    return Curve(" ".join(parts), end_x, end_y, end_y, label, style)


def _apart(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Move the labels of two lines apart where they would cover each other."""
    if len(curves) != 2 or abs(curves[0].end_y - curves[1].end_y) >= _LABEL_GAP:
        return tuple(curves)
    middle = (curves[0].end_y + curves[1].end_y) / 2
    above = 0 if curves[0].end_y <= curves[1].end_y else 1
    return tuple(
        Curve(
            c.path,
            c.end_x,
            c.end_y,
            place(middle + _LABEL_GAP / 2 * (-1 if index == above else 1)),
            c.label,
            c.style,
        )
        for index, c in enumerate(curves)
    )


def _style(outcome: Outcome | None) -> str:
    return {Outcome.BETTER: "better", Outcome.WORSE: "worse"}.get(outcome, "same") if outcome else "same"


def _share_ticks(y: Axis) -> tuple[Tick, ...]:
    return tuple(
        Tick(y.at(tick), f"{100 * tick:.{max(0, y.decimals - 2)}f}%") for tick in y.ticks
    )


def _spaced(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """Leave out the labels that would run into the one before; the first stays."""
    kept: list[Tick] = []
    for tick in ticks:
        if not kept or tick.at - kept[-1].at >= _TICK_GAP:
            kept.append(tick)
        else:
            kept.append(Tick(tick.at, ""))
    return tuple(kept)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
