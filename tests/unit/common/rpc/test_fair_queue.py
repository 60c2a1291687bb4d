"""Who is served next, and who has to leave a full queue."""

import asyncio

import pytest

from rlvf_common.rpc.fair_queue import FairQueue, FairSlots, Ticket


def ticket(caller: str, number: int, *, bounded: bool = True) -> Ticket[int]:
    """A caller's request with a number to know it by."""
    return Ticket(caller, number, bounded)


def serve(queue: FairQueue[int], seconds: dict[str, float]) -> str:
    """Runs the next request on the only slot; returns its caller."""
    following = queue.take()
    queue.started(following)
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


class Work:
    """Tasks that hold a slot until they are let go, and the order in which they got theirs."""

    def __init__(self, slots: int) -> None:
        self.order: list[str] = []
        self.held = 0
        self.most_held = 0
        self.let_go = asyncio.Event()
        self._slots = FairSlots(slots)

    async def start(self, caller: str, number: int = 1) -> list[asyncio.Task[None]]:
        """Start tasks, and wait until each has a slot or waits for one."""
        tasks = [asyncio.create_task(self._hold(caller)) for _ in range(number)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return tasks

    async def _hold(self, caller: str) -> None:
        async with self._slots.slot(caller):
            self.order.append(caller)
            self.held += 1
            self.most_held = max(self.most_held, self.held)
            try:
                await self.let_go.wait()
            finally:
                self.held -= 1


async def test_the_next_slot_is_another_caller_s_however_many_wait() -> None:
    work = Work(2)
    large = await work.start("large", 100)
    small = await work.start("small")
    assert work.order == ["large", "large"]
    work.let_go.set()
    await asyncio.gather(*large, *small)
    assert work.order[:3] == ["large", "large", "small"]
    assert (len(work.order), work.most_held) == (101, 2)


async def test_who_leaves_takes_no_slot_along() -> None:
    work = Work(2)
    first, second = await work.start("a", 2)
    waiting = await work.start("a", 5)
    # One leaves while it waits, one as its turn comes, one when it has just got a slot.
    waiting[3].cancel()
    first.cancel()
    waiting[0].cancel()
    second.cancel()
    await asyncio.sleep(0)
    waiting[1].cancel()
    left = await asyncio.gather(first, second, *waiting[:2], waiting[3], return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in left)
    assert (len(work.order), work.held) == (2 + 2, 2)
    work.let_go.set()
    await asyncio.gather(waiting[2], waiting[4])
    assert (work.most_held, work.held) == (2, 0)


async def test_slots_that_are_taken_away_are_not_given_out_again() -> None:
    slots = FairSlots(3)
    holds: list[int] = []
    leave = [asyncio.Event() for _ in range(5)]

    async def work(number: int) -> None:
        async with slots.slot(""):
            holds.append(number)
            await leave[number].wait()

    async def settle() -> list[int]:
        for _ in range(10):
            await asyncio.sleep(0)
        return list(holds)

    tasks = [asyncio.create_task(work(number)) for number in range(5)]
    assert await settle() == [0, 1, 2]
    slots.resize(1)
    leave[0].set()
    leave[1].set()
    assert await settle() == [0, 1, 2]
    leave[2].set()
    assert await settle() == [0, 1, 2, 3]
    slots.resize(2)
    assert await settle() == [0, 1, 2, 3, 4]
    for event in leave:
        event.set()
    await asyncio.gather(*tasks)
