"""Measures how well linear classifiers tell the two sides of pairs apart: cross-validated AUC, its
interval and its p-value.

The classifiers use least squares with a ridge, which is Fisher's linear discriminant (Duda, Hart,
Stork, "Pattern Classification", 2nd edition, section 5.8.2). Exchanging the sides of pairs changes
only the targets, so one factorisation of the features serves all the exchanged sets of the
permutation test. A library's logistic regression would have to be fitted for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["FEWEST_PROBLEMS", "Discrimination", "discriminate"]

FOLDS = 5
FEWEST_PROBLEMS = 10
"""With fewer problems a fold would have one or none."""

_EXCHANGED_SETS = 399
_RESAMPLED_SETS = 500
_RIDGE = 1.0
"""Weight of the ridge, in pairs: features are in standard deviations."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Discrimination:
    """How well the sides can be told apart."""

    auc: float
    """AUC of a classifier that looks at one side at a time."""
    paired_auc: float
    """Share of pairs that a classifier of their differences orders correctly."""
    low: float
    """Lower end of the 95% interval of the larger of the two: percentile bootstrap of the held-out
    scores over problems."""
    high: float
    p_value: float
    """Share of sets with exchanged sides, including this set, whose larger AUC is at least as
    large."""
    margins: Array = field(compare=False, repr=False)
    """(pairs,): how easily each pair's sides are told apart: the sum of the differences that the
    two classifiers see while its problem is held out, each in standard deviations over pairs."""

    @property
    def largest(self) -> float:
        """The larger AUC."""
        return max(self.auc, self.paired_auc)


def discriminate(
    chosen: Array, rejected: Array, groups: Sequence[str], *, seed: int
) -> Discrimination | None:
    """Measure `chosen` and `rejected`, the features of each side, shape (pairs, features). `groups`
    are the pairs' problems, which are never split between folds.

    The p-value is exact for the hypothesis that exchanging the sides within a problem changes
    nothing; all pairs of a problem are exchanged together, since they share answers. `None` for
    fewer than `FEWEST_PROBLEMS` problems.
    """
    names = sorted(set(groups))
    if len(names) < FEWEST_PROBLEMS:
        return None
    random = np.random.default_rng(seed % 2**63)
    index = np.searchsorted(names, groups)
    fold_of = random.permutation(np.arange(len(names)) % FOLDS)
    signs = random.choice((-1.0, 1.0), size=(len(names), _EXCHANGED_SETS + 1))
    signs[:, 0] = 1.0
    side_scores, pair_scores = _held_out_scores(chosen, rejected, fold_of[index], signs[index])

    sides = _side_auc(side_scores, signs[index])
    pairs = _pair_auc(pair_scores, signs[index])
    statistics = np.maximum(sides, pairs)
    first, second = side_scores[:, :, 0], pair_scores[:, 0]
    low, high = _interval(first, second, index, random)
    return Discrimination(
        auc=float(sides[0]),
        paired_auc=float(pairs[0]),
        low=low,
        high=high,
        p_value=float(np.mean(statistics >= statistics[0] - 1e-12)),
        margins=_standardised(first[0] - first[1]) + _standardised(second),
    )


def _held_out_scores(
    chosen: Array, rejected: Array, folds: npt.NDArray[np.int64], signs: Array
) -> tuple[Array, Array]:
    """Scores of sides, shape (2, pairs, sets), and of differences, shape (pairs, sets), by
    classifiers that have not seen the pair's fold; `signs`, shape (pairs, sets), has -1 where the
    sides are exchanged."""
    side_scores = np.zeros((2, *signs.shape))
    pair_scores = np.zeros(signs.shape)
    for fold in range(FOLDS):
        held_out = folds == fold
        seen = ~held_out
        both = np.concatenate([chosen[seen], rejected[seen]])
        mean, deviation = both.mean(axis=0), both.std(axis=0)
        deviation[deviation < 1e-9] = np.inf
        a, b = (_curved((side - mean) / deviation) for side in (chosen, rejected))
        train = np.concatenate([a[seen], b[seen]])
        targets = np.concatenate([signs[seen], -signs[seen]])
        weights = _least_squares(train - train.mean(axis=0), targets)
        side_scores[0, held_out] = a[held_out] @ weights
        side_scores[1, held_out] = b[held_out] @ weights
        pair_scores[held_out] = (a - b)[held_out] @ _least_squares((a - b)[seen], signs[seen])
    # Equal answers have equal scores, whatever the order of the additions.
    return side_scores.round(9), pair_scores.round(9)


