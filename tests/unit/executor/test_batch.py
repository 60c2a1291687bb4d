"""A batch takes in no more than it has given out, but for a bounded number."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rlvf_executor.batch import answered

AT_ONCE = 6


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
    async for answers in answered(aiter(source), echo, at_once=AT_ONCE):
        for _ in range(3 * items):  # The workers get as far as they can.
            await asyncio.sleep(0)
        got += answers
        ahead = max(ahead, source.taken - len(got) // items)
    assert sorted(got) == list(range(10_000 * items))
    assert ahead <= AT_ONCE + 1


async def test_a_slow_answer_does_not_hold_up_other_messages() -> None:
    release = asyncio.Event()

    async def answer(item: int) -> int:
        if item == 0:
            await release.wait()
        return item

    messages = []
    async for answers in answered(aiter(Source(50, items=3)), answer, at_once=AT_ONCE):
        messages.append(answers)
        if len(messages) == 49:
            release.set()
    # Those of one message are together, and in their order.
    assert messages[-1] == [0, 1, 2]
    assert sorted(messages) == [[3 * one, 3 * one + 1, 3 * one + 2] for one in range(50)]


async def test_the_items_of_one_message_are_worked_on_at_once() -> None:
    running = most = 0

    async def answer(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return item

    _ = [answers async for answers in answered(aiter(Source(1, items=20)), answer, at_once=AT_ONCE)]
    assert most == AT_ONCE


async def test_a_defect_ends_the_stream() -> None:
    async def answer(item: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ = [one async for one in answered(aiter(Source(3)), answer, at_once=AT_ONCE)]


async def test_a_message_that_cannot_be_read_ends_the_stream() -> None:
    async def broken() -> AsyncIterator[range]:
        yield range(2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ = [one async for one in answered(broken(), echo, at_once=AT_ONCE)]


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

    stream = answered(aiter(Source(100)), answer, at_once=AT_ONCE)
    await anext(stream)
    for _ in range(3):
        await asyncio.sleep(0)
    await stream.aclose()  # type: ignore[attr-defined]
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(cancelled) >= AT_ONCE - 1
