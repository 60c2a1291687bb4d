"""Builds the ladder: nested sets of pairs, each a prefix of the next, each balanced and audited.

A subset can have a shortcut that the whole does not. Under REBALANCE such a set exchanges the pairs
whose sides are told apart most easily for others of the selected pairs. The pairs of the smaller
sets stay, and the set of all pairs has none to exchange.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlvf_pair_generator.selecting.audit import LEAVE_OUT_SHARE, Reading, read, sides_of
from rlvf_pair_generator.selecting.candidates import Pair
from rlvf_pair_generator.selecting.rules import Rules

__all__ = ["Ladder", "Rung", "audited_ladder", "balanced_prefixes", "max_surplus"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One set: the first `size` of the ladder's pairs."""

    size: int
    reading: Reading | None
    """Its audit; `None` if it is too small for one."""
    passed: bool
    """Whether it passes the audit, or failures are only recorded."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All pairs, and the sets that are prefixes of them."""

    pairs: list[Pair]
    rungs: list[Rung]
    """By size; they end with the first that does not pass, if there is one."""


def audited_ladder(
    pairs: Sequence[Pair], sizes: Sequence[int], rules: Rules, *, whole: Reading | None
) -> Ladder:
    """Reorder the pairs as little as possible, so that each prefix of a size in `sizes` passes the
    audit. `sizes` ascend, and none is larger than all pairs; `whole` is the audit of all.

    As when all pairs are rebalanced, the AUC of a set that has failed must come under the limit,
    with folds that were not used before; its p-value no longer counts.
    """
    ordered = balanced_prefixes(pairs, rules)
    rungs: list[Rung] = []
    for size in sizes:
        settled = rungs[-1].size if rungs else 0
        if size == len(ordered):
            # There is nothing to exchange, and the audit of all pairs is known.
            rungs.append(Rung(size, whole, _is_fine(whole, rules)))
        else:
            ordered, rung = _rung(ordered, settled, size, rules)
            rungs.append(rung)
        if not rungs[-1].passed:
            break
    return Ladder(ordered, rungs)


def _is_fine(reading: Reading | None, rules: Rules) -> bool:
    recorded = rules.audit.on_shortcut == "record"
    return recorded or reading is None or not reading.fails(rules.audit)


def _rung(ordered: list[Pair], settled: int, size: int, rules: Rules) -> tuple[list[Pair], Rung]:
    """One set, and all pairs in an order that begins with it; the first `settled` pairs stay where
    they are."""
    reading = _read(ordered[:size], rules.seed)
    passed = _is_fine(reading, rules)
    aside: list[Pair] = []
    attempt = 0
    while reading is not None and not passed and rules.audit.on_shortcut == "rebalance":
        amount = min(max(1, round(LEAVE_OUT_SHARE * size)), len(ordered) - size)
        if not amount:
            break
        # The largest margins first; among equals the last, as when all pairs are rebalanced.
        margins = reading.discrimination.margins
        places = np.lexsort((-np.arange(size), -margins))
        told = set([int(place) for place in places if place >= settled][:amount])
        aside = [*(pair for place, pair in enumerate(ordered) if place in told), *aside]
        left = [pair for place, pair in enumerate(ordered) if place not in told]
        ordered = balanced_prefixes(left, rules, settled=settled)
        attempt += 1
        reading = _read(ordered[:size], rules.seed + attempt)
        passed = reading is None or reading.discrimination.largest <= rules.audit.max_auc
    if aside:
        ordered = balanced_prefixes([*ordered, *aside], rules, settled=size)
    return ordered, Rung(size, reading, passed)


def _read(pairs: Sequence[Pair], seed: int) -> Reading | None:
    return read([sides_of(pair) for pair in pairs], seed=seed)


def balanced_prefixes(pairs: Sequence[Pair], rules: Rules, *, settled: int = 0) -> list[Pair]:
    """Reorder the pairs as little as possible, so that every prefix is balanced in length: a pair
    that would break the balance waits until the other kind has caught up, or comes last. The first
    `settled` pairs stay; if they are out of balance, the next ones restore it."""
    ordered, left = list(pairs[:settled]), list(pairs[settled:])
    surplus = sum(pair.longer for pair in ordered)
    while left:
        most = max_surplus(len(ordered) + 1, rules)
        fitting = (place for place, pair in enumerate(left) if abs(surplus + pair.longer) <= most)
        place = next(fitting, None)
        if place is None:
            place = min(range(len(left)), key=lambda one: abs(surplus + left[one].longer))
        ordered.append(left.pop(place))
        surplus += ordered[-1].longer
    return ordered


def max_surplus(total: int, rules: Rules) -> float:
    """How many more pairs of one kind (chosen longer, rejected longer) than of the other may be
    among `total` pairs.

    Equal lengths count half for each kind, so the share of the more frequent kind is one half plus
    half the surplus over the total. A surplus of one pair is unavoidable.
    """
    return max(1.0, 2 * rules.max_length_imbalance * total)
