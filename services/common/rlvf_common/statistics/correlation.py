"""Whether two quantities of the same things go together. Pure Python, deterministic."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

__all__ = ["LEAST_PAIRS", "RankCorrelation", "rank_correlation"]

LEAST_PAIRS = 5
"""With fewer pairs no order is rarer than one in 20: of 4 there are 24 orders, so that the smallest
two-sided p-value is 2 / 24."""
_MAX_EXACT = 8
"""Maximum number of pairs of which all orders are counted: 40,320."""
_RESAMPLES = 10_000
_SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """A rank correlation: `rho` lies in [-1, 1]; `p_value` is two-sided."""

    rho: float
    p_value: float
    pairs: int


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> RankCorrelation:
    """Spearman's rank correlation of pairs, at least 2, with its permutation test.

    Equal values have the mean of their ranks. Under the null every order of the second values is
    equally likely; the p-value is the share of all orders whose correlation is at least as far from
    0 as the observed one. Of more than 8 pairs 10,000 orders are drawn with a fixed seed. If all
    values of one side are equal, rho is 0 and the p-value 1.

    Source: C. Spearman, "The proof and measurement of association between two things", American J.
    of Psychology 15 (1904) 72-101; the permutation test: E. J. G. Pitman, "Significance tests which
    may be applied to samples from any populations. II. The correlation coefficient test",
    Supplement to the J. Royal Statistical Society 4 (1937) 225-232.
    """
    if len(first) != len(second) or len(first) < 2:
        raise ValueError(f"need as many values of both, at least 2: {len(first)}, {len(second)}")
    left, right = _centred_ranks(first), _centred_ranks(second)
    spread = math.sqrt(_product(left, left) * _product(right, right))
    if not spread:
        return RankCorrelation(0.0, 1.0, len(first))
    observed = _product(left, right)
    # The order that was observed counts itself.
    orders, hits = (0, 0) if len(right) <= _MAX_EXACT else (1, 1)
    for order in _orders(right):
        orders += 1
        hits += abs(_product(left, order)) >= abs(observed)
    return RankCorrelation(observed / spread, hits / orders, len(first))


def _centred_ranks(values: Sequence[float]) -> list[int]:
    """Twice the distance of each rank from their mean, an integer."""
    ordered = sorted(values)
    # The rank of equal values is the mean of the first one's and the last one's.
    return [2 * ordered.index(value) + ordered.count(value) - len(values) for value in values]


def _orders(ranks: Sequence[int]) -> Iterator[Sequence[int]]:
    if len(ranks) <= _MAX_EXACT:
        yield from permutations(ranks)
        return
    generator = random.Random(_SEED)
    drawn = list(ranks)
    for _ in range(_RESAMPLES):
        generator.shuffle(drawn)
        yield drawn


def _product(first: Sequence[int], second: Sequence[int]) -> int:
    return sum(left * right for left, right in zip(first, second, strict=True))
