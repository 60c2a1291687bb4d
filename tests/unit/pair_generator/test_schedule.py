"""Samples are drawn in rounds, where both outcomes occur."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rlvf_common.rollouts.rollout import Rollout
from rlvf_common.rollouts.sampling import SamplingParameters
from rlvf_pair_generator.schedule import Schedule


def schedule(size: int = 4, most: int = 12, temperatures: tuple[float, ...] = (0.8,)) -> Schedule:
    return Schedule(SamplingParameters(most, 0.8, 0.95, 256, 7), size, temperatures, enough=3)


def samples(verdicts: str) -> list[Rollout]:
    """`p` passes, `f` fails."""
    names = {"p": "passed", "f": "failed"}
    return [
        Rollout("t/1", number, "", "stop", 1, names[each], "", 1.0)
        for number, each in enumerate(verdicts)
    ]


def drawn(plan: Schedule, verdicts: str) -> int:
    return sum(part.samples_per_problem for part in plan.next_round(samples(verdicts)))


def test_a_problem_that_always_passes_or_always_fails_is_given_up() -> None:
    assert drawn(schedule(), "") == 4
    assert drawn(schedule(), "pppp") == 0
    assert drawn(schedule(), "ffff") == 0


def test_a_problem_of_mixed_outcome_goes_on_until_it_has_enough_or_its_budget_is_spent() -> None:
    assert drawn(schedule(), "pfff") == 4
    assert drawn(schedule(), "pfffpfff") == 4
    assert drawn(schedule(), "pfffppff") == 0
    assert drawn(schedule(), "pffffffffff" + "f") == 0
    assert drawn(schedule(most=6), "pfff") == 2


def test_samples_of_a_round_are_spread_over_the_temperatures() -> None:
    plan = schedule(size=5, most=7, temperatures=(0.4, 1.0))
    first = plan.next_round([])
    assert [(part.temperature, part.samples_per_problem) for part in first] == [(0.4, 3), (1.0, 2)]
    assert plan.temperatures_of_samples() == [0.4, 0.4, 0.4, 1.0, 1.0, 0.4, 1.0]
    assert {part.top_p for part in first} == {0.95}


def test_the_first_round_has_the_seed_of_the_request_and_no_two_parts_share_one() -> None:
    plan = schedule(temperatures=(0.4, 1.0))
    parts = [*plan.next_round([]), *plan.next_round(samples("pfff"))]
    assert parts[0].seed == 7
    assert len({part.seed for part in parts}) == 4


@given(st.integers(2, 9), st.integers(0, 30), st.integers(1, 2), st.randoms())
def test_a_problem_never_has_more_samples_than_its_budget(
    size: int, extra: int, temperatures: int, random: Random
) -> None:
    plan = schedule(size, size + extra, (0.5, 1.0)[:temperatures])
    verdicts = ""
    while wanted := drawn(plan, verdicts):
        verdicts += "".join(random.choice("pf") for _ in range(wanted))
        assert plan.next_round(samples(verdicts)) == plan.next_round(samples(verdicts))
    assert size <= len(verdicts) <= size + extra
    assert len(plan.temperatures_of_samples()) == size + extra
