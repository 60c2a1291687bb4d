"""Findings on likelihood displacement: the margin rises while chosen answers become less likely."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rlvf_common.statistics.comparison import ALPHA
from rlvf_common.statistics.intervals import holm
from rlvf_common.statistics.means import Mean, mean_of
from rlvf_reporter import formatting as fmt
from rlvf_reporter.report import Finding, Level, Report, Rule, Step, Training, Weight

__all__ = ["displaced", "displacement_findings"]

_LEAST_STEPS = 8
"""Minimum number of steps in the second half of a run; with fewer, a mean is hardly known."""
_LEAST_SHARE = 0.1
"""A loss of the chosen answers that is less than this share of the margin is no displacement worth
a warning; it may be rounding, which in bf16 is up to 0.5 nats an answer."""


@dataclass(frozen=True, slots=True)
class Displacement:
    """Rewards in the second half of a run, means over its steps."""

    chosen: Mean
    margin: Mean

    @property
    def p_value(self) -> float:
        """The p-value for a margin above 0 and a reward of the chosen answers below 0: the larger
        of both, or 1 where a mean is on the other side of 0. An intersection-union test (R. L.
        Berger, Technometrics 24 (1982) 295-300)."""
        if self.margin.estimate <= 0 or self.chosen.estimate >= 0:
            return 1.0
        return max(self.chosen.p_value, self.margin.p_value)


def displaced(curve: Sequence[Step]) -> Displacement | None:
    """The rewards of a run on pairs; None where its metrics have none, or too few steps.

    A reward is beta times the log-likelihood that an answer gained over the reference, so apart
    from noise it does not depend on the pairs of a step. Steps have different pairs, so they are
    treated as independent. Where a policy still changes in the second half of a run, its steps
    scatter more, which makes the test conservative.
    """
    half = curve[len(curve) // 2 :]
    rewards = [(step.reward_chosen, step.margin) for step in half]
    known = [pair for pair in rewards if all(map(math.isfinite, pair))]
    if len(known) < max(_LEAST_STEPS, len(half)):
        return None
    chosen, margins = zip(*known, strict=True)
    return Displacement(mean_of(chosen), mean_of(margins))


def displacement_findings(report: Report) -> Iterator[Finding]:
    """Every run that displaces likelihood.

    The test is Student's, of the means over the steps of the second half of a run
    (`rlvf_common.statistics.means`): the chosen reward and the margin must both be distinguishable
    from 0. All runs on pairs of a report are one family, by Holm's method.

    The phenomenon: N. Razin et al. 2024, arXiv:2410.08847; A. Pal et al. 2024, arXiv:2402.13228.
    """
    runs = [run for run in report.training if run.indifference is not None and not run.diverged]
    found = [(run, displaced(run.curve)) for run in runs]
    tested = [(run, one) for run, one in found if one is not None]
    adjusted = holm([one.p_value for _, one in tested])
    shown = [
        (run, one, p_value)
        for (run, one), p_value in zip(tested, adjusted, strict=True)
        if p_value < ALPHA and -one.chosen.estimate >= _LEAST_SHARE * one.margin.estimate
    ]
    for run, one, p_value in shown:
        yield Finding(
            Level.WARNING,
            _sentence(run, one, p_value, len(tested)),
            Weight.CAUTION,
            rule=Rule.DISPLACEMENT,
        )
    yield from _not_shown(tested, len(shown))
    untested = [run.name for run, one in found if one is None]
    if untested:
        yield Finding(
            Level.NOTE,
            f"Nothing can be said of likelihood displacement in {', '.join(untested)}: the second "
            f"half of a run needs {_LEAST_STEPS} steps with rewards.",
            nothing_said=True,
            rule=Rule.DISPLACEMENT,
        )


def _sentence(run: Training, one: Displacement, p_value: float, family: int) -> str:
    p = f"Student's test p = {fmt.p_value(one.p_value)}"
    if family > 1:
        p += f", adjusted over {family} runs {fmt.p_value(p_value)}"
    return (
        f"{run.name} displaces likelihood: in the second half of its "
        f"{fmt.plural(run.steps, 'step')} the margin "
        f"is {fmt.number(one.margin.estimate, 3)} ({_interval(one.margin)}), but the chosen "
        f"answers became less likely than under the reference, with a reward of "
        f"{fmt.number(one.chosen.estimate, 3)} ({_interval(one.chosen)}; {p})."
    )


def _interval(mean: Mean) -> str:
    return f"95% interval {fmt.interval(mean.ci95, 3)}"


def _not_shown(tested: Sequence[tuple[Training, Displacement]], shown: int) -> Iterator[Finding]:
    if tested and not shown:
        runs = "the run" if len(tested) == 1 else f"any of {len(tested)} runs"
        lowest, run = min((one.chosen.estimate, run.name) for run, one in tested)
        yield Finding(
            Level.NOTE,
            f"Likelihood displacement is not shown in {runs} on pairs: the lowest reward of chosen "
            f"answers is {fmt.number(lowest, 3)} ({run}).",
            nothing_said=True,
            rule=Rule.DISPLACEMENT,
        )
