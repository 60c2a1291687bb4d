"""The statistics, against published values, brute force, and simulation."""

import itertools
import math
import random
from fractions import Fraction

import pytest

from rlvf_common.statistics.intervals import (
    holm,
    mcnemar_exact,
    paired_difference_interval,
    pass_at_k,
    pass_rate_interval,
    smallest_detectable_difference,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    # Newcombe 1998, table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_agrees_with_published_values(
    passed: int, n: int, low: float, high: float
) -> None:
    assert wilson_interval(passed, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 7, 164])
def test_wilson_interval_ends_exactly_at_0_and_1(n: int) -> None:
    assert wilson_interval(0, n).low == 0.0
    assert wilson_interval(n, n).high == 1.0
    assert 0 < wilson_interval(n, n).low < 1


def test_pass_rate_interval_of_one_sample_a_task_is_wilsons() -> None:
    rates = [1.0] * 52 + [0.0] * 112
    assert pass_rate_interval(rates, 164) == pytest.approx(wilson_interval(52, 164))


def test_pass_rate_interval_narrows_with_samples_that_agree_within_no_task() -> None:
    """Eight samples a task are worth more than one, and less than 8 x 164 independent ones."""
    rates = [0.25] * 82 + [0.75] * 82
    low, high = pass_rate_interval(rates, 8 * 164)
    one = wilson_interval(82, 164)
    all_independent = wilson_interval(4 * 164, 8 * 164)
    assert one.low < low < all_independent.low
    assert all_independent.high < high < one.high


def test_pass_rate_interval_counts_tasks_when_the_samples_of_a_task_agree() -> None:
    """Eight equal samples are worth one; Student's quantile in place of the normal one makes up
    for a variance that is estimated."""
    low, high = pass_rate_interval([1.0] * 52 + [0.0] * 112, 8 * 164)
    one = wilson_interval(52, 164)
    assert (high - low) / (one.high - one.low) == pytest.approx(1.974625 / 1.959964, abs=1e-3)


def test_pass_rate_interval_of_nothing_passed_has_a_width() -> None:
    low, high = pass_rate_interval([0.0] * 164, 8 * 164)
    assert low == 0
    assert wilson_interval(0, 164).high < high < 0.025


@pytest.mark.parametrize(
    ("improved", "regressed", "p_value"),
    [
        (7, 4, 0.55),
        (2, 5, 0.45),
        (2, 8, 0.11),
        (4, 14, 0.03),
        (4, 26, 6e-5),
        (0, 0, 1.0),
        (3, 3, 1),
    ],
)
def test_exact_mcnemar_of_the_prior_experiments_claims(
    improved: int, regressed: int, p_value: float
) -> None:
    assert mcnemar_exact(improved, regressed) == pytest.approx(p_value, rel=0.05)
    assert mcnemar_exact(regressed, improved) == mcnemar_exact(improved, regressed)


def test_exact_mcnemar_rejects_a_true_null_in_at_most_5_percent() -> None:
    for flips in range(1, 200):
        rejected = sum(
            math.comb(flips, improved)
            for improved in range(flips + 1)
            if mcnemar_exact(improved, flips - improved) < 0.05
        )
        assert Fraction(rejected, 2**flips) <= Fraction(5, 100)


def test_paired_interval_does_not_collapse_when_nothing_flips() -> None:
    z_squared = 1.959964**2
    bound = z_squared / (164 + z_squared)
    assert paired_difference_interval(0, 0, 164) == pytest.approx((-bound, bound), abs=1e-6)


def test_paired_interval_is_antisymmetric_and_nears_walds_in_large_samples() -> None:
    # Agresti & Min 2005: approval ratings, 150 and 86 of 1,600 changed; Wald 0.021 to 0.059.
    interval = paired_difference_interval(150, 86, 1600)
    assert interval == pytest.approx((0.021, 0.059), abs=5e-4)
    mirrored = paired_difference_interval(86, 150, 1600)
    assert mirrored == pytest.approx((-interval.high, -interval.low), abs=1e-9)


def test_paired_interval_stays_within_minus_1_and_1() -> None:
    assert paired_difference_interval(5, 0, 5).high == 1.0
    assert paired_difference_interval(0, 5, 5).low == -1.0


def test_holm_adjusts_stepwise_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_smallest_detectable_difference_is_found_with_the_power_that_it_promises() -> None:
    n, flip_share = 164, 0.2
    delta = smallest_detectable_difference(n, flip_share)
    generator = random.Random(7)
    found = 0
    for _ in range(500):
        draws = [generator.random() for _ in range(n)]
        improved = sum(draw < (flip_share + delta) / 2 for draw in draws)
        flipped = sum(draw < flip_share for draw in draws)
        found += mcnemar_exact(improved, flipped - improved) < 0.05
    # The formula is for the asymptotic test; the exact one is a little more cautious.
    assert 0.68 <= found / 500 <= 0.86


def test_smallest_detectable_difference_falls_with_tasks_and_rises_with_noise() -> None:
    assert smallest_detectable_difference(500, 0.1) < smallest_detectable_difference(164, 0.1)
    assert smallest_detectable_difference(164, 0.1) < smallest_detectable_difference(164, 0.3)
    assert smallest_detectable_difference(3, 0.5) == 1.0


def test_pass_at_k_is_the_share_of_subsets_with_a_pass() -> None:
    for samples, passed, k in ((5, 2, 1), (6, 2, 3), (7, 0, 2), (4, 4, 4), (6, 5, 2)):
        answers = [True] * passed + [False] * (samples - passed)
        subsets = list(itertools.combinations(answers, k))
        expected = sum(any(subset) for subset in subsets) / len(subsets)
        assert pass_at_k(samples, passed, k) == pytest.approx(expected)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="5 of 3"):
        wilson_interval(5, 3)
    with pytest.raises(ValueError, match="negative"):
        mcnemar_exact(-1, 2)
    with pytest.raises(ValueError, match="among 3 tasks"):
        paired_difference_interval(2, 2, 3)
    with pytest.raises(ValueError, match="at least one task"):
        pass_rate_interval([], 0)
    with pytest.raises(ValueError, match="k <= samples"):
        pass_at_k(3, 1, 4)
