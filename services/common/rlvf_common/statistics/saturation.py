"""Tests whether a ladder that rises at first rises less later. Pure Python, deterministic."""

from collections.abc import Sequence
from dataclasses import dataclass

from rlvf_common.statistics.intervals import Interval
from rlvf_common.statistics.results import EvaluationResult
from rlvf_common.statistics.runs import Contrast, contrast_of_runs

__all__ = ["Saturation", "find_saturation"]

SHARE = 0.5
"""A ladder saturates if its upper part rises by less than this share of its lower part's rise, each
a rung."""


@dataclass(frozen=True, slots=True)
class Saturation:
    """The rise of the lower and the upper part of a ladder, as shares of pass@1 a rung."""

    turn: float
    """Size of the rung that divides the parts and belongs to both."""
    early: float
    early_ci95: Interval
    late: float
    late_ci95: Interval
    p_value: float


def find_saturation(
    rungs: Sequence[tuple[float, Sequence[EvaluationResult]]],
) -> Saturation:
    """Whether a ladder saturates: `rungs` are sizes, ascending, and their runs, all of the same
    tasks; at least 3.

    The rung in the middle, the upper one of two, divides the ladder. It saturates if its lower part
    rises and its upper part rises by less than half as much a rung. Each is tested by itself, by a
    contrast of the rungs over tasks and runs (`contrast_of_runs`), and the p-value is the larger of
    both: an intersection-union test, whose level is that of its parts. A ladder that rises by the
    same amount from rung to rung does not saturate, nor does one that never rises.

    Source: R. L. Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics
    24 (1982) 295-300.
    """
    if len(rungs) < 3:
        raise ValueError(f"need at least 3 rungs, got {len(rungs)}")
    last = len(rungs) - 1
    turn = (last + 1) // 2
    tasks = list(rungs[0][1][0].rates())
    conditions = [
        [[float(rates[task]) for task in tasks] for rates in (run.rates() for run in rungs[at][1])]
        for at in (0, turn, last)
    ]
    below, above = 1 / turn, 1 / (last - turn)
    early = contrast_of_runs(conditions[:2], (-below, below))
    late = contrast_of_runs(conditions[1:], (-above, above))
    # The upper rise minus the share of the lower one.
    slowing = contrast_of_runs(conditions, (SHARE * below, -SHARE * below - above, above))
    return Saturation(
        turn=rungs[turn][0],
        early=early.estimate,
        early_ci95=early.interval(),
        late=late.estimate,
        late_ci95=late.interval(),
        p_value=max(_p_value(early, sign=1), _p_value(slowing, sign=-1)),
    )


def _p_value(contrast: Contrast, *, sign: int) -> float:
    """The two-sided p-value; 1 if the contrast lies on the other side of 0."""
    return contrast.p_value if contrast.estimate * sign > 0 else 1.0
