"""Permutation tests against brute force, and their hold on the null."""

import itertools
import random
from fractions import Fraction

import pytest

from rlvf_common.statistics.intervals import mcnemar_exact
from rlvf_common.statistics.permutation import sign_flip_exact, trend_exact


@pytest.mark.parametrize(("improved", "regressed"), [(7, 4), (4, 26), (1, 0), (5, 5)])
def test_sign_flip_test_of_one_sample_a_task_is_exact_mcnemar(
    improved: int, regressed: int
) -> None:
    differences = [Fraction(1)] * improved + [Fraction(-1)] * regressed + [Fraction(0)] * 50
    assert sign_flip_exact(differences) == pytest.approx(mcnemar_exact(improved, regressed))


def test_sign_flip_test_counts_what_brute_force_counts() -> None:
    differences = [Fraction(a, 4) for a in (1, 3, -2, 4, 1, 1, -1, 0)]
    observed = abs(sum(differences, Fraction(0)))
    patterns = list(itertools.product((1, -1), repeat=len(differences)))
    as_extreme = sum(
        abs(sum((sign * one for sign, one in zip(signs, differences, strict=True)), Fraction(0)))
        >= observed
        for signs in patterns
    )
    assert sign_flip_exact(differences) == pytest.approx(as_extreme / len(patterns))


def test_sign_flip_test_of_incommensurable_differences_is_sampled_near_the_exact_value() -> None:
    generator = random.Random(5)
    eighths = [Fraction(generator.randint(-6, 8), 8) for _ in range(164)]
    odd = [value + Fraction(1, 10**9 + 7 * k) for k, value in enumerate(eighths)]
    assert sign_flip_exact(odd) == pytest.approx(sign_flip_exact(eighths), abs=0.01)


def test_sign_flip_test_rejects_a_true_null_in_at_most_5_percent() -> None:
    """All 1,024 patterns of signs, which the null makes equally likely."""
    sizes = [Fraction(size, 8) for size in (1, 1, 2, 3, 3, 4, 5, 6, 7, 8)]
    p_values = [
        sign_flip_exact([sign * size for sign, size in zip(signs, sizes, strict=True)])
        for signs in itertools.product((1, -1), repeat=len(sizes))
    ]
    rejected = sum(p_value <= 0.05 for p_value in p_values) / len(p_values)
    assert 0.04 <= rejected <= 0.05


def _rows(*rows: tuple[int, ...], of: int = 1) -> list[list[Fraction]]:
    return [[Fraction(passed, of) for passed in row] for row in rows]


def _brute_force(rows: list[list[Fraction]]) -> float:
    middle = Fraction(len(rows[0]) - 1, 2)

    def statistic(ordered: tuple[tuple[Fraction, ...], ...]) -> Fraction:
        return sum(
            ((rank - middle) * rate for row in ordered for rank, rate in enumerate(row)), Fraction()
        )

    observed = abs(statistic(tuple(tuple(row) for row in rows)))
    orders = list(itertools.product(*(itertools.permutations(row) for row in rows)))
    return sum(abs(statistic(order)) >= observed for order in orders) / len(orders)


@pytest.mark.parametrize(
    "rows",
    [
        _rows((0, 0, 1), (0, 1, 1), (1, 0, 1), (0, 0, 0)),
        _rows((0, 3, 8), (2, 2, 5), (8, 1, 0), (1, 4, 6), of=8),
        _rows((0, 1, 2, 3), (1, 1, 0, 3), of=3),
        _rows((1, 0, 0), (1, 1, 1), (0, 0, 1), (1, 0, 1)),
    ],
)
def test_trend_test_counts_what_brute_force_counts(rows: list[list[Fraction]]) -> None:
    assert trend_exact(rows) == pytest.approx(_brute_force(rows))


def test_trend_test_of_two_rungs_is_the_sign_flip_test() -> None:
    generator = random.Random(8)
    rows = [[Fraction(generator.randint(0, 8), 8) for _ in range(2)] for _ in range(60)]
    assert trend_exact(rows) == pytest.approx(sign_flip_exact([b - a for a, b in rows]))


def test_trend_test_rejects_a_true_null_in_at_most_5_percent() -> None:
    """All orders of five tasks, which the null makes equally likely."""
    kinds = [(0, 0, 1), (0, 1, 1), (0, 1, 2), (0, 2, 3), (1, 1, 3)]
    orders = itertools.product(*(sorted(set(itertools.permutations(kind))) for kind in kinds))
    weights = []
    for order in orders:
        p_value = trend_exact(_rows(*order, of=3))
        weights.append(p_value <= 0.05)
    assert 0.03 <= sum(weights) / len(weights) <= 0.05


def test_trend_test_sees_what_every_pair_of_rungs_hides() -> None:
    """Eight tasks lost and two won at each of three steps: no step shows it, their sum does."""
    flags = [(1, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0)] * 8
    flags += [(0, 1, 1, 1), (0, 0, 1, 1), (0, 0, 0, 1)] * 2
    flags += [(1, 1, 1, 1)] * 100 + [(0, 0, 0, 0)] * 34
    rows = _rows(*flags)
    assert trend_exact(rows) < 0.001
    for left in range(3):
        improved = sum(row[left] < row[left + 1] for row in rows)
        regressed = sum(row[left] > row[left + 1] for row in rows)
        assert mcnemar_exact(improved, regressed) > 0.05


def test_trend_test_that_is_too_large_to_count_is_sampled_near_the_exact_value() -> None:
    generator = random.Random(6)
    rows = [[Fraction(generator.randint(0, 8) + rung, 11) for rung in range(3)] for _ in range(12)]
    odd = [
        [rate + Fraction(1, 10**9 + 7 * (3 * at + rung)) for rung, rate in enumerate(row)]
        for at, row in enumerate(rows)
    ]
    assert trend_exact(odd) == pytest.approx(trend_exact(rows), abs=0.01)


def test_no_trend_where_no_task_moves() -> None:
    assert trend_exact(_rows((1, 1, 1), (0, 0, 0))) == 1.0
    assert trend_exact(_rows((0, 1, 0), (1, 0, 1))) == 1.0
