"""How much an executor has in hand follows its slots and the programs."""

import pytest

from rlvf_common.rollouts.grading_window import MOST_BYTES, MOST_ITEMS, WORK_SECONDS, Window


def window(slots: int, wall_seconds: float) -> Window:
    """One that has seen many programs of that length."""
    found = Window(slots)
    for _ in range(500):
        found.saw(wall_seconds)
    return found


@pytest.mark.parametrize("slots", [1, 2, 64])
def test_every_slot_has_one_that_runs_and_one_that_is_next(slots: int) -> None:
    assert Window(slots).limit == 2 * slots + 2
    assert window(slots, 60.0).limit == 2 * slots + 2


def test_short_programs_are_so_many_that_the_slots_have_work_for_a_while() -> None:
    found = window(2, 0.005)
    assert found.limit * 0.005 / 2 == pytest.approx(WORK_SECONDS, rel=0.1)
    assert window(2, 0.0).limit == MOST_ITEMS


def test_many_slots_are_not_bounded_by_the_most_items() -> None:
    assert window(128, 0.001).limit == 2 * 128 + 2


def test_room_is_what_is_not_in_flight() -> None:
    found = Window(2)
    for _ in range(6):
        assert found.room
        found.sent(10)
    assert (found.room, found.busy) == (0, True)
    for _ in range(3):
        found.returned(10)
    assert (found.room, found.busy) == (3, False)


def test_large_items_are_few() -> None:
    found = Window(50)
    found.sent(MOST_BYTES - 1)
    assert found.room
    found.sent(MOST_BYTES)
    assert not found.room
    found.returned(MOST_BYTES)
    assert found.room


def test_an_executor_that_is_not_known_gets_nothing() -> None:
    assert Window(0).room == 0
