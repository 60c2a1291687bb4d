import math
import random

import pytest

from rlvf_common.statistics.correlation import LEAST_PAIRS, rank_correlation


def test_every_order_of_five_pairs_is_counted() -> None:
    """The exact distribution of Spearman's rho for 5 pairs, as in printed tables: 2 of 120 orders
    are as far from 0 as 1, and 16 as 0.8."""
    assert rank_correlation([1, 2, 3, 4, 5], [10, 20, 30, 40, 50]).rho == 1
    assert rank_correlation([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]).rho == -1
    assert rank_correlation([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]).p_value == pytest.approx(2 / 120)
    found = rank_correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    assert found.rho == pytest.approx(0.8)
    assert found.p_value == pytest.approx(16 / 120)


def test_fewer_pairs_than_the_least_can_show_nothing() -> None:
    def best(pairs: int) -> float:
        return rank_correlation(range(pairs), range(pairs)).p_value

    assert best(LEAST_PAIRS) < 0.05 < best(LEAST_PAIRS - 1)


def test_equal_values_share_their_ranks() -> None:
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: Pearson's correlation of these is 3 / sqrt(10).
    assert rank_correlation([1, 2, 2, 3], [1, 2, 3, 4]).rho == pytest.approx(3 / math.sqrt(10))
    constant = rank_correlation([1, 2, 3], [7, 7, 7])
    assert (constant.rho, constant.p_value) == (0, 1)


def test_many_pairs_are_sampled_and_agree_with_the_large_sample_theory() -> None:
    """Under the null the variance of rho is 1 / (n - 1)."""
    generator = random.Random(0)
    first = [generator.random() for _ in range(40)]
    second = [value + generator.gauss(0, 0.6) for value in first]
    found = rank_correlation(first, second)
    theory = math.erfc(abs(found.rho) * math.sqrt(39 / 2))
    assert found.p_value == pytest.approx(theory, abs=4 * math.sqrt(theory / 10_000) + 0.005)
    assert found == rank_correlation(first, second)


def test_sides_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="as many values of both"):
        rank_correlation([1, 2], [1, 2, 3])
