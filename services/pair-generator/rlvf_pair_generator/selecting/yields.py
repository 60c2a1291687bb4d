"""What each problem gave to the selection, and which rule left nothing of it."""

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
    """Those that pass and have a form that can be trained on; in a control by its verdicts."""
    usable_failed: int
    """Those that do not, and have."""


@dataclass(frozen=True, slots=True)
class ProblemYield(Counts):
    """A problem, and what the selection has of it."""

    task_id: str
    records: int
    """Pairs, or answers."""
    lost_at: str
    """Name of the step that left nothing of it; empty where there are records."""


class _Found(Protocol):
    """What one problem gives, before it is seen beside others."""

    @property
    def task_id(self) -> str: ...
    @property
    def counts(self) -> Counts: ...
    @property
    def steps(self) -> Sequence[Step]: ...


def counts_of(samples: int, passed: int, usable: Iterable[Answer]) -> Counts:
    """The counts of a problem with so many samples, of which so many pass."""
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

    `left` has the problems that were left after each step that looks at all problems together, in
    the order of the steps, by name; `records` the problem of each record. Steps of single problems
    that are `ignored` decided nothing.
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
