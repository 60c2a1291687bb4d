"""How often rules claim something: where it was planted, and where nothing was."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

from rlvf_common.statistics import bootstrap
from rlvf_common.statistics.intervals import Interval, wilson_interval
from rlvf_reporter.report import Report
from tests.simulator.experiments import World, simulated_report

__all__ = ["Question", "Rate", "Scenario", "rates"]

IsClaimed = Callable[[Report], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted of every report of a scenario."""

    rule: str
    planted: str
    """What was planted for the rule, in words; empty: nothing."""
    is_claimed: IsClaimed


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world, and what is counted in its reports."""

    name: str
    world: World
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """Number of reports that make a claim."""

    scenario: str
    question: Question
    claimed: int
    reports: int

    @property
    def share(self) -> float:
        """Power, or the rate of false positives."""
        return self.claimed / self.reports

    @property
    def ci95(self) -> Interval:
        """Wilson's."""
        return wilson_interval(self.claimed, self.reports)


def rates(scenario: Scenario, reports: int, *, processes: int = 1) -> list[Rate]:
    """The rates of a scenario's claims over reports with the seeds 0, 1, 2, ..."""
    counted = partial(_claimed, scenario.world, scenario.questions)
    if processes == 1:
        found: Sequence[Sequence[bool]] = [counted(seed) for seed in range(reports)]
    else:
        with ProcessPoolExecutor(processes) as pool:
            found = list(pool.map(counted, range(reports), chunksize=8))
    return list(_counted(scenario, found))


def _counted(scenario: Scenario, found: Sequence[Sequence[bool]]) -> Iterator[Rate]:
    for question, claimed in zip(scenario.questions, zip(*found, strict=True), strict=True):
        yield Rate(scenario.name, question, sum(claimed), len(found))


def _claimed(world: World, questions: Sequence[Question], seed: int) -> list[bool]:
    # No claim depends on a bootstrap interval, and these take most of the time.
    with patch.multiple(bootstrap, _RESAMPLES=100, _MIN_RESAMPLES=100):
        report = simulated_report(world, seed)
    return [question.is_claimed(report) for question in questions]
