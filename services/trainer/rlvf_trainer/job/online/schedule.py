"""Which problems each step of a run samples, and with which adapter. Both follow from the
hyperparameters and the number of the step, so that a resumed job samples what an undisturbed one
would have. No I/O."""

import random
from collections.abc import Iterator
from itertools import cycle

from rlvf_api.hyperparameters import Hyperparameters

__all__ = ["Schedule"]


class Schedule:
    """The schedule of a run on `problems` problems, which are named by their index. Steps count
    from 1."""

    def __init__(self, problems: int, hyper: Hyperparameters) -> None:
        self._problems = problems
        self._hyper = hyper
        self.total_steps = hyper.total_steps(problems)

    def problems_of(self, step: int) -> list[int]:
        """Indices of the problems of a step. Each problem is used once an epoch."""
        first = (step - 1) * self._hyper.problems_per_step
        places = range(first, first + self._hyper.problems_per_step)
        return [self._order(place // self._problems)[place % self._problems] for place in places]

    def replacements_of(self, step: int) -> Iterator[int]:
        """Indices of the problems that replace those of the step whose rewards are all the same:
        first the problems that are not in the step, in an order of the step's own, then the
        step's; repeated without end."""
        own = self.problems_of(step)
        others = sorted(set(range(self._problems)) - set(own))
        self._random("replacements", step).shuffle(others)
        return cycle([*others, *own])

    def sampled_with(self, step: int) -> int:
        """The step whose published adapter this step samples with; 0 is the policy with which the
        run begins."""
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
