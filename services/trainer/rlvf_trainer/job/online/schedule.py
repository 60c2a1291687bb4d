"""What each step of a run samples. All of it follows from the hyperparameters and the number of the
step, so that a job that goes on samples what the one before it would have. Pure functions."""

import random
from collections.abc import Iterator
from itertools import cycle

from rlvf_api.hyperparameters import Hyperparameters

__all__ = ["Schedule"]


class Schedule:
    """Of a run on so many problems, which are known by their places. Steps count from 1."""

    def __init__(self, problems: int, hyper: Hyperparameters) -> None:
        self._problems = problems
        self._hyper = hyper
        self.total_steps = hyper.total_steps(problems)

    def problems_of(self, step: int) -> list[int]:
        """The problems of a step. Each problem's turn comes once an epoch."""
        first = (step - 1) * self._hyper.problems_per_step
        places = range(first, first + self._hyper.problems_per_step)
        return [self._order(place // self._problems)[place % self._problems] for place in places]

    def replacements_of(self, step: int) -> Iterator[int]:
        """Problems that take the place of those of the step whose answers have one outcome: the
        others, in an order of the step's own, and then all again."""
        own = self.problems_of(step)
        others = sorted(set(range(self._problems)) - set(own))
        self._random("replacements", step).shuffle(others)
        return cycle([*others, *own])

    def sampled_with(self, step: int) -> int:
        """The step after which the adapter was published that this step samples with; 0: the
        policy as the run begins."""
        done = step - 1 - self._hyper.staleness
        return max(0, done - done % self._hyper.sync_steps)

    def is_published(self, step: int) -> bool:
        """Whether a later step samples with the adapter as it is after this step."""
        later = range(step + 1, self.total_steps + 1)
        return any(self.sampled_with(one) == step for one in later)

    def _order(self, epoch: int) -> list[int]:
        order = list(range(self._problems))
        if not self._hyper.keep_order:
            self._random("epoch", epoch).shuffle(order)
        return order

    def _random(self, what: str, number: int) -> random.Random:
        return random.Random(repr((self._hyper.seed, what, number)))
