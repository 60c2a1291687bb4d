"""The trend of pass@1 along a ladder of conditions, such as sizes of a training set."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from rlvf_common.statistics import formatting as fmt
from rlvf_common.statistics.bootstrap import bootstrap_difference_interval
from rlvf_common.statistics.comparison import T_TEST, require_same_tasks, task_rates, verdict
from rlvf_common.statistics.differences import differences
from rlvf_common.statistics.intervals import Interval
from rlvf_common.statistics.permutation import trend_exact
from rlvf_common.statistics.results import EvaluationResult
from rlvf_common.statistics.runs import FEW_RUNS, contrast_of_runs

__all__ = ["MIN_RUNGS", "PERMUTATION", "Rung", "Trend", "find_trend"]

MIN_RUNGS = 3
"""Two conditions are a comparison, not a trend."""
PERMUTATION = "within-task permutation test"


@dataclass(frozen=True, slots=True)
class Rung:
    """One condition of a ladder."""

    size: float
    """Its size, such as the number of training pairs."""
    runs: tuple[EvaluationResult, ...]
    """Its results, at least one."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend over the rungs of a ladder. Rates are shares, not percent."""

    sizes: list[float]
    """Sizes of the rungs, ascending."""
    slope: float
    """How much pass@1 rises from one rung to the next: the least-squares slope over the rank of the
    rung (0, 1, 2, ...), independent of the sizes."""
    ci95: Interval
    test: str
    """Name of the test: `PERMUTATION` or `T_TEST`."""
    p_value: float
    pass_at_1: list[float]
    """pass@1 of each rung, in order."""
    tasks: int
    sentence: str
    """Slope, interval, p-value, rungs, n, distinguishable or not."""
    differences: list[str]
    """What differs in how the results were made, see `rlvf_common.statistics.differences`."""


def find_trend(rungs: Sequence[Rung]) -> Trend:
    """The trend over `rungs`, sizes ascending.

    With one run per rung, `p_value` is the within-task permutation test (null: a task's rate is the
    same at all rungs) and `ci95` a bootstrap over tasks. With several runs of any rung, both are
    over tasks and runs (`rlvf_common.statistics.runs`).

    Raises:
        ValueError: fewer than 3 rungs, sizes below 0 or not ascending, a rung without results, or
            results of different benchmarks, versions or tasks.
    """
    _require_ladder(rungs)
    rates = [task_rates(rung.runs) for rung in rungs]
    tasks = sorted(rates[0])
    rows = [[rate[task] for rate in rates] for task in tasks]
    # Exact, so that a rounding error cannot make a trend.
    middle = Fraction(len(rungs) - 1, 2)
    squares = sum((rank - middle) ** 2 for rank in range(len(rungs)))
    weights = [(rank - middle) / squares for rank in range(len(rungs))]
    exact = [
        sum((weight * rate for weight, rate in zip(weights, row, strict=True)), Fraction())
        for row in rows
    ]
    slope = float(sum(exact, Fraction()) / len(exact))
    slopes = [float(one) for one in exact]
    runs = [len(rung.runs) for rung in rungs]
    if max(runs) > 1:
        found = contrast_of_runs(
            [
                [[float(one[task]) for task in tasks] for one in (run.rates() for run in rung.runs)]
                for rung in rungs
            ],
            [float(weight) for weight in weights],
        )
        name, p_value, ci95 = T_TEST, found.p_value, found.interval()
    else:
        name, p_value = PERMUTATION, trend_exact(rows)
        ci95 = bootstrap_difference_interval(slopes)
    benchmark = rungs[0].runs[0].benchmark
    few = "; two runs hardly show how runs differ" if 1 < max(runs) < FEW_RUNS else ""
    sentence = (
        f"pass@1 on {benchmark} {_direction(slope)} from {fmt.count(rungs[0].size)} to "
        f"{fmt.count(rungs[-1].size)} (95% CI {fmt.points_interval(ci95)} a rung, {name} "
        f"p = {fmt.p_value(p_value)}, {len(rungs)} rungs, n = {fmt.plural(len(tasks), 'task')}"
        f"{f', {sum(runs)} runs' if max(runs) > 1 else ''}): {verdict(p_value)}{few}."
    )
    return Trend(
        sizes=[rung.size for rung in rungs],
        slope=slope,
        ci95=ci95,
        test=name,
        p_value=p_value,
        pass_at_1=[float(sum(rate.values()) / len(tasks)) for rate in rates],
        tasks=len(tasks),
        sentence=sentence,
        differences=differences([run for rung in rungs for run in rung.runs]),
    )


def _require_ladder(rungs: Sequence[Rung]) -> None:
    if len(rungs) < MIN_RUNGS:
        raise ValueError(f"a trend needs at least {MIN_RUNGS} rungs, got {len(rungs)}")
    sizes = [rung.size for rung in rungs]
    for size in sizes:
        if not (math.isfinite(size) and size >= 0):
            raise ValueError(f"the size of a rung must be a number of at least 0, got {size:g}")
    if any(left >= right for left, right in pairwise(sizes)):
        raise ValueError(
            f"the sizes of the rungs must ascend, got {', '.join(f'{size:g}' for size in sizes)}"
        )
    for rung in rungs:
        if not rung.runs:
            raise ValueError(f"the rung of size {rung.size:g} has no results")
        if any(run in rung.runs[:number] for number, run in enumerate(rung.runs)):
            raise ValueError(f"the rung of size {rung.size:g} has one result twice")
    require_same_tasks(
        [(f"the rung of size {rung.size:g}", run) for rung in rungs for run in rung.runs]
    )


def _direction(slope: float) -> str:
    if slope == 0:
        return "stays the same"
    return f"{'rises' if slope > 0 else 'falls'} by {abs(slope) * 100:.1f} pp a rung"
