"""The shortcut audit: finds out whether a trivial classifier tells chosen from rejected sides. If
it does, a model would learn what the classifier looks at.

A set fails if the AUC on held-out problems is above the limit *and* at most 1 in 20 sets without a
shortcut would have an AUC as large. The second condition matters for small sets: sets of 40 pairs
without any shortcut often have an AUC above 0.6 by chance. It bounds false alarms at 5% for every
size. A small set may have a shortcut that is not seen; the interval says how large it may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rlvf_pair_generator.selecting.candidates import Pair
from rlvf_pair_generator.selecting.discrimination import Array, Discrimination, discriminate
from rlvf_pair_generator.selecting.rules import AuditRules
from rlvf_pair_generator.selecting.surface import Surface, surface_of
from rlvf_pair_generator.selecting.texts import sent_prompt, written_answer

__all__ = ["Audit", "Feature", "Reading", "Sides", "audited", "read", "sides_of"]

SIGNIFICANCE = 0.05
LEAVE_OUT_SHARE = 0.05
"""Share of the pairs that one round of rebalancing leaves out."""


class Sides(NamedTuple):
    """The texts of a pair on which a model is trained."""

    problem: str
    prompt: str
    chosen: str
    rejected: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the sides."""

    name: str
    chosen: float
    """Mean over chosen sides."""
    rejected: float
    paired_auc: float
    """Share of pairs whose chosen side has the larger value; equal ones count half."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The audit of one set."""

    discrimination: Discrimination
    features: list[Feature]
    """The features that differ in any pair, those that tell the sides apart best first."""
    pairs: int
    problems: int

    def fails(self, rules: AuditRules) -> bool:
        """Whether the sides are told apart too well, and not by chance."""
        found = self.discrimination
        return found.largest > rules.max_auc and found.p_value <= SIGNIFICANCE

    def sentence(self) -> str:
        """The result and the best features in words, for an error message."""
        found = self.discrimination
        telling = "; ".join(
            f"{each.name.replace('_', ' ')} ({each.chosen:.2f} chosen, "
            f"{each.rejected:.2f} rejected)"
            for each in self.features[:3]
        )
        return (
            f"a classifier that sees only length and format tells chosen from rejected with AUC "
            f"{found.largest:.2f} (95% CI {found.low:.2f} to {found.high:.2f}, p = "
            f"{found.p_value:.3f}, {self.pairs} pairs of {self.problems} problems); most telling: "
            f"{telling}"
        )


@dataclass(frozen=True, slots=True)
class Audit:
    """The readings of the audit, and the pairs that it left."""

    pairs: list[Pair]
    before: Reading | None
    """None if there are too few problems for an audit."""
    after: Reading | None
    passed: bool
    """Whether the pairs that are left pass, or failures are only recorded."""


def sides_of(pair: Pair) -> Sides:
    """The texts of a pair as they are stored."""
    problem = pair.problem
    return Sides(
        problem.task_id,
        sent_prompt(problem, pair.chosen),
        written_answer(problem, pair.chosen),
        written_answer(problem, pair.rejected),
    )


def read(sides: Sequence[Sides], *, seed: int) -> Reading | None:
    """Audit a set; `None` if it has too few problems."""
    if not sides:
        return None
    chosen = np.array([surface_of(each.prompt, each.chosen) for each in sides])
    rejected = np.array([surface_of(each.prompt, each.rejected) for each in sides])
    return _read(chosen, rejected, [each.problem for each in sides], seed)


def audited(pairs: Sequence[Pair], rules: AuditRules, *, seed: int, needed: int) -> Audit:
    """Audit the pairs, and rebalance them if the rules say so.

    Rebalancing is adversarial filtering (Le Bras et al. 2020, https://arxiv.org/abs/2002.04108):
    the pairs whose sides the held-out classifiers tell apart most easily are left out, a few at a
    time, until the AUC of the rest is within the limit with folds that were not used before. The
    p-value no longer counts then: the shortcut was seen, and a smaller set only hides it better.
    Rebalancing fails if fewer than `needed` pairs would be left.
    """
    sides = [sides_of(pair) for pair in pairs]
    if not sides:
        return Audit([], None, None, passed=True)
    chosen = np.array([surface_of(each.prompt, each.chosen) for each in sides])
    rejected = np.array([surface_of(each.prompt, each.rejected) for each in sides])
    problems = np.array([each.problem for each in sides])
    left = np.arange(len(sides))
    before = after = _read(chosen, rejected, list(problems), seed)
    attempt = 0
    fails = before is not None and before.fails(rules)
    while after is not None and fails:
        amount = max(1, round(LEAVE_OUT_SHARE * len(left)))
        if rules.on_shortcut != "rebalance" or len(left) - amount < needed:
            break
        attempt += 1
        # Among equal margins the last pairs go, which the smaller sets do not have.
        easiest = np.lexsort((-left, -after.discrimination.margins))[:amount]
        left = np.delete(left, easiest)
        # New folds: with the folds that chose what to leave out the AUC would be too low.
        after = _read(chosen[left], rejected[left], list(problems[left]), seed + attempt)
        fails = after is None or after.discrimination.largest > rules.max_auc
    passed = not fails or rules.on_shortcut == "record"
    if after is None and before is not None:
        # Too few problems are left for an audit, so the reading before counts.
        after = before
    return Audit([pairs[int(place)] for place in left], before, after, passed)


def _read(chosen: Array, rejected: Array, problems: list[str], seed: int) -> Reading | None:
    found = discriminate(chosen, rejected, problems, seed=seed)
    if found is None:
        return None
    paired = (np.sign(chosen - rejected).mean(axis=0) + 1) / 2
    features = [
        Feature(name, float(mine), float(other), float(auc))
        for name, mine, other, auc, differs in zip(
            Surface._fields,
            chosen.mean(axis=0),
            rejected.mean(axis=0),
            paired,
            (chosen != rejected).any(axis=0),
            strict=True,
        )
        if differs
    ]
    features.sort(key=lambda each: (-abs(each.paired_auc - 0.5), each.name))
    return Reading(found, features, len(problems), len(set(problems)))
