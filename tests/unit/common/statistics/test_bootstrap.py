"""The bootstrap interval. How often it covers the truth is in test_coverage.py."""

import math
import random

import pytest

from rlvf_common.statistics.bootstrap import bootstrap_difference_interval
from rlvf_common.statistics.intervals import paired_difference_interval


def test_bootstrap_interval_is_the_same_every_time_and_never_a_point() -> None:
    generator = random.Random(3)
    differences = [generator.randint(-2, 3) / 8 for _ in range(100)]
    interval = bootstrap_difference_interval(differences)
    assert interval == bootstrap_difference_interval(differences)
    assert interval.low < sum(differences) / 100 < interval.high
    still = pytest.approx(paired_difference_interval(0, 0, 164))
    assert bootstrap_difference_interval([0.0] * 164) == still


def test_bootstrap_interval_resamples_tasks() -> None:
    """Its width is that of the normal interval over tasks."""
    generator = random.Random(4)
    differences = [generator.gauss(0.05, 0.2) for _ in range(400)]
    low, high = bootstrap_difference_interval(differences)
    mean = sum(differences) / 400
    deviation = math.sqrt(sum((value - mean) ** 2 for value in differences) / 399)
    assert high - low == pytest.approx(2 * 1.96 * deviation / 20, rel=0.05)


def test_bootstrap_of_tasks_that_hardly_move_is_no_narrower_than_of_none() -> None:
    """Two tasks of 164 moved by an eighth: most resamples of the bootstrap hold one or none."""
    still = paired_difference_interval(0, 0, 164)
    low, high = bootstrap_difference_interval([0.125, 0.125] + [0.0] * 162)
    mean = 0.25 / 164
    assert (low, high) == pytest.approx((mean + still.low, mean + still.high))


def test_bootstrap_of_three_tasks_is_no_narrower_than_students() -> None:
    """One resample in three holds one task only; by Student, three tasks show nothing at all."""
    assert bootstrap_difference_interval([1.0, 0.0, 0.0]) == (-1.0, 1.0)


def test_bootstrap_interval_stays_within_minus_1_and_1() -> None:
    assert bootstrap_difference_interval([1.0] * 5).high == 1.0
    assert bootstrap_difference_interval([-1.0, -1.0, -0.5]).low == -1.0


def test_bootstrap_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no tasks"):
        bootstrap_difference_interval([])
