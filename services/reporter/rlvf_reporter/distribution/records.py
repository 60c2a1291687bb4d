"""Records of a report: greedy scores, how a model answered, and gains from fewer truncated
answers."""

from dataclasses import dataclass

from rlvf_common.statistics.comparison import ALPHA, Comparison
from rlvf_common.statistics.intervals import Interval

__all__ = ["Distribution", "Ending", "Greedy"]


@dataclass(frozen=True, slots=True)
class Greedy:
    """The score of greedy decoding, one answer a task."""

    pass_at_1: float
    ci95: Interval
    passed: int
    tasks: int
    result_sha256: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a model answered: `rlvf_common`'s `DistributionRecord` without the tasks."""

    mean_characters: float
    mean_tokens: float
    ended: float
    distinct_programs: float


@dataclass(frozen=True, slots=True)
class Ending:
    """A gain, and how the share of answers that were truncated at the token limit changed.

    `truncated_before` and `truncated_after` are shares of the samples of baseline and treatment.
    `ended_before` is the comparison on the tasks of which no answer of the baseline was truncated;
    None where these are not known or too few.
    """

    benchmark: str
    baseline: str
    treatment: str
    gain: float
    truncated_before: float
    truncated_after: float
    ended_before: Comparison | None

    @property
    def fall(self) -> float:
        """By how much the share of truncated answers fell."""
        return self.truncated_before - self.truncated_after

    @property
    def explains_gain(self) -> bool:
        """Whether fewer truncated answers explain the gain.

        They do where the share of truncated answers fell by more than the gain, or where it fell by
        at least half of the gain and less than half of the gain is left on the tasks of
        `ended_before`. They do not where a gain on those tasks is distinguishable from chance.
        """
        left = self.ended_before
        if left is not None and left.delta > 0 and left.p_value < ALPHA:
            return False
        vanishes = left is not None and left.delta < self.gain / 2
        return self.fall > self.gain or (vanishes and self.fall >= self.gain / 2)
