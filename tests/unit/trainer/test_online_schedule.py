"""Which problems a step has, and with which adapter it samples."""

from itertools import islice

import pytest

from rlvf_api.hyperparameters import Hyperparameters, Loss
from rlvf_trainer.job.online.schedule import Schedule


def schedule(problems: int = 10, **changes: float) -> Schedule:
    values = {"batch_size": 8, "group_size": 2, "seed": 1, "epochs": 2} | changes
    return Schedule(problems, Hyperparameters(loss=Loss.DAPO, **values))  # type: ignore[arg-type]


def test_every_problem_has_its_turn_once_an_epoch() -> None:
    steps = schedule()
    assert steps.total_steps == 5
    turns = [place for step in range(1, 6) for place in steps.problems_of(step)]
    assert sorted(turns[:10]) == sorted(turns[10:]) == list(range(10))
    assert turns[:10] != turns[10:]
    assert schedule().problems_of(3) == steps.problems_of(3)
    assert schedule(keep_order=True).problems_of(1) == [0, 1, 2, 3]


def test_few_problems_have_several_turns_in_a_step() -> None:
    assert sorted(schedule(problems=2).problems_of(1)) == [0, 0, 1, 1]


def test_replacements_are_other_problems_first() -> None:
    steps = schedule()
    own = steps.problems_of(1)
    found = list(islice(steps.replacements_of(1), 10))
    assert sorted(found[:6]) == sorted(set(range(10)) - set(own))
    assert sorted(found) == list(range(10))
    assert list(islice(steps.replacements_of(1), 10)) == found


@pytest.mark.parametrize(
    ("sync_steps", "staleness", "sampled_with"),
    [
        (1, 0, [0, 1, 2, 3, 4]),
        (1, 1, [0, 0, 1, 2, 3]),
        (2, 0, [0, 0, 2, 2, 4]),
        (2, 1, [0, 0, 0, 2, 2]),
    ],
)
def test_a_step_samples_with_the_last_adapter_that_may_be_there(
    sync_steps: int, staleness: int, sampled_with: list[int]
) -> None:
    steps = schedule(sync_steps=sync_steps, staleness=staleness)
    assert [steps.sampled_with(step) for step in range(1, 6)] == sampled_with
    published = [step for step in range(1, 6) if steps.is_published(step)]
    assert published == sorted(set(sampled_with) - {0})
