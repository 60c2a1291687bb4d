"""Counts the progress and the outcomes of sampling."""

from dataclasses import dataclass

__all__ = ["Outcomes", "SamplingProgress", "Tally"]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts of graded samples, by outcome."""

    samples: int = 0
    passed: int = 0
    unparseable: int = 0
    """Samples whose program does not compile; they fail."""
    truncated: int = 0
    """Samples that were cut off at `max_tokens`; they may pass all the same."""
    tokens: int = 0
    """Tokens that the model wrote."""

    @property
    def failed(self) -> int:
        """Samples that did not pass, for any reason."""
        return self.samples - self.passed

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(
            self.samples + other.samples,
            self.passed + other.passed,
            self.unparseable + other.unparseable,
            self.truncated + other.truncated,
            self.tokens + other.tokens,
        )


@dataclass(frozen=True, slots=True)
class SamplingProgress:
    """The progress so far."""

    problems_done: int
    """Problems that get no further samples."""
    problems_with_both: int
    """Problems with a passing and a failing sample."""
    outcomes: Outcomes
    """The outcomes of all graded samples."""


class Tally:
    """Adds up outcomes, by problem."""

    def __init__(self) -> None:
        self._by_task: dict[str, Outcomes] = {}
        self._total = Outcomes()
        self._with_both = 0

    def add(self, task_id: str, outcomes: Outcomes) -> None:
        """Add further samples of one problem."""
        before = self._by_task.get(task_id, Outcomes())
        after = self._by_task[task_id] = before + outcomes
        self._total += outcomes
        self._with_both += _has_both(after) - _has_both(before)

    def progress(self, problems_done: int) -> SamplingProgress:
        """The progress, if `problems_done` problems get no further samples."""
        return SamplingProgress(problems_done, self._with_both, self._total)


def _has_both(outcomes: Outcomes) -> bool:
    return 0 < outcomes.passed < outcomes.samples
