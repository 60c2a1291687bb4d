"""Who is served next, and who has to leave a full queue."""

import pytest

from rlvf_executor.fair_queue import FairQueue, Ticket


def ticket(caller: str, number: int, *, bounded: bool = True) -> Ticket[int]:
    """A caller's request with a number to know it by."""
    return Ticket(caller, number, bounded)


def serve(queue: FairQueue[int], seconds: dict[str, float]) -> str:
    """Runs the next request on the only slot; returns its caller."""
    following = queue.take()
    queue.started(following, 0.1)
    queue.finished(following, seconds.get(following.caller, 0.1))
    return following.caller


def test_one_caller_is_served_in_its_own_order() -> None:
    queue: FairQueue[int] = FairQueue(100)
    for number in range(5):
        queue.add(ticket("a", number))
    assert [queue.take().item for _ in range(5)] == [0, 1, 2, 3, 4]


def test_ten_requests_do_not_wait_for_another_caller_s_million() -> None:
    queue: FairQueue[int] = FairQueue(2_000)
    for number in range(1_000):
        queue.add(ticket("large", number))
    for _ in range(100):
        serve(queue, {})
    for number in range(10):
        queue.add(ticket("small", number))
    served = [serve(queue, {}) for _ in range(21)]
    assert served.count("small") == 10


def test_callers_share_time_and_not_requests() -> None:
    queue: FairQueue[int] = FairQueue(2_000)
    for number in range(1_000):
        queue.add(ticket("long", number))
        queue.add(ticket("short", number))
    served = [serve(queue, {"long": 9.0, "short": 1.0}) for _ in range(200)]
    assert 18 <= served.count("long") <= 22


def test_a_caller_does_not_save_up_what_it_did_not_use() -> None:
    queue: FairQueue[int] = FairQueue(2_000)
    for number in range(1_000):
        queue.add(ticket("busy", number))
    for _ in range(500):
        serve(queue, {})
    for number in range(100):
        queue.add(ticket("late", number))
    served = [serve(queue, {}) for _ in range(40)]
    assert 19 <= served.count("late") <= 21


def test_coming_back_does_not_wipe_out_what_a_caller_has_had() -> None:
    queue: FairQueue[int] = FairQueue(2_000)
    for number in range(100):
        queue.add(ticket("steady", number))
    queue.add(ticket("returning", 0))
    while serve(queue, {"returning": 100.0}) != "returning":
        pass
    queue.add(ticket("returning", 1))
    assert [serve(queue, {}) for _ in range(50)] == ["steady"] * 50


def test_a_full_queue_refuses_the_caller_that_fills_it() -> None:
    queue: FairQueue[int] = FairQueue(10)
    for number in range(10):
        assert queue.add(ticket("a", number)) is None
    more = ticket("a", 10)
    assert queue.add(more) is more
    assert len(queue) == 10


def test_a_full_queue_has_a_place_for_another_caller() -> None:
    queue: FairQueue[int] = FairQueue(10)
    for number in range(10):
        queue.add(ticket("a", number))
    for number in range(5):
        loser = queue.add(ticket("b", number))
        assert loser is not None
        assert (loser.caller, loser.item) == ("a", 9 - number)
    last = ticket("b", 5)
    assert queue.add(last) is last
    assert (queue.places_of("a"), queue.places_of("b"), len(queue)) == (5, 5, 10)


def test_requests_of_a_stream_take_no_places_and_lose_none() -> None:
    queue: FairQueue[int] = FairQueue(1)
    for number in range(5):
        assert queue.add(ticket("stream", number, bounded=False)) is None
    assert queue.add(ticket("a", 0)) is None
    refused = ticket("b", 0)
    assert queue.add(refused) is refused
    assert len(queue) == 6


def test_a_request_that_left_is_not_served() -> None:
    queue: FairQueue[int] = FairQueue(10)
    gone, stays = ticket("a", 0), ticket("a", 1)
    queue.add(gone)
    queue.add(stays)
    queue.remove(gone)
    queue.remove(gone)
    assert queue.take() is stays
    with pytest.raises(IndexError):
        queue.take()


def test_callers_that_have_gone_are_forgotten() -> None:
    queue: FairQueue[int] = FairQueue(10)
    queue.add(ticket("stays", 0))
    for number in range(1_000):
        queue.add(ticket(str(number), 0))
        queue.add(ticket("stays", 0, bounded=False))
        serve(queue, {})
        serve(queue, {})
    assert len(queue._callers) <= 12
