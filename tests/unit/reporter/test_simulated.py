"""Simulated experiments: what is planted is found, and nothing else.

A smaller version of `make bench-findings`. The bounds come from theory: of claims without an effect
from the level of a rule, and large effects are certain to be found.
"""

import math
from dataclasses import replace

import pytest

from rlvf_common.statistics.comparison import ALPHA
from rlvf_reporter.report import Rule
from tests.simulator.experiments import World, simulated_report
from tests.simulator.rates import Scenario, rates
from tests.simulator.scenarios import SCENARIOS, contrasts, ladder, losses, null, planted

REPORTS = 40
UNLIKELY = 1e-4


def _once(world: World) -> World:
    """Every arm trained once, on more tasks."""
    return replace(world, runs=1, run_sd=0.0, tasks=400)


def most_false_claims(reports: int) -> int:
    """The number of false claims which a rule at its level exceeds once in 10,000 times."""
    tail, most = 1.0, -1
    while tail > UNLIKELY:
        most += 1
        tail -= math.comb(reports, most) * ALPHA**most * (1 - ALPHA) ** (reports - most)
    return most


def scenario(name: str) -> Scenario:
    [found] = [one for one in SCENARIOS if one.name == name]
    return found


@pytest.mark.parametrize(
    "found",
    [
        scenario("ladder, no effect, 1 run an arm"),
        scenario("contrasts, no effect, 1 run an arm"),
        scenario("8 arms, lower losses, no effect"),
        # An arm that is better than its base by far, but not than its control.
        Scenario(
            "useless control", _once(ladder(0.2, 0.4, control=0.4)), (null(Rule.VERIFICATION),)
        ),
        # A ladder whose rise is halved is the nearest to saturation that is none.
        scenario("ladder, upper part rises half as much"),
    ],
    ids=lambda found: found.name,
)
def test_without_an_effect_no_rule_claims_more_often_than_its_level(found: Scenario) -> None:
    most = most_false_claims(REPORTS)
    for rate in rates(found, REPORTS):
        # Several rules together may claim more often.
        if isinstance(rate.question.rule, Rule):
            assert rate.claimed <= most, rate


@pytest.mark.parametrize(
    "found",
    [
        Scenario(
            "ladder",
            _once(ladder(0.2, 0.4)),
            (
                planted("+40 pp over the base", Rule.DIFFERENCE, "dpo-100"),
                planted("+40 pp over base and control", Rule.VERIFICATION),
                planted("+20 pp a rung", Rule.TREND, "rises"),
            ),
        ),
        Scenario(
            "saturation",
            _once(ladder(0.25, 0.5, 0.5, 0.5)),
            (planted("+25 pp a rung, then 0", Rule.SATURATION, "above 200 pairs"),),
        ),
        Scenario(
            "contrasts",
            _once(contrasts(0.35, 0.35)),
            (
                planted("+35 pp", Rule.QUALITY, "better"),
                planted("−35 pp", Rule.DIVERSITY, "worse"),
                planted("+35 pp", Rule.CURRICULUM, "better"),
                planted("−35 pp", Rule.PRECISION, "worse"),
                planted("+35 pp", Rule.ROUNDS, "better"),
                planted("−35 pp elsewhere", Rule.FORGETTING, "plain forgets: on away"),
                planted("reward −0.7", Rule.DISPLACEMENT, "arm-0 displaces"),
            ),
        ),
        Scenario("losses", _once(losses(0.07)), (planted("+7 pp an arm", Rule.LOSS, "a higher"),)),
    ],
    ids=lambda found: found.name,
)
def test_large_effects_are_found_and_named(found: Scenario) -> None:
    """Each is five standard errors or more away from what its rule needs, so that a report without
    it is one of a million."""
    for rate in rates(found, 3):
        assert rate.claimed == 3, rate


def test_the_same_seed_makes_the_same_report() -> None:
    world = _once(contrasts(0.1, 0.1))
    assert simulated_report(world, 7) == simulated_report(world, 7)
    assert simulated_report(world, 7) != simulated_report(world, 8)
