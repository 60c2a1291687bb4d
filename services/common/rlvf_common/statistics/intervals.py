"""Intervals and tests in closed form. Pure Python, deterministic.

`permutation`, `bootstrap` and `runs` have the other statistics.

Vocabulary: a *task* is one problem of a benchmark; its *rate* is the share of its samples that
passed (0 or 1 with one sample). Tasks are the unit that is drawn from a population, so intervals
and tests resample or flip tasks, never samples. `improved` and `regressed` count tasks that only
the treatment or only the baseline passes. Differences are treatment minus baseline, as shares (0.01
is one percentage point).

Which to use:

* one result: `pass_rate_interval` (Wilson; corrected for several samples per task);
* two results on the same tasks, one sample each: `mcnemar_exact` and `paired_difference_interval`;
* the same with several samples: `permutation.sign_flip_exact` and
  `bootstrap.bootstrap_difference_interval`; with one sample the sign-flip test *is* the exact
  McNemar test;
* several runs of a condition, such as training seeds: `runs.pass_rate_of_runs` and
  `runs.contrast_of_runs`;
* a ladder of conditions: `permutation.trend_exact`;
* several comparisons in one report: `holm` over their p-values.

`comparison` and `trend` choose among them, given results.
"""

import math
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from statistics import NormalDist
from typing import NamedTuple

from rlvf_common.statistics.student import student_quantile

ALPHA = 0.05
"""A difference is called distinguishable if its p-value is below this."""


class Interval(NamedTuple):
    """A confidence interval, ends included."""

    low: float
    high: float


def z_value(confidence: float) -> float:
    """The two-sided normal quantile: 1.96 for a confidence of 0.95."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson_interval(passed: float, n: float, confidence: float = 0.95) -> Interval:
    """Interval of a share: `passed` of `n` independent trials, `n` > 0.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927) 209-212; as recommended by R. G. Newcombe, Statistics in Medicine 17 (1998)
    857-872, method 3.
    """
    if n <= 0 or not 0 <= passed <= n:
        raise ValueError(f"need 0 <= passed <= n and n > 0, got {passed} of {n}")
    return _wilson(passed, n, z_value(confidence))


def _wilson(passed: float, n: float, z: float) -> Interval:
    """Wilson's interval for `passed` of `n`, which may be fractional, at the quantile `z`."""
    share = passed / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # Rounding errors must not take the ends beyond 0 and 1.
    low = 0.0 if passed == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if passed == n else min(1.0, (middle + half) / scale)
    return Interval(low, high)


def pass_rate_interval(rates: Sequence[float], samples: int, confidence: float = 0.95) -> Interval:
    """Interval of the mean pass rate over tasks.

    `rates` holds one rate per task, `samples` is the number of samples of all tasks together. With
    one sample per task this is `wilson_interval`. With several it is Wilson's interval at the
    effective sample size: the number of independent trials that would have the variance of the
    tasks' rates, at least the number of tasks and at most that of samples. Because the variance is
    estimated from the tasks, Student's quantile with n - 1 degrees of freedom replaces the normal
    one.

    Source: C. Franco, R. J. A. Little, T. A. Louis, E. V. Slud, "Comparative study of confidence
    intervals for proportions in complex sample surveys", J. Survey Statistics and Methodology 7
    (2019) 334-364 (Wilson's interval with the effective sample size); E. L. Korn, B. I. Graubard,
    Survey Methodology 24 (1998) 193-201 (degrees of freedom).
    """
    n = len(rates)
    if not 0 < n <= samples:
        raise ValueError(f"need at least one task and a sample of each, got {n} and {samples}")
    mean = math.fsum(rates) / n
    if samples == n or n == 1:
        return wilson_interval(mean * n, n, confidence)
    binomial = mean * (1 - mean)
    spread = math.fsum((rate - mean) ** 2 for rate in rates) / (n - 1)
    effective = float(n)
    if binomial > 0:
        effective = float(samples) if spread == 0 else binomial / spread * n
    effective = min(max(effective, float(n)), float(samples))
    return _wilson(min(mean * effective, effective), effective, student_quantile(confidence, n - 1))


def mcnemar_exact(improved: int, regressed: int) -> float:
    """Two-sided p-value of the exact McNemar test.

    Under the null a task that flips is as likely to improve as to regress: `improved` is binomial
    with share 1/2. The p-value is twice the smaller tail, at most 1; it is 1 when nothing flipped.

    Source: Q. McNemar, Psychometrika 12 (1947) 153-157; exact form: A. Agresti, "Categorical Data
    Analysis", 3rd ed. (2013), section 11.1.
    """
    if improved < 0 or regressed < 0:
        raise ValueError(f"counts cannot be negative, got {improved} and {regressed}")
    flips = improved + regressed
    tail = sum(math.comb(flips, k) for k in range(min(improved, regressed) + 1))
    return min(1.0, float(Fraction(2 * tail, 2**flips)))


