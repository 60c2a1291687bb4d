"""A batch takes in no more than it has given out, but for a bounded number."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rlvf_executor.batch import MESSAGE_ANSWERS, answered

AT_ONCE = 6


def size(answer: int) -> int:
    """What an answer takes of a message, in bytes: next to nothing."""
    return 1


async def echo(item: int) -> int:
    """Answers at once."""
    return item


class Source:
    """Numbers, so many to a message, and how many messages were taken."""

    def __init__(self, messages: int, items: int = 1) -> None:
        self.messages = messages
        self.items = items
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[range]:
        for number in range(self.messages):
            self.taken += 1
            yield range(number * self.items, (number + 1) * self.items)


@pytest.mark.parametrize("items", [1, 5])
async def test_a_slow_reader_slows_the_reading_of_requests(items: int) -> None:
    source = Source(10_000, items)
    got: list[int] = []
    ahead = 0
    async for answers in answered(aiter(source), echo, at_once=AT_ONCE, size=size):
        for _ in range(3 * MESSAGE_ANSWERS):  # The workers get as far as they can.
            await asyncio.sleep(0)
        got += answers
        ahead = max(ahead, items * source.taken - len(got))
    assert sorted(got) == list(range(10_000 * items))
    assert ahead <= AT_ONCE + MESSAGE_ANSWERS + items


async def test_large_answers_leave_in_small_messages() -> None:
    large = answered(aiter(Source(30)), echo, at_once=AT_ONCE, size=lambda answer: 3 << 20)
    messages = [answers async for answers in large]
    assert sorted(one for answers in messages for one in answers) == list(range(30))
    # One that was not enough by itself, and those that the workers had in hand.
    assert max(map(len, messages)) <= 1 + AT_ONCE


async def test_a_slow_answer_holds_up_no_other() -> None:
    release = asyncio.Event()

    async def answer(item: int) -> int:
        if item == 0:
            await release.wait()
        return item

    got: list[int] = []
    async for answers in answered(aiter(Source(3, items=50)), answer, at_once=AT_ONCE, size=size):
        got += answers
        if len(got) == 149:
            release.set()
    assert got[-1] == 0
    assert sorted(got) == list(range(150))


async def test_answers_of_the_same_moment_leave_together() -> None:
    messages = 0
    async for _ in answered(aiter(Source(10, items=100)), echo, at_once=AT_ONCE, size=size):
        messages += 1
    assert messages <= 1000 / MESSAGE_ANSWERS + 1


async def test_the_only_answer_in_work_does_not_wait_for_others() -> None:
    asked: asyncio.Queue[range] = asyncio.Queue()

    async def incoming() -> AsyncIterator[range]:
        while True:
            yield await asked.get()

    stream = answered(incoming(), echo, at_once=AT_ONCE, size=size)
    loop = asyncio.get_running_loop()
    loop.call_later = None  # type: ignore[method-assign, assignment]
    try:
        for number in range(3):
            asked.put_nowait(range(number, number + 1))
            assert await anext(stream) == [number]
    finally:
        del loop.call_later
        await stream.aclose()  # type: ignore[attr-defined]


async def test_the_items_of_one_message_are_worked_on_at_once() -> None:
    running = most = 0

    async def answer(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return item

    _ = [
        answers
        async for answers in answered(
            aiter(Source(1, items=20)), answer, at_once=AT_ONCE, size=size
        )
    ]
    assert most == AT_ONCE


async def test_a_defect_ends_the_stream() -> None:
    async def answer(item: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ = [one async for one in answered(aiter(Source(3)), answer, at_once=AT_ONCE, size=size)]


async def test_a_message_that_cannot_be_read_ends_the_stream() -> None:
    async def broken() -> AsyncIterator[range]:
        yield range(2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ = [one async for one in answered(broken(), echo, at_once=AT_ONCE, size=size)]


async def test_a_reader_that_leaves_ends_the_work() -> None:
    cancelled = []

    async def answer(item: int) -> int:
        if item == 0:
            return 0
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise
        raise AssertionError("not reached")

    stream = answered(aiter(Source(100)), answer, at_once=AT_ONCE, size=size)
    await anext(stream)
    for _ in range(3):
        await asyncio.sleep(0)
    await stream.aclose()  # type: ignore[attr-defined]
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(cancelled) >= AT_ONCE - 1
