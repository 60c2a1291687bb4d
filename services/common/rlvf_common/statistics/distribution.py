"""How a model answers a benchmark, whatever the verdicts: what training changes but the score."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["DistributionRecord"]


@dataclass(frozen=True, slots=True)
class DistributionRecord:
    """The answers of one evaluation, at least one."""

    mean_characters: float
    """Of an answer as the model wrote it in a chat; of a completion, up to its stop string."""
    mean_tokens: float
    """That the model wrote for an answer, what was cut from it included."""
    ended: float
    """Share of the answers that ended by themselves, not at the most tokens allowed, in [0, 1]."""
    distinct_programs: float
    """How many different programs the answers to a task are, a mean over the tasks. Programs are
    the same when their syntax trees are, so white space and comments do not count; an answer that
    is no program is not counted."""
    truncated: Mapping[str, int] = field(default_factory=dict)
    """How many answers reached the most tokens allowed, by task; tasks without any are left out."""
