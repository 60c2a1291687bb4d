"""Permutation tests on tasks, exact where possible. Pure Python, deterministic.

The exact distributions are products of one polynomial per task, whose coefficient at s counts the
rearrangements with the statistic s. A polynomial is stored in one big integer, a fixed number of
bytes per coefficient, so that a product is a few shifts and additions.
"""

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import permutations

__all__ = ["sign_flip_exact", "trend_exact"]

_RESAMPLES = 10_000
_SEED = 20_240_229
_SIGN_FLIP_BITS = 1 << 28
"""Maximum size of the table of the sign-flip distribution, in bits (32 MiB)."""
_TREND_BITS = 1 << 24
"""The same for a trend, where a product takes many more additions."""
_MAX_RUNGS = 7
"""Maximum number of rungs for the exact trend test: 7 have 5,040 orders."""


def sign_flip_exact(differences: Sequence[Fraction]) -> float:
    """Two-sided p-value of the permutation test on the differences of tasks' rates.

    Under the null the two conditions of a task are exchangeable, and an exchange flips the sign of
    its difference. The p-value is the exact share of all 2^n sign patterns whose absolute sum is at
    least the observed one. With one sample per side it equals `mcnemar_exact`. When the sides have
    different numbers of samples, exchangeability and the p-value are approximate.

    If the differences have no small common denominator (sample counts that vary between tasks) the
    exact table would be too large, and 10,000 patterns drawn with a fixed seed replace it.

    Source: R. A. Fisher, "The Design of Experiments" (1935), section 21; E. S. Edgington,
    "Randomization Tests", ch. on matched pairs.
    """
    moved = [abs(difference) for difference in differences if difference]
    if not moved:
        return 1.0
    scale = math.lcm(*(difference.denominator for difference in moved))
    steps = [int(difference * scale) for difference in moved]
    observed = abs(sum(int(difference * scale) for difference in differences))
    total = sum(steps)
    width = len(steps) // 8 + 1  # bytes for a count up to 2^len(steps)
    if (total + 1) * width * 8 > _SIGN_FLIP_BITS:
        return _sign_flip_sampled(steps, observed)
    # The generating function prod(1 + x^step), packed into one integer, `width` bytes per
    # coefficient: the coefficient at s counts the patterns whose positive steps add up to s.
    packed = 1
    for step in steps:
        packed += packed << (8 * width * step)
    table = packed.to_bytes((total + 1) * width, "little")
    # A pattern with positive steps s sums to 2s - total; by symmetry the lower tail equals the
    # upper.
    first = -(-(total + observed) // 2)
    upper = _sum_of(table, width, range(first, total + 1))
    return min(1.0, float(Fraction(2 * upper, 2 ** len(steps))))


def _sign_flip_sampled(steps: Sequence[int], observed: int) -> float:
    """Monte Carlo form of `sign_flip_exact`; counts the observed pattern itself, so never 0."""
    generator = random.Random(_SEED)
    total = sum(steps)
    hits = 0
    for _ in range(_RESAMPLES):
        signs = generator.getrandbits(len(steps))
        positive = sum(step for at, step in enumerate(steps) if signs >> at & 1)
        hits += abs(2 * positive - total) >= observed
    return (hits + 1) / (_RESAMPLES + 1)


def trend_exact(rates: Sequence[Sequence[Fraction]]) -> float:
    """Two-sided p-value of the permutation test for a trend over the rungs of a ladder.

    `rates` has a row for each task, with its rate at each rung in order. Under the null the rungs
    are exchangeable within each task: every order of a row is equally likely. The statistic is the
    sum of all rates, each times the rank of its rung, which orders the rearrangements as the slope
    over the rank does. The p-value is the exact share of all rearrangements whose statistic is at
    least as far from its mean as the observed one. With two rungs this is `sign_flip_exact`.

    If the table would be too large (no small common denominator, more than 7 rungs), 10,000
    rearrangements drawn with a fixed seed replace it.

    The null is about these models on these tasks: one unlucky training run at a rung makes a trend
    too. Only several runs per rung and `rlvf_common.statistics.runs` can tell the two apart.

    Source: N. Mantel, "Chi-square tests with one degree of freedom; extensions of the
    Mantel-Haenszel procedure", JASA 58 (1963) 690-700, with tasks as strata; its permutation
    distribution is counted here instead of approximated. With ranks instead of rates it is the test
    of E. B. Page, JASA 58 (1963) 216-230.
    """
    rungs = len(rates[0])
    scale = math.lcm(*(rate.denominator for row in rates for rate in row))
    # Ranks minus their mean, doubled to be integers.
    ranks = [2 * rank - (rungs - 1) for rank in range(rungs)]
    rows = [[int(rate * scale) for rate in row] for row in rates]
    moved = [row for row in rows if len(set(row)) > 1]
    if not moved:
        return 1.0
    observed = abs(sum(_statistic(ranks, row) for row in moved))
    if rungs > _MAX_RUNGS:
        return _trend_sampled(ranks, moved, observed)
    kinds = Counter(tuple(sorted(row)) for row in moved)
    counts = {
        kind: Counter(_statistic(ranks, row) for row in set(permutations(kind))) for kind in kinds
    }
    step = math.gcd(*(value for count in counts.values() for value in count))
    reach = sum(max(counts[kind]) * times for kind, times in kinds.items()) // step
    patterns = math.prod(counts[kind].total() ** times for kind, times in kinds.items())
    width = patterns.bit_length() // 8 + 1
    if (2 * reach + 1) * width * 8 > _TREND_BITS:
        return _trend_sampled(ranks, moved, observed)
    packed = 1
    for kind, times in kinds.items():
        top = max(counts[kind])
        shifts = [
            (8 * width * ((value + top) // step), times_seen)
            for value, times_seen in counts[kind].items()
        ]
        for _ in range(times):
            packed = sum((packed * seen) << shift for shift, seen in shifts)
    # The distribution is symmetric: reversing all rows changes the sign.
    table = packed.to_bytes((2 * reach + 1) * width, "little")
    first = reach + observed // step
    upper = _sum_of(table, width, range(first, 2 * reach + 1))
    return min(1.0, float(Fraction(2 * upper, patterns))) if observed else 1.0


def _statistic(ranks: Sequence[int], row: Sequence[int]) -> int:
    return sum(rank * rate for rank, rate in zip(ranks, row, strict=True))


def _sum_of(table: bytes, width: int, places: Iterable[int]) -> int:
    return sum(int.from_bytes(table[at * width : (at + 1) * width], "little") for at in places)


def _trend_sampled(ranks: Sequence[int], rows: Sequence[Sequence[int]], observed: int) -> float:
    """Monte Carlo form of `trend_exact`; counts the observed order itself, so never 0."""
    generator = random.Random(_SEED)
    shuffled = [list(row) for row in rows]
    hits = 0
    for _ in range(_RESAMPLES):
        for row in shuffled:
            generator.shuffle(row)
        hits += abs(sum(_statistic(ranks, row) for row in shuffled)) >= observed
    return (hits + 1) / (_RESAMPLES + 1)