def _curved(features: Array) -> Array:
    """The features and their squares, so that sides that are shorter or longer than others can be
    told by one weight."""
    return np.concatenate([features, features**2], axis=1)


def _least_squares(features: Array, targets: Array) -> Array:
    """Weights that make `features @ weights` nearest to `targets`, with a ridge."""
    gram = features.T @ features + 2.0 * _RIDGE * np.eye(features.shape[1])
    return np.asarray(np.linalg.solve(gram, features.T @ targets), dtype=np.float64)


def _side_auc(scores: Array, signs: Array) -> Array:
    """The AUC of every set: the probability that the score of a chosen side is above that of a
    rejected side of any pair; ties count half (Mann-Whitney U over pairs^2)."""
    pairs = signs.shape[0]
    ranks = _ranks(scores.reshape(2 * pairs, -1))
    is_chosen = np.concatenate([signs > 0, signs < 0])
    rank_sum = (ranks * is_chosen).sum(axis=0)
    return np.asarray((rank_sum - pairs * (pairs + 1) / 2) / pairs**2)


def _pair_auc(scores: Array, signs: Array) -> Array:
    return np.asarray((np.sign(scores * signs).mean(axis=0) + 1) / 2)


def _ranks(values: Array) -> Array:
    """Ranks from 1 in every column; equal values have their mean rank."""
    order = np.argsort(values, axis=0)
    ascending = np.take_along_axis(values, order, axis=0)
    places = np.broadcast_to(np.arange(len(values), dtype=np.float64)[:, None], values.shape)
    new = np.ones(values.shape, dtype=bool)
    new[1:] = ascending[1:] != ascending[:-1]
    last = np.ones(values.shape, dtype=bool)
    last[:-1] = new[1:]
    first_place = np.maximum.accumulate(np.where(new, places, 0.0), axis=0)
    last_place = np.where(last, places, float(len(values)))
    last_place = np.minimum.accumulate(last_place[::-1], axis=0)[::-1]
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, (first_place + last_place) / 2 + 1, axis=0)
    return ranks


def _interval(
    side_scores: Array,
    pair_scores: Array,
    index: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> tuple[float, float]:
    """95% percentile bootstrap of the larger AUC: problems are drawn with replacement, with their
    scores."""
    problems = int(index.max()) + 1
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(problems))
    chosen, rejected = side_scores[0, order], side_scores[1, order]
    # For any two problems, how often a chosen side of one scores above a rejected one of the other.
    wins = np.array(
        [
            np.add.reduceat(np.sign(own[:, None] - rejected[None, :]).sum(axis=0), starts)
            for own in np.split(chosen, starts[1:])
        ]
    )
    pair_wins = np.add.reduceat(np.sign(pair_scores[order]), starts)
    sizes = np.bincount(index, minlength=problems).astype(np.float64)
    drawn = random.multinomial(problems, np.full(problems, 1 / problems), size=_RESAMPLED_SETS)
    times = drawn.astype(np.float64)
    pairs = times @ sizes
    sides_auc = ((times @ wins * times).sum(axis=1) / pairs**2 + 1) / 2
    pairs_auc = (times @ pair_wins / pairs + 1) / 2
    low, high = np.quantile(np.maximum(sides_auc, pairs_auc), [0.025, 0.975])
    return float(low), float(high)


def _standardised(values: Array) -> Array:
    deviation = float(values.std())
    return values / deviation if deviation > 0 else np.zeros_like(values)