def paired_difference_interval(
    improved: int, regressed: int, n: int, confidence: float = 0.95
) -> Interval:
    """Score interval of the difference of two paired shares, `n` tasks with one sample per side.

    Unlike the bootstrap and Wald's interval it keeps its coverage when few tasks flip, and does not
    shrink to a point when no task flips.

    Source: T. Tango, "Equivalence test and confidence interval for the difference in proportions
    for the paired-sample design", Statistics in Medicine 17 (1998) 891-908.
    """
    if n <= 0 or improved < 0 or regressed < 0 or improved + regressed > n:
        raise ValueError(f"cannot have {improved} + {regressed} flips among {n} tasks")
    z = z_value(confidence)

    def score(delta: float) -> float:
        a = 2 * n
        b = -improved - regressed + (2 * n - improved + regressed) * delta
        c = -regressed * delta * (1 - delta)
        regress = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
        variance = n * (2 * regress + delta * (1 - delta))
        gap = improved - regressed - n * delta
        return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)

    estimate = (improved - regressed) / n
    # The score falls as delta grows: from +z at the low end to -z at the high end.
    low = -1.0 if estimate == -1 else _bisect(lambda delta: score(delta) > z, -1.0, estimate)
    high = 1.0 if estimate == 1 else _bisect(lambda delta: score(delta) > -z, estimate, 1.0)
    return Interval(low, high)


def _bisect(left_of_root: Callable[[float], bool], low: float, high: float) -> float:
    """The point between `low` and `high` where `left_of_root` turns from true to false."""
    for _ in range(60):
        middle = (low + high) / 2
        if left_of_root(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the given order. If those of at most alpha are rejected, the
    probability of any false rejection in the family is at most alpha, under any dependence.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian J. of
    Statistics 6 (1979) 65-70.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def smallest_detectable_difference(
    n: int, flip_share: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest true difference that a paired test on `n` tasks finds with the given power.

    `flip_share` is the share of tasks that differ between the two sides; take it from evaluating
    the same model twice, or from the comparison at hand. A difference larger than `flip_share`
    needs at least as many flips, so the larger of the two is used. 1 if `n` is too small to show
    any difference.

    Source: R. J. Connor, "Sample size for testing differences in proportions for the paired-sample
    design", Biometrics 43 (1987) 207-211, solved for the difference.
    """
    if n <= 0 or not 0 <= flip_share <= 1:
        raise ValueError(f"need n > 0 and a share of flips in [0, 1], got {n} and {flip_share}")
    z_alpha, z_power = z_value(1 - alpha), NormalDist().inv_cdf(power)

    def too_small(delta: float) -> bool:
        flips = max(flip_share, delta)
        need = z_alpha * math.sqrt(flips) + z_power * math.sqrt(flips - delta * delta)
        return math.sqrt(n) * delta < need

    return 1.0 if too_small(1.0) else _bisect(too_small, 0.0, 1.0)


def smallest_detectable_by_interval(
    low: float, high: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest true difference that a test at `alpha` finds with the given power, told from the
    ends of the difference's 95% interval, for tests that have no closed form. At most 1.

    Half the interval has the standard error, and so many of that are found.

    Source: J. Cohen, "Statistical Power Analysis for the Behavioral Sciences", 2nd ed. (1988),
    chapter 2, in the normal limit.
    """
    error = (high - low) / 2 / z_value(0.95)
    return min(1.0, error * (z_value(1 - alpha) + NormalDist().inv_cdf(power)))


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """Unbiased estimate of the chance that at least one of `k` samples of a task passes.

    Source: M. Chen et al., "Evaluating Large Language Models Trained on Code", arXiv:2107.03374
    (2021), equation 1: 1 - C(n - c, k) / C(n, k), here in exact integers.
    """
    if not 0 <= passed <= samples or not 1 <= k <= samples:
        raise ValueError(
            f"need 0 <= passed <= samples and 1 <= k <= samples, got {passed}, {samples}, {k}"
        )
    return 1 - float(Fraction(math.comb(samples - passed, k), math.comb(samples, k)))


PASS_AT_K = (1, 5, 10, 25, 50, 100)
"""The default k of pass@k: those that papers on code models report."""


def mean_pass_at_k(
    tasks: Collection[tuple[int, int]], ks: Collection[int] = ()
) -> dict[int, float]:
    """Mean of `pass_at_k` over tasks, at least one, for the requested k; by default for those of
    `PASS_AT_K` for which every task has enough samples.

    `tasks` has the number of samples of each task, and how many of them passed.

    Raises:
        ValueError: a task has fewer samples than a requested k.
    """
    fewest = min(samples for samples, _ in tasks)
    return {
        k: sum(pass_at_k(samples, passed, k) for samples, passed in tasks) / len(tasks)
        for k in ks or (k for k in PASS_AT_K if k <= fewest)
    }
