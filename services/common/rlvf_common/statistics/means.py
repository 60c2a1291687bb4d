"""The test of a mean of few independent measurements. Pure Python, deterministic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from rlvf_common.statistics.intervals import Interval
from rlvf_common.statistics.student import student_quantile, student_tail

__all__ = ["Mean", "mean_of"]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean; `p_value` is two-sided, of the null that it is 0."""

    estimate: float
    ci95: Interval
    p_value: float


def mean_of(values: Sequence[float]) -> Mean:
    """The mean of finite values, at least 2, with Student's interval and test.

    Source: Student, "The probable error of a mean", Biometrika 6 (1908) 1-25.
    """
    mean = fmean(values)
    freedom = len(values) - 1
    error = math.sqrt(variance(values, mean) / len(values))
    reach = student_quantile(0.95, freedom) * error
    t = mean / error if error else math.copysign(math.inf, mean) if mean else 0.0
    return Mean(mean, Interval(mean - reach, mean + reach), student_tail(t, freedom))
