"""The settings of the rules of selection, and the counts of what each rule left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "AnswerRules",
    "AuditRules",
    "OnShortcut",
    "Rules",
    "Step",
    "Verdicts",
    "added_up",
    "said",
]

OnShortcut = Literal["rebalance", "refuse", "record"]
Verdicts = Literal["true", "ignored", "shuffled"]
"""Which verdicts a selection uses; `rlvf.pair_generator.v1.Verdicts` says what each is for."""


@dataclass(frozen=True, slots=True)
class AuditRules:
    """`rlvf.pair_generator.v1.ShortcutAudit`, with its defaults filled in."""

    max_auc: float = 0.6
    on_shortcut: OnShortcut = "rebalance"


@dataclass(frozen=True, slots=True)
class Rules:
    """`rlvf.pair_generator.v1.Selection`, with its defaults filled in. The README gives the reason
    for each default."""

    max_pairs_per_problem: int = 4
    max_length_ratio: float = 2.0
    min_pass_rate: float = 0.0
    max_pass_rate: float = 1.0
    seed: int = 0
    rejected: frozenset[str] = frozenset({"failed"})
    """Verdicts that a rejected answer may have."""
    min_edit_distance: float = 0.05
    max_edit_distance: float = 0.9
    max_length_imbalance: float = 0.05
    keep_share: float = 1.0
    keep_best: int = 0
    """How many pairs to keep; 0 means all."""
    measured_samples: int = 0
    """A problem's pass rate is that of this many first samples; 0 means all."""
    audit: AuditRules = field(default_factory=AuditRules)
    verdicts: Verdicts = "true"
    min_gap: float = 0.0
    """Least difference of credit; 0 means that credit does not count."""


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """`rlvf.pair_generator.v1.AnswerSelection`, with its defaults filled in."""

    max_answers_per_problem: int = 4
    max_pass_rate: float = 0.9
    keep: int = 0
    """How many answers to keep; 0 means all."""
    verdicts: Verdicts = "true"
    seed: int = 0
    measured_samples: int = 0
    """As in `Rules`."""


@dataclass(frozen=True, slots=True)
class Step:
    """What there was before and after a rule. `unit` is what is counted: `samples`, `problems` or
    `pairs`."""

    name: str
    unit: str
    before: int
    after: int


def said(steps: Sequence[Step]) -> str:
    """The steps in words, for an error message."""
    return "; ".join(f"{step.name}: {step.before} to {step.after} {step.unit}" for step in steps)


def added_up(parts: Iterable[Sequence[Step]]) -> list[Step]:
    """The steps of several problems, each rule's counts added up."""
    return [
        Step(
            same[0].name,
            same[0].unit,
            sum(step.before for step in same),
            sum(step.after for step in same),
        )
        for same in zip(*parts, strict=True)
    ]
