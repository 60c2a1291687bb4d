"""Counts what each problem gave to a selection, and names the rule that removed its last record."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from rlvf_pair_generator.selecting.answers import Answer
from rlvf_pair_generator.selecting.rules import Step

__all__ = ["Counts", "ProblemYield", "counts_of", "dump_yields", "yields_of"]


@dataclass(frozen=True, slots=True)
class Counts:
    """The samples of one problem."""

    samples: int
    passed: int
    usable_passed: int
    """Samples that pass and have a form that can be trained on; in a control by its verdicts."""
    usable_failed: int
    """Samples that do not pass and have such a form."""


@dataclass(frozen=True, slots=True)
class ProblemYield(Counts):
    """A problem, and how many records the selection has of it."""

    task_id: str
    records: int
    """Pairs, or answers."""
    lost_at: str
    """Name of the step that left nothing of it; empty if there are records."""


class _Found(Protocol):
    """What one problem gives, before the rules that look at all problems together."""

    @property
    def task_id(self) -> str: ...
    @property
    def counts(self) -> Counts: ...
    @property
    def steps(self) -> Sequence[Step]: ...


def counts_of(samples: int, passed: int, usable: Iterable[Answer]) -> Counts:
    """The counts of a problem that has `samples` samples, of which `passed` pass."""
    passing = [answer.passed for answer in usable]
    return Counts(samples, passed, sum(passing), len(passing) - sum(passing))


def yields_of(
    found: Iterable[_Found],
    left: Mapping[str, Collection[str]],
    records: Iterable[str],
    *,
    ignored: Collection[str] = (),
) -> list[ProblemYield]:
    """A yield for each problem, sorted by id.

    `left` has, by name and in order, the problems that were left after each step that looks at all
    problems together; `records` has the problem of each record. Steps of single problems in
    `ignored` had no effect.
    """
    counted = Counter(records)
    yields = []
    for one in sorted(found, key=lambda one: one.task_id):
        lost_at = ""
        if not counted[one.task_id]:
            own = (s.name for s in one.steps if s.before and not s.after and s.name not in ignored)
            later = (name for name, tasks in left.items() if one.task_id not in tasks)
            lost_at = next(own, None) or next(later, "")
        counts = asdict(one.counts)
        yields.append(
            ProblemYield(
                **counts, task_id=one.task_id, records=counted[one.task_id], lost_at=lost_at
            )
        )
    return yields


def dump_yields(yields: Iterable[ProblemYield]) -> bytes:
    """JSON Lines, one problem a line, in the given order."""
    return "".join(json.dumps(asdict(one)) + "\n" for one in yields).encode()
