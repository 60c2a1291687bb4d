"""The shortcut audit: pairs whose sides a trivial classifier tells apart teach what it looks at.

A set fails when the AUC on held-out problems is above the limit *and* at most 1 in 20 sets without
a shortcut would give as much. The second condition matters for small sets: of 40 pairs without any
shortcut the AUC is above 0.6 by chance alone in one set of several. It bounds false alarms at 5%
for every size; what is not seen in a small set may still be there, as the interval says.
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
    """A pair as a model is trained on it."""

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
    """Share of pairs of which the chosen side has more, equal ones half."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The audit of one set."""

    discrimination: Discrimination
    features: list[Feature]
    """Those that differ in any pair, the most telling first."""
    pairs: int
    problems: int

    def fails(self, rules: AuditRules) -> bool:
        """Whether the sides are told apart too well, and not by chance."""
        found = self.discrimination
        return found.largest > rules.max_auc and found.p_value <= SIGNIFICANCE

    def sentence(self) -> str:
        """What gives the sides away, for an error message."""
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
    """What the audit found and left."""

    pairs: list[Pair]
    before: Reading | None
    """None: too few problems to tell."""
    after: Reading | None
    passed: bool
    """Whether the pairs that are left do not fail, or failures are only recorded."""


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
    """Audit a set; `None` where it has too few problems to tell anything."""
    if not sides:
        return None
    chosen = np.array([surface_of(each.prompt, each.chosen) for each in sides])
    rejected = np.array([surface_of(each.prompt, each.rejected) for each in sides])
    return _read(chosen, rejected, [each.problem for each in sides], seed)


def audited(pairs: Sequence[Pair], rules: AuditRules, *, seed: int, needed: int) -> Audit:
    """Audit the pairs, and rebalance them where the rules say so.

    Rebalancing is adversarial filtering (Le Bras et al. 2020, https://arxiv.org/abs/2002.04108):
    the pairs that the held-out classifiers tell apart most easily are left out, a few at a time,
    until the AUC of the rest is within the limit with folds that were not used before. That chance
    could explain it no longer counts: the shortcut was seen, a smaller set only hides it better.
    It ends without success where fewer than `needed` pairs would be left.
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
        # Among equally telling pairs the last ones go, which the smaller sets do not have.
        easiest = np.lexsort((-left, -after.discrimination.margins))[:amount]
        left = np.delete(left, easiest)
        # New folds: those that chose what to leave out would flatter the rest.
        after = _read(chosen[left], rejected[left], list(problems[left]), seed + attempt)
        fails = after is None or after.discrimination.largest > rules.max_auc
    passed = not fails or rules.on_shortcut == "record"
    if after is None and before is not None:
        # Too few problems are left to see what was seen before.
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
