"""The ladder: nested sets of pairs, each a prefix of the next, each balanced and audited by itself.

A subset can have a shortcut that the whole has not. Under REBALANCE such a set gives the pairs that
are told apart most easily in exchange for others of the selected pairs, which is possible as long
as it is not all of them; what the smaller sets have is settled by then.
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
    """Its audit; `None` where it is too small to tell."""
    passed: bool
    """Whether it does not fail, or failures are only recorded."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All pairs, and the sets that are prefixes of them."""

    pairs: list[Pair]
    rungs: list[Rung]
    """By size; the last one is the first that does not pass, if there is one."""


def audited_ladder(
    pairs: Sequence[Pair], sizes: Sequence[int], rules: Rules, *, whole: Reading | None
) -> Ladder:
    """The same pairs, in about the same order, of which the prefixes of these ascending sizes, none
    larger than all, pass the audit. `whole` is the audit of all.

    As where all pairs are rebalanced, a set that was seen to fail has to come under the limit
    itself, with folds that were not used before; that chance could explain it no longer counts.
    """
    ordered = balanced_prefixes(pairs, rules)
    rungs: list[Rung] = []
    for size in sizes:
        settled = rungs[-1].size if rungs else 0
        if size == len(ordered):
            # Nothing is left to exchange; what all pairs were found to be holds.
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
    """One set, and all pairs in the order of which it is the beginning; the first `settled` stay
    where they are."""
    reading = _read(ordered[:size], rules.seed)
    passed = _is_fine(reading, rules)
    aside: list[Pair] = []
    attempt = 0
    while reading is not None and not passed and rules.audit.on_shortcut == "rebalance":
        amount = min(max(1, round(LEAVE_OUT_SHARE * size)), len(ordered) - size)
        if not amount:
            break
        # The most telling first; among equals the last, as where all pairs are rebalanced.
        margins = reading.discrimination.margins
        places = np.lexsort((-np.arange(size), -margins))
        told = set([int(place) for place in places if place >= settled][:amount])
        aside = [*(pair for place, pair in enumerate(ordered) if place in told), *aside]
        left = [pair for place, pair in enumerate(ordered) if place not in told]
        ordered = balanced_prefixes(left, rules, settled=settled)
        attempt += 1
        reading = _read(ordered[:size], rules.seed + attempt)
        passed = reading is None or reading.discrimination.largest <= rules.audit.max_auc
    return [*ordered, *aside], Rung(size, reading, passed)


def _read(pairs: Sequence[Pair], seed: int) -> Reading | None:
    return read([sides_of(pair) for pair in pairs], seed=seed)


def balanced_prefixes(pairs: Sequence[Pair], rules: Rules, *, settled: int = 0) -> list[Pair]:
    """The same pairs in about the same order: one of which a prefix would have too many of its kind
    waits until the other kind has caught up. Those for which it never does come last. The first
    `settled` stay."""
    ordered, left = list(pairs[:settled]), list(pairs[settled:])
    surplus = sum(pair.longer for pair in ordered)
    while left:
        most = max_surplus(len(ordered) + 1, rules)
        fitting = (place for place, pair in enumerate(left) if abs(surplus + pair.longer) <= most)
        ordered.append(left.pop(next(fitting, 0)))
        surplus += ordered[-1].longer
    return ordered


def max_surplus(total: int, rules: Rules) -> float:
    """How many pairs more one kind, chosen longer or rejected longer, may have among so many.

    Equal lengths count half for each kind: half of the surplus over all is what the share of the
    frequent kind has above one half. One pair too many cannot be helped.
    """
    return max(1.0, 2 * rules.max_length_imbalance * total)
