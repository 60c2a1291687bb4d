"""Student's t distribution with any positive number of degrees of freedom. Pure Python."""

import math
from functools import lru_cache

_TINY = 1e-300
_PRECISION = 1e-15
_MAX_TERMS = 10_000


def student_tail(t: float, freedom: float) -> float:
    """The probability that Student's t is at least `abs(t)` away from 0, `freedom` > 0.

    Source: NIST Digital Library of Mathematical Functions, 8.17: it is the incomplete beta
    function I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t^2).
    """
    if freedom <= 0:
        raise ValueError(f"need more than 0 degrees of freedom, got {freedom}")
    if math.isinf(t):
        return 0.0
    return _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache(maxsize=1024)
def student_quantile(confidence: float, freedom: float) -> float:
    """The two-sided quantile: 1.96 for a confidence of 0.95 and many degrees of freedom."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    low, high = 0.0, 1.0
    while student_tail(high, freedom) > 1 - confidence:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if student_tail(middle, freedom) > 1 - confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b).

    Source: DLMF 8.17.22, the continued fraction, by Lentz's method; 8.17.4 for large x, where the
    fraction of the other side converges faster.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    logarithm = a * math.log(x) + b * math.log1p(-x)
    logarithm += math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    value, numerator, denominator = 1.0, 1.0, 0.0
    for term in range(_MAX_TERMS):
        half = term // 2
        if term == 0:
            step = 1.0
        elif term % 2 == 0:
            step = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        else:
            step = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        denominator = 1 / (1 + step * denominator or _TINY)
        numerator = 1 + step / numerator or _TINY
        value *= numerator * denominator
        if term and abs(numerator * denominator - 1) < _PRECISION:
            break
    return math.exp(logarithm) / a * (value - 1)
