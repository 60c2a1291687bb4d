"""Statistics of several runs per condition: training seeds, or repeated sampling. Pure Python.

Every run answers the same tasks, so tasks and runs are crossed. A claim about a condition is about
other tasks and other runs: an interval that resamples only tasks is as wrong as one that compares
two lucky seeds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rlvf_common.statistics.intervals import (
    Interval,
    paired_difference_interval,
    pass_rate_interval,
    wilson_interval,
    z_value,
)
from rlvf_common.statistics.student import student_quantile, student_tail

__all__ = ["FEW_RUNS", "Contrast", "contrast_of_runs", "pass_rate_of_runs"]

_NOISE = 1e-25
"""A variance below this is a rounding error: those of rates between 0 and 1 are about 1e-32, and
the smallest real variance, of one sample among very many, is above 1e-16."""
FEW_RUNS = 3
"""With fewer runs of a condition, the variance among them is hardly known."""


class _Part(NamedTuple):
    """A part of the variance of an estimate, and its degrees of freedom."""

    variance: float
    freedom: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """A weighted sum of the pass@1 of several conditions, with the parts of its variance."""

    estimate: float
    extent: float
    """The maximum of the estimate over all possible rates; the minimum is its negative."""
    tasks: int
    parts: tuple[_Part, ...]
    """The parts above 0."""

    def interval(self, confidence: float = 0.95) -> Interval:
        """Over tasks and runs."""
        reach = self.reach(confidence)
        return Interval(
            max(-self.extent, self.estimate - reach), min(self.extent, self.estimate + reach)
        )

    @property
    def p_value(self) -> float:
        """Two-sided: the smallest level whose interval excludes 0.

        If nothing varies, it is at least the p-value of the sign-flip test when all tasks move to
        one side, the minimum for this number of tasks.
        """
        if self.estimate == 0:
            return 1.0
        if len(self.parts) == 1:
            [part] = self.parts
            return student_tail(self.estimate / math.sqrt(part.variance), part.freedom)
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            if self.reach(1 - middle) >= abs(self.estimate):
                low = middle
            else:
                high = middle
        least = 0.0 if self.parts else 2.0 ** (1 - self.tasks)
        return max(least, (low + high) / 2)

    def reach(self, confidence: float) -> float:
        """Half the width of the interval. If nothing varies, that of the score interval of tasks
        that did not flip, which shows only that flips are rare."""
        if not self.parts:
            none_flipped = paired_difference_interval(0, 0, self.tasks, confidence)
            return self.extent * none_flipped.high
        return math.sqrt(
            math.fsum(
                part.variance * student_quantile(confidence, part.freedom) ** 2
                for part in self.parts
            )
        )


def contrast_of_runs(
    conditions: Sequence[Sequence[Sequence[float]]], weights: Sequence[float]
) -> Contrast:
    """A contrast of conditions, and its variance from tasks and runs.

    `conditions[c][r][t]` is the rate of task t in run r of condition c; all have the same tasks, at
    least 2, in the same order. `weights[c]` is the weight of a condition's mean, with the sum 0:
    (-1, 1) gives the difference of two. Runs of different conditions are independent.

    The model is rate = condition + task + run + residual, with random tasks and runs. The variance
    of the contrast has one part from the tasks and residuals, estimated by the spread of the tasks'
    contrasts, and one from the runs of every condition that has at least two: the variance among
    the means of its runs, minus the share of the residuals. Half the interval is the root of the
    sum of all parts, each times the square of Student's quantile for its degrees of freedom. Its
    coverage is about nominal, and higher if runs hardly differ (94 to 98% in simulation,
    tests/unit/statistics/test_coverage.py). The variance among the runs of a condition with one run
    is unknown, and taken to be 0.

    Source: S. R. Searle, G. Casella, C. E. McCulloch, "Variance Components" (1992), chapter 4 (the
    two-way crossed model); S. Banerjee, "Approximate confidence interval for linear functions of
    means of k populations when the population variances are not equal", Sankhya 22 (1960) 357-358
    (the sum of squared half intervals).
    """
    tasks = len(conditions[0][0])
    if tasks < 2:
        raise ValueError(f"need at least 2 tasks, got {tasks}")
    means = [
        [math.fsum(rates) / len(runs) for rates in zip(*runs, strict=True)] for runs in conditions
    ]
    contrasts = [
        math.fsum(weight * rate for weight, rate in zip(weights, rates, strict=True))
        for rates in zip(*means, strict=True)
    ]
    estimate = math.fsum(contrasts) / tasks
    parts = [_Part(_variance(contrasts) / tasks, tasks - 1)]
    for runs, of_tasks, weight in zip(conditions, means, weights, strict=True):
        if len(runs) > 1:
            parts.append(_run_part(runs, of_tasks, weight))
    extent = math.fsum(weight for weight in weights if weight > 0)
    return Contrast(
        estimate, extent, tasks, tuple(part for part in parts if part.variance > _NOISE)
    )


def pass_rate_of_runs(
    runs: Sequence[Sequence[float]], samples: int, confidence: float = 0.95
) -> Interval:
    """Interval of a condition's pass@1 over other tasks and other runs.

    `runs[r][t]` is the rate of task t in run r, at least 2 tasks; `samples` is the number of
    samples of all runs. For one run it is `pass_rate_interval`. It is Wilson's interval at the
    effective sample size: the number of independent trials whose share would have the variance of
    the mean (`contrast_of_runs`).
    """
    if len(runs) == 1:
        return pass_rate_interval(runs[0], samples, confidence)
    found = contrast_of_runs([runs], [1.0])
    binomial = found.estimate * (1 - found.estimate)
    # All rates are equal: each task counts as one trial.
    trials = float(found.tasks)
    if found.parts:
        trials = binomial * (z_value(confidence) / found.reach(confidence)) ** 2
    trials = min(trials, float(samples))
    return wilson_interval(min(trials, found.estimate * trials), trials, confidence)


def _run_part(runs: Sequence[Sequence[float]], of_tasks: Sequence[float], weight: float) -> _Part:
    """The variance of a condition's weighted mean that the choice of runs causes.

    `of_tasks` is each task's mean over the runs.
    """
    count, tasks = len(runs), len(of_tasks)
    of_runs = [math.fsum(rates) / tasks for rates in runs]
    overall = math.fsum(of_runs) / count
    rest = math.fsum(
        (rate - of_run - of_task + overall) ** 2
        for rates, of_run in zip(runs, of_runs, strict=True)
        for rate, of_task in zip(rates, of_tasks, strict=True)
    ) / ((count - 1) * (tasks - 1))
    between = max(0.0, _variance(of_runs) - rest / tasks) / count
    return _Part(weight * weight * between, count - 1)


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
