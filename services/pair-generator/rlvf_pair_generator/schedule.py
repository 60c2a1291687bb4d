"""Decides which samples of a problem are drawn together, and when a problem has enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from rlvf.sampling.v1 import sampling_pb2
from rlvf_common.rollouts.rollout import Rollout
from rlvf_common.rollouts.rollout_set import RolloutSet
from rlvf_common.rollouts.sampling import STYLE_NUMBERS, SamplingParameters, derived_seed

__all__ = ["Schedule"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`rlvf.pair_generator.v1.Rounds` with its defaults filled in.

    A problem that always passes or always fails in its first round gives no pair, and most such
    problems would give none in the next: the budget is better spent on problems where both occur. A
    problem of pass rate p is given up after n samples with probability p^n + (1 - p)^n.

    The stopping rule looks at verdicts, so the share of *all* samples that pass is biased for
    problems that it stopped. The share of the first round is not; it is the problem's pass rate.
    """

    sampling: SamplingParameters
    """`samples_per_problem` is the most that a problem may have."""
    size: int
    """Number of samples in a round."""
    temperatures: tuple[float, ...]
    enough: int
    """A problem has enough samples when this many pass and this many fail."""

    @classmethod
    def of(cls, rollouts: RolloutSet) -> Self:
        """The schedule by which these samples were drawn."""
        return cls(
            rollouts.sampling, rollouts.round_size, rollouts.temperatures, rollouts.enough_of_each
        )

    def next_round(self, done: Sequence[Rollout]) -> list[sampling_pb2.Sampling]:
        """What to draw next for a problem that has the samples `done`; empty if it has enough."""
        if done:
            passes = sum(rollout.verdict == "passed" for rollout in done)
            rarer = min(passes, len(done) - passes)
            if rarer == 0 or rarer >= self.enough:
                return []
        return [
            sampling_pb2.Sampling(
                samples_per_problem=amount,
                temperature=temperature,
                top_p=self.sampling.top_p,
                max_tokens=self.sampling.max_tokens,
                prompt_style=STYLE_NUMBERS[self.sampling.prompt_style],
                seed=self._seed(len(done), part),
            )
            for part, (temperature, amount) in enumerate(self._parts(len(done)))
        ]

    def temperatures_of_samples(self) -> list[float]:
        """The temperature of each sample, by its number."""
        temperatures: list[float] = []
        while len(temperatures) < self.sampling.samples_per_problem:
            for temperature, amount in self._parts(len(temperatures)):
                temperatures += [temperature] * amount
        return temperatures

    def _parts(self, done: int) -> Iterator[tuple[float, int]]:
        """The temperatures of the round after `done` samples, each with its number of samples."""
        left = min(self.size, self.sampling.samples_per_problem - done)
        amounts = [left // len(self.temperatures)] * len(self.temperatures)
        for part in range(left % len(self.temperatures)):
            amounts[part] += 1
        return (
            (temperature, amount)
            for temperature, amount in zip(self.temperatures, amounts, strict=True)
            if amount
        )

    def _seed(self, done: int, part: int) -> int:
        """Base of the seeds of one part of a round; for the very first it is the request's seed."""
        if done == part == 0:
            return self.sampling.seed
        return derived_seed(self.sampling.seed, f"after {done} samples", part)
