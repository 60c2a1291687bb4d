"""Computes the geometry of the figures of a training run; see `figures`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import LN_2
from rlvf_reporter.page.figures import BOTTOM, LEFT, TOP, WIDTH, Frame, Tick, spaced
from rlvf_reporter.page.scales import Axis, axis, place
from rlvf_reporter.report import Training

_LABEL_GAP = 13.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: SVG path data, the position of its last point, and its label."""

    path: str
    end_x: float
    end_y: float
    label_y: float
    label: str
    style: str


@dataclass(frozen=True, slots=True)
class CurveFigure:
    """A quantity over the steps of a run. `rule` is a value for comparison, with a label."""

    title: str
    description: str
    frame: Frame
    rule: Tick | None
    curves: tuple[Curve, ...]


def curve_figures(training: Training) -> list[CurveFigure]:
    """A figure for each metric of a run that it recorded."""
    steps = training.curve
    start = training.indifference
    figures = (
        (
            _loss_title(training),
            (("loss", "", [step.loss for step in steps]),),
            None
            if start is None
            else (start, "ln 2" if math.isclose(start, LN_2) else fmt.count(round(start, 4))),
        ),
        ("Reward", (("margin", "", [step.reward for step in steps]),), (0.0, "")),
        (
            "Share of groups of one outcome",
            (("margin", "", [step.one_outcome for step in steps]),),
            (0.0, ""),
        ),
        ("Entropy (nats a token)", (("loss", "", [step.entropy for step in steps]),), (0.0, "")),
        ("Reward margin", (("margin", "", [step.margin for step in steps]),), (0.0, "")),
        ("Accuracy", (("margin", "", [step.accuracy for step in steps]),), (0.5, "")),
        (
            "Log-probability of the answers (nats)",
            (
                ("chosen", "chosen", [step.logps_chosen for step in steps]),
                ("rejected", "rejected", [step.logps_rejected for step in steps]),
            ),
            None,
        ),
        (
            "Log-probability of an answer (nats)",
            (("loss", "", [step.logps for step in steps]),),
            None,
        ),
        (
            "Log-probability of a token (nats)",
            (
                ("chosen", "chosen", [step.token_logp_chosen for step in steps]),
                ("rejected", "rejected", [step.token_logp_rejected for step in steps]),
            ),
            None,
        ),
        (
            "KL from the reference (nats a token)",
            (("loss", "", [step.kl for step in steps]),),
            (0.0, ""),
        ),
        ("Gradient norm", (("loss", "", [step.grad_norm for step in steps]),), None),
    )
    return [
        _curves(training, title, series, rule)
        for title, series, rule in figures
        if any(math.isfinite(value) for _, _, values in series for value in values)
    ]


def _loss_title(training: Training) -> str:
    if training.indifference is not None:
        return "Preference loss"
    return "Policy loss" if training.reward is not None else "Loss (nats a token)"


def _curves(
    training: Training,
    title: str,
    series: Sequence[tuple[str, str, Sequence[float]]],
    rule: tuple[float, str] | None = None,
) -> CurveFigure:
    """`series` holds style, label and values; `rule` a value and its label."""
    height, right = 200.0, WIDTH - 56.0
    bottom = height - BOTTOM
    numbers = [step.step for step in training.curve]
    values = [value for _, _, line in series for value in line]
    y = axis([*values, rule[0]] if rule else values, bottom, TOP)
    first, last = numbers[0], max(numbers[-1], numbers[0] + 1)
    x = Axis(first, last, LEFT, right, 1.0)
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
            left=LEFT,
            right=right,
            top=TOP,
            bottom=bottom,
            x_ticks=spaced([Tick(x.at(mark), fmt.count(mark)) for mark in marks]),
            y_ticks=tuple(Tick(y.at(tick), fmt.number(tick, y.decimals)) for tick in y.ticks),
            x_title="step",
        ),
        rule=Tick(y.at(rule[0]), rule[1]) if rule else None,
        curves=_apart(curves),
    )


def _curve(
    x: Axis, y: Axis, steps: Sequence[int], values: Sequence[float], label: str, style: str
) -> Curve:
    """A line through the finite values, with gaps at other values."""
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
    """The curves, with the labels of two lines moved apart if they would overlap."""
    if len(curves) != 2 or abs(curves[0].end_y - curves[1].end_y) >= _LABEL_GAP:
        return tuple(curves)
    middle = (curves[0].end_y + curves[1].end_y) / 2
    above = 0 if curves[0].end_y <= curves[1].end_y else 1
    offsets = [_LABEL_GAP / 2 * (-1 if index == above else 1) for index in range(2)]
    return tuple(
        replace(curve, label_y=place(middle + offset))
        for curve, offset in zip(curves, offsets, strict=True)
    )
