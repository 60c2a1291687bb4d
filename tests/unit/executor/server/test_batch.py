"""A batch takes in no more than it has given out, but for a bounded number."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from rlvf_executor.server.batch import MESSAGE_ANSWERS, Batch, answered

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

    async def __aiter__(self) -> AsyncIterator[Batch[int]]:
        for number in range(self.messages):
            self.taken += 1
            yield Batch(range(number * self.items, (number + 1) * self.items))


@pytest.mark.parametrize("items", [1, 5])
async def test_a_slow_reader_slows_the_reading_of_requests(items: int) -> None:
    source = Source(10_000, items)
    got: list[int] = []
    ahead = 0
    async for answers in answered(aiter(source), echo, name=str, at_once=AT_ONCE, size=size):
        for _ in range(3 * MESSAGE_ANSWERS):  # The workers get as far as they can.
            await asyncio.sleep(0)
        got += answers
        ahead = max(ahead, items * source.taken - len(got))
    assert sorted(got) == list(range(10_000 * items))
    # What the workers have, what waits for them, and what waits to be taken.
    assert ahead <= 2 * AT_ONCE + MESSAGE_ANSWERS + items


async def test_large_answers_leave_in_small_messages() -> None:
    large = answered(
        aiter(Source(30)), echo, name=str, at_once=AT_ONCE, size=lambda answer: 3 << 20
    )
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
    async for answers in answered(
        aiter(Source(3, items=50)), answer, name=str, at_once=AT_ONCE, size=size
    ):
        got += answers
        if len(got) == 149:
            release.set()
    assert got[-1] == 0
    assert sorted(got) == list(range(150))


async def test_answers_of_the_same_moment_leave_together() -> None:
    messages = 0
    async for _ in answered(
        aiter(Source(10, items=100)), echo, name=str, at_once=AT_ONCE, size=size
    ):
        messages += 1
    assert messages <= 1000 / MESSAGE_ANSWERS + 1


async def test_the_only_answer_in_work_does_not_wait_for_others() -> None:
    asked: asyncio.Queue[Batch[int]] = asyncio.Queue()

    async def incoming() -> AsyncIterator[Batch[int]]:
        while True:
            yield await asked.get()

    stream = answered(incoming(), echo, name=str, at_once=AT_ONCE, size=size)
    loop = asyncio.get_running_loop()
    loop.call_later = None  # type: ignore[method-assign, assignment]
    try:
        for number in range(3):
            asked.put_nowait(Batch([number]))
            assert await anext(stream) == [number]
    finally:
        del loop.call_later
        await stream.aclose()


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
            aiter(Source(1, items=20)), answer, name=str, at_once=AT_ONCE, size=size
        )
    ]
    assert most == AT_ONCE


class Item:
    """An item whose end of life can be seen."""


async def test_an_item_is_not_kept_when_its_work_is_done() -> None:
    """A message of 64 MiB would stay in memory as long as its stream is idle."""
    asked: asyncio.Queue[Batch[Item]] = asyncio.Queue()
    done: list[str] = []

    async def incoming() -> AsyncIterator[Batch[Item]]:
        while True:
            yield await asked.get()

    async def answer(item: Item) -> int:
        return 1

    item = Item()
    alive = weakref.ref(item)
    asked.put_nowait(Batch([item], done=lambda: done.append("message")))
    del item
    stream = answered(incoming(), answer, name=str, at_once=AT_ONCE, size=size)
    assert await anext(stream) == [1]
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    assert alive() is None
    assert done == ["message"]
    await stream.aclose()
    assert done == ["message"]


async def test_a_message_is_done_when_all_its_items_are_or_the_stream_has_ended() -> None:
    release = asyncio.Event()
    done: list[str] = []

    async def incoming() -> AsyncIterator[Batch[int]]:
        yield Batch([], done=lambda: done.append("empty"))
        yield Batch([0, 1], done=lambda: done.append("two"))
        yield Batch([2], ["2"], done=lambda: done.append("cancelled"))
        yield Batch([3], done=lambda: done.append("endless"))

    async def answer(item: int) -> int:
        if item:
            await release.wait()
        if item == 3:
            await asyncio.Event().wait()
        return item

    stream = answered(incoming(), answer, name=str, at_once=AT_ONCE, size=size)
    got = await anext(stream)
    assert done == ["empty"]
    release.set()
    while len(got) < 3:
        got += await anext(stream)
    assert sorted(done) == ["cancelled", "empty", "two"]
    await stream.aclose()
    assert sorted(done) == ["cancelled", "empty", "endless", "two"]


async def test_a_defect_ends_the_stream() -> None:
    async def answer(item: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ = [
            one
            async for one in answered(
                aiter(Source(3)), answer, name=str, at_once=AT_ONCE, size=size
            )
        ]


async def test_a_message_that_cannot_be_read_ends_the_stream() -> None:
    async def broken() -> AsyncIterator[Batch[int]]:
        yield Batch(range(2))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ = [one async for one in answered(broken(), echo, name=str, at_once=AT_ONCE, size=size)]


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

    stream = answered(aiter(Source(100)), answer, name=str, at_once=AT_ONCE, size=size)
    await anext(stream)
    for _ in range(3):
        await asyncio.sleep(0)
    await stream.aclose()
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(cancelled) >= AT_ONCE - 1


async def test_a_cancelled_item_is_stopped_or_never_begun_and_not_answered() -> None:
    asked: asyncio.Queue[Batch[int] | None] = asyncio.Queue()
    begun: list[int] = []
    stopped: list[int] = []
    release = asyncio.Event()

    async def incoming() -> AsyncIterator[Batch[int]]:
        while (batch := await asked.get()) is not None:
            yield batch

    async def answer(item: int) -> int:
        begun.append(item)
        try:
            await release.wait()
        except asyncio.CancelledError:
            stopped.append(item)
            raise
        return item

    # All workers have one, and one more waits.
    asked.put_nowait(Batch(range(AT_ONCE + 1)))
    asked.put_nowait(Batch([], ["0", str(AT_ONCE), "no such item"]))
    stream = answered(incoming(), answer, name=str, at_once=AT_ONCE, size=size)
    first = asyncio.ensure_future(anext(stream))
    while not stopped:
        await asyncio.sleep(0)
    assert stopped == [0]
    # The worker that was stopped goes on with what comes next.
    asked.put_nowait(Batch([100]))
    while 100 not in begun:
        await asyncio.sleep(0)
    asked.put_nowait(None)
    release.set()
    got = [*await first, *[one async for answers in stream for one in answers]]
    assert sorted(got) == [*range(1, AT_ONCE), 100]
    assert AT_ONCE not in begun


async def test_an_id_that_is_used_again_is_answered_each_time() -> None:
    async def incoming() -> AsyncIterator[Batch[int]]:
        yield Batch([7, 7, 7])

    stream = answered(incoming(), echo, name=str, at_once=AT_ONCE, size=size)
    assert [one async for answers in stream for one in answers] == [7, 7, 7]
