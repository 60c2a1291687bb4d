"""Chooses preference pairs from the candidates: the rules that look at all problems together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.audit import Audit, audited
from rlvf_pair_generator.selecting.candidates import (
    Candidates,
    Pair,
    PairsLeft,
    candidates_of,
    chance,
)
from rlvf_pair_generator.selecting.ladder import Rung, audited_ladder, max_surplus
from rlvf_pair_generator.selecting.rules import Rules, Step, added_up, said
from rlvf_pair_generator.selecting.yields import ProblemYield, yields_of

__all__ = ["Selected", "check_selected", "choose_pairs", "easy_first", "select_pairs"]


@dataclass(frozen=True, slots=True)
class Selected:
    """The chosen pairs, in an order in which every prefix is spread over the problems and balanced
    in length, and what each step left."""

    pairs: list[Pair]
    steps: list[Step]
    problems_with_both: int
    """Problems with a passing and a failing sample, before any rule."""
    audit: Audit
    rungs: list[Rung]
    """The sets of the ladder that there are enough pairs for; up to the first that the audit
    refuses."""
    yields: list[ProblemYield] = field(default_factory=list)
    """How many records each problem gave."""


def select_pairs(
    problems: Sequence[Problem],
    rollouts: Sequence[Rollout],
    rules: Rules,
    *,
    ladder: Sequence[int] = (),
) -> Selected:
    """Choose pairs from the samples of all problems, as `choose_pairs` does."""
    by_task: dict[str, list[Rollout]] = {}
    for rollout in rollouts:
        by_task.setdefault(rollout.task_id, []).append(rollout)
    return choose_pairs(
        [
            candidates_of(problem, by_task[problem.task_id], rules)
            for problem in problems
            if problem.task_id in by_task
        ],
        rules,
        ladder=ladder,
    )


def choose_pairs(
    candidates: Sequence[Candidates], rules: Rules, *, ladder: Sequence[int] = ()
) -> Selected:
    """Choose pairs from the candidates of at least one problem, with sets of the ascending sizes
    `ladder`. The result depends on the arguments alone, not on the order of `candidates`.

    The shortcut audit keeps at least the pairs of the largest set; the result says whether the
    audit was passed.
    """
    steps = added_up([each.steps for each in candidates])
    pairs = _round_robin({each.task_id: each.pairs for each in candidates}, rules)
    steps.append(Step("per problem", "pairs", steps[-1].after, len(pairs)))
    left = {}
    for name, kept in (
        ("keep the best", _keep_the_best),
        ("balanced length", _balance_length),
    ):
        before, pairs = len(pairs), kept(pairs, rules)
        steps.append(Step(name, "pairs", before, len(pairs)))
        left[name] = _tasks(pairs)
    audit = audited(pairs, rules.audit, seed=rules.seed, needed=max(ladder, default=1))
    steps.append(Step("shortcut audit", "pairs", len(pairs), len(audit.pairs)))
    sizes = [size for size in ladder if audit.passed and size <= len(audit.pairs)]
    found = audited_ladder(audit.pairs, sizes, rules, whole=audit.after)
    both = sum(each.both for each in candidates)
    left["shortcut audit"] = _tasks(found.pairs)
    yields = yields_of(candidates, left, [pair.problem.task_id for pair in found.pairs])
    return Selected(found.pairs, steps, both, audit, found.rungs, yields)


def _tasks(pairs: Sequence[Pair]) -> set[str]:
    return {pair.problem.task_id for pair in pairs}


def check_selected(selected: Selected, steps: Sequence[Step], *, needed: int) -> None:
    """Check that the pairs and every set of the ladder pass the audit, and that there are at least
    `needed` pairs. The message lists `steps`.

    Raises:
        FailedPrecondition: they do not, or there are fewer.
    """
    counts = said(steps)
    audit = selected.audit
    if not audit.passed and audit.after is not None:
        raise FailedPrecondition(
            f"the shortcut audit refuses the pairs: {audit.after.sentence()}; tighten the "
            "selection or shorten the ladder, which samples nothing again, or sample more answers "
            f"or problems ({counts})"
        )
    if needed > len(selected.pairs):
        raise FailedPrecondition(
            f"selection left {len(selected.pairs)} pairs, {needed} are needed ({counts}); relax "
            "the selection or shorten the ladder, which samples nothing again, or sample more "
            "answers or problems"
        )
    for rung in selected.rungs:
        if not rung.passed and rung.reading is not None:
            raise FailedPrecondition(
                f"the shortcut audit refuses the set of {rung.size} pairs: "
                f"{rung.reading.sentence()}; {len(selected.pairs) - rung.size} more pairs were not "
                "enough to replace those that tell its sides apart; change the ladder or tighten "
                "the selection, which samples nothing again, or sample more answers or problems "
                f"({counts})"
            )


def easy_first(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs by their problem's pass rate, from high to low; pairs of one problem together.

    If measured rates are equal, the share of all samples decides, then the given order.
    """
    first: dict[str, int] = {}
    for place, pair in enumerate(pairs):
        first.setdefault(pair.problem.task_id, place)
    return sorted(
        pairs,
        key=lambda pair: (
            -pair.pass_rate,
            -pair.passes / pair.samples,
            first[pair.problem.task_id],
        ),
    )


def _round_robin(shortlists: dict[str, list[Pair]], rules: Rules) -> list[Pair]:
    """First a pair of each problem, then a second of each, and so on; problems shuffled by the
    seed.

    Among pairs that are otherwise equal, one that improves the balance of lengths is taken, so that
    every prefix is nearly balanced.
    """
    left = {task_id: PairsLeft(pairs, rules.seed) for task_id, pairs in shortlists.items()}
    surplus = 0
    taken: list[Pair] = []
    tasks = sorted(left, key=lambda task_id: chance(rules.seed, task_id))
    for _ in range(rules.max_pairs_per_problem):
        tasks = [task_id for task_id in tasks if left[task_id]]
        if not tasks:
            break
        for task_id in tasks:
            taken.append(left[task_id].take(surplus))
            surplus += taken[-1].longer
    return taken


def _keep_the_best(pairs: list[Pair], rules: Rules) -> list[Pair]:
    """The pairs of the highest quality, in their order; among equals those that come first."""
    # 1e-9 is more than the rounding error of the product.
    amount = math.ceil(rules.keep_share * len(pairs) - 1e-9)
    if rules.keep_best:
        amount = min(amount, rules.keep_best)
    places = sorted(range(len(pairs)), key=lambda place: (-pairs[place].quality, place))
    kept = set(places[:amount])
    return [pair for place, pair in enumerate(pairs) if place in kept]


def _balance_length(pairs: list[Pair], rules: Rules) -> list[Pair]:
    """Leave out pairs of the more frequent kind (chosen longer, rejected longer) until the kinds
    are balanced: first those whose lengths differ most, among equals the last."""
    longer = {place for place, pair in enumerate(pairs) if pair.longer > 0}
    shorter = {place for place, pair in enumerate(pairs) if pair.longer < 0}
    more, fewer = (longer, shorter) if len(longer) >= len(shorter) else (shorter, longer)

    def difference(place: int) -> tuple[float, int]:
        return abs(math.log(pairs[place].length_ratio)), place

    surplus = sorted(more, key=difference)
    total = len(pairs)
    while len(surplus) - len(fewer) > max_surplus(total, rules):
        surplus.pop()
        total -= 1
    kept = set(range(len(pairs))) - (more - set(surplus))
    return [pair for place, pair in enumerate(pairs) if place in kept]
