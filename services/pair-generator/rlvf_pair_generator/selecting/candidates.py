"""Forms the candidate pairs of one problem from its answers.

Every rule is a step with a name and a count of what it left, so that a report can say where the
samples went. The purpose of the rules: the two sides must differ in *being right*, not in their
format, in their length or in whether they are programs at all, because a model learns the easiest
difference that it is shown.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from itertools import product
from typing import TypeAlias

from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.answers import Answer
from rlvf_pair_generator.selecting.edit_distance import normalised_edit_distance
from rlvf_pair_generator.selecting.forms import passes_of, usable_answers
from rlvf_pair_generator.selecting.rules import Rules, Step
from rlvf_pair_generator.selecting.yields import Counts, counts_of

__all__ = ["Candidates", "Pair", "PairsLeft", "candidates_of", "chance", "quality"]

# A program that raises says less about the task than a wrong result; one that does not end or uses
# too much memory says still less.
_REJECTED_RANK = {"failed": 0, "error": 1, "timeout": 2, "memory": 3}

_Merit: TypeAlias = tuple[int, int, float, bytes]
"""Sort key of a pair: uses of its sides, rank of its failure, quality negated, chance."""

_UNREMARKABLE_CPU_MS = 100.0
"""CPU time below which programs count as equally fast, since it includes start-up and noise."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one problem: the chosen one is better."""

    problem: Problem
    chosen: Rollout
    rejected: Rollout
    rejected_verdict: str
    """The verdict by which it is rejected: that of `rejected`, except in a control."""
    pass_rate: float
    """Share of the problem's measured samples that pass, in [0, 1]."""
    passes: int
    """Samples of the problem that pass, of all rounds."""
    samples: int
    """Samples of the problem, of all rounds."""
    edit_distance: float
    """Between the tokens of the sides, normalised; in [0, 1]."""
    length_ratio: float
    """Characters of the chosen side over those of the rejected one."""
    quality: float
    """See `quality`; in [0, 1]."""

    @property
    def longer(self) -> int:
        """1 if the chosen side is longer, -1 if the rejected one is, else 0."""
        return (self.length_ratio > 1.0) - (self.length_ratio < 1.0)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidate pairs of one problem."""

    task_id: str
    pairs: list[Pair]
    """The best ones: at most `max_pairs_per_problem` with the chosen side longer, and at most that
    many others."""
    steps: list[Step]
    both: bool
    """Whether it has a passing and a failing sample, before any rule."""
    counts: Counts


def candidates_of(problem: Problem, rollouts: Sequence[Rollout], rules: Rules) -> Candidates:
    """The candidate pairs of one problem. `rollouts` are all of its samples, at least one, in any
    order."""
    ordered = sorted(rollouts, key=lambda rollout: rollout.sample)
    pass_rate, passed, total = passes_of(ordered, rules.measured_samples)

    answers, steps = _usable(problem, ordered, rules)
    sides = _sides(answers, rules)
    both = bool(sides)
    # The reporter says by this name which problems make pairs, and why others do not.
    steps.append(Step("credit gap" if rules.min_gap else "both outcomes", "problems", 1, int(both)))
    within = both and rules.min_pass_rate <= pass_rate <= rules.max_pass_rate
    steps.append(Step("pass rate", "problems", int(both), int(within)))

    left = sides if within else []
    pair_rules: list[tuple[str, Callable[[Answer, Answer], bool]]] = [
        ("same format", lambda a, b: a.format == b.format),
        ("length ratio", lambda a, b: _spread(a, b) <= rules.max_length_ratio),
        (
            "edit distance",
            lambda a, b: rules.min_edit_distance <= _distance(a, b) <= rules.max_edit_distance,
        ),
    ]
    for name, holds in pair_rules:
        kept = [pair for pair in left if holds(*pair)]
        steps.append(Step(name, "pairs", len(left), len(kept)))
        left = kept

    passing_ms = [answer.rollout.cpu_ms for answer in answers if answer.passed]
    pairs = [
        Pair(
            problem,
            a.rollout,
            b.rollout,
            b.verdict,
            pass_rate,
            passed,
            total,
            edit_distance=_distance(a, b),
            length_ratio=a.length / b.length,
            quality=quality(pass_rate, _spread(a, b), a, passing_ms),
        )
        for a, b in left
    ]
    return Candidates(
        problem.task_id,
        _shortlist(pairs, rules),
        steps,
        0 < passed < total,
        counts_of(total, passed, answers),
    )


class PairsLeft:
    """The pairs of one problem that are not taken yet, by merit: by how often their sides were
    used, then by the kind of failure, then by quality, then at random."""

    def __init__(self, pairs: Iterable[Pair], seed: int) -> None:
        self._seed = seed
        self._uses: Counter[int] = Counter()
        """How often each sample is a side of a pair that was taken."""
        self._heaps: dict[int, list[tuple[_Merit, Pair]]] = {-1: [], 0: [], 1: []}
        """By `Pair.longer`."""
        for pair in pairs:
            self._heaps[pair.longer].append((self._merit(pair), pair))
        for heap in self._heaps.values():
            heapify(heap)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return any(self._heaps.values())

    def take(self, surplus: int = 0) -> Pair:
        """Take the best pair. Among pairs whose sides were used as often and that fail in the same
        way, those come last that add to `surplus`: how many more pairs were taken whose chosen side
        is longer than pairs whose rejected side is, of all problems."""

        def rank(longer: int) -> tuple[tuple[int, int], bool, _Merit]:
            merit, _ = self._heaps[longer][0]
            return merit[:2], surplus * longer > 0, merit

        kinds = [longer for longer, heap in self._heaps.items() if heap]
        for longer in kinds:
            self._settle(self._heaps[longer])
        _, best = heappop(self._heaps[min(kinds, key=rank)])
        self._uses.update((best.chosen.sample, best.rejected.sample))
        return best

    def _settle(self, heap: list[tuple[_Merit, Pair]]) -> None:
        """Bring the best pair of a heap to its top. Uses only grow, so a pair that is not at the
        top is no better than it was."""
        while (now := self._merit(heap[0][1])) != heap[0][0]:
            heapreplace(heap, (now, heap[0][1]))

    def _merit(self, pair: Pair) -> _Merit:
        samples = (pair.chosen.sample, pair.rejected.sample)
        return (
            sum(self._uses[sample] for sample in samples),
            _REJECTED_RANK[pair.rejected_verdict],
            -pair.quality,
            chance(self._seed, pair.problem.task_id, *samples),
        )


def quality(pass_rate: float, spread: float, chosen: Answer, passing_ms: Sequence[float]) -> float:
    """The quality of a pair, in [0, 1]: the product of three measured values, each in [0, 1].

    * 4 p (1 - p) of the problem's pass rate p: the variance of its verdict over its largest value.
      A problem that the model solves half of the time teaches most; this is the learnability of
      Tzannetos et al. 2023 (https://arxiv.org/abs/2304.12877).
    * The shorter side's length over the longer's, which is 1 / `spread`.
    * The CPU time of the fastest passing answer to the problem over that of the chosen one;
      `passing_ms` has the times of all that pass. Times below 100 ms count as 100 ms, so that noise
      decides nothing. A chosen answer that fails may be fast because it leaves out work, so it
      counts as no faster than the slowest passing one; if none passes, the value is 1.
    """
    own_ms = chosen.rollout.cpu_ms
    if not chosen.passed:
        own_ms = max([own_ms, *passing_ms])
    fastest_ms = min([own_ms, *passing_ms])
    speed = max(fastest_ms, _UNREMARKABLE_CPU_MS) / max(own_ms, _UNREMARKABLE_CPU_MS)
    return 4.0 * pass_rate * (1.0 - pass_rate) / spread * speed


def chance(*values: int | str) -> bytes:
    """A pseudo-random value that depends on `values` alone, the same in every version of Python."""
    return hashlib.sha256(repr(values).encode()).digest()


def _usable(
    problem: Problem, rollouts: Sequence[Rollout], rules: Rules
) -> tuple[list[Answer], list[Step]]:
    """The samples that may be a side of a pair."""
    answers, steps = usable_answers(problem, rollouts, rules.verdicts, rules.seed)
    telling = [answer for answer in answers if answer.passed or answer.verdict in rules.rejected]
    steps.append(Step("wrong result", "samples", len(answers), len(telling)))
    return telling, steps


def _sides(answers: Sequence[Answer], rules: Rules) -> list[tuple[Answer, Answer]]:
    """Every pair of a better and a worse answer: one passes and the other fails; with `min_gap` the
    worse one fails and has less credit by at least the gap."""
    failing = [answer for answer in answers if not answer.passed]
    if not rules.min_gap:
        return list(product([answer for answer in answers if answer.passed], failing))
    return [
        (better, worse)
        for better, worse in product(answers, failing)
        if better.credit is not None
        and worse.credit is not None
        # 1e-9 is more than the rounding error of the difference.
        and better.credit - worse.credit >= rules.min_gap - 1e-9
    ]


def _spread(a: Answer, b: Answer) -> float:
    """Length in characters of the longer side over the shorter, 1 or more; infinite for an empty
    side."""
    short, long = sorted((a.length, b.length))
    return long / short if short else math.inf


def _distance(a: Answer, b: Answer) -> float:
    return normalised_edit_distance(a.tokens, b.tokens)


def _shortlist(pairs: Sequence[Pair], rules: Rules) -> list[Pair]:
    """The best pairs of those with the chosen side longer, and the best of the others."""
    short: list[Pair] = []
    for longer in (True, False):
        kind = [pair for pair in pairs if (pair.longer > 0) is longer]
        left = PairsLeft(kind, rules.seed)
        short += [left.take() for _ in kind[: rules.max_pairs_per_problem]]
    return short
