"""Answers a stream of messages of one or more items each; in the server."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

MESSAGE_ANSWERS = 50
_MESSAGE_BYTES = 4 << 20
# Answers wait this long for others, so that many short programs share the cost of one message.
_TOGETHER_SECONDS = 0.02


class _Outbox(Generic[AnswerT]):
    """Holds finished answers until the stream takes them, grouped by time."""

    def __init__(self, size: Callable[[AnswerT], int]) -> None:
        self._size = size
        self._answers: list[AnswerT] = []
        self._bytes = 0
        self._due = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self._error: Exception | None = None

    async def put(self, answer: AnswerT, *, at_once: bool) -> None:
        """Adds an answer, and waits until there is room for another.

        `at_once`: send it without waiting, because no other answer is expected soon.
        """
        self._answers.append(answer)
        self._bytes += self._size(answer)
        if len(self._answers) >= MESSAGE_ANSWERS or self._bytes >= _MESSAGE_BYTES:
            self._room.clear()
            at_once = True
        if at_once:
            self._due.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TOGETHER_SECONDS, self._due.set)
        await self._room.wait()

    def end(self, error: Exception | None = None) -> None:
        """No more answers will come."""
        self._ended = True
        self._error = self._error or error
        self._due.set()

    async def take(self) -> list[AnswerT]:
        """The answers for one message; empty at the end. Raises the error that ended the work."""
        await self._due.wait()
        answers, self._answers, self._bytes = self._answers, [], 0
        if not answers and self._error is not None:
            raise self._error
        if not self._ended:
            self._due.clear()
        self._room.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return answers


class Batch(NamedTuple, Generic[ItemT]):
    """One message of a stream."""

    items: Sequence[ItemT]
    cancelled: Iterable[str] = ()
    """Names of earlier items whose answers are no longer wanted."""
    done: Callable[[], None] = lambda: None
    """Called once: when the work of all items is done, or the stream has ended."""


@dataclass(slots=True, eq=False)
class _Load:
    """A message of which `left` items are not done."""

    left: int
    done: Callable[[], None]


@dataclass(slots=True, eq=False)
class _Entry(Generic[ItemT]):
    """An item that waits, or that a worker runs."""

    item: ItemT
    load: _Load
    wanted: bool = True
    worker: "asyncio.Task[None] | None" = None


async def answered(
    incoming: AsyncIterator[Batch[ItemT]],
    answer: Callable[[ItemT], Awaitable[AnswerT]],
    *,
    name: Callable[[ItemT], str],
    at_once: int,
    size: Callable[[AnswerT], int],
) -> AsyncGenerator[list[AnswerT], None]:
    """Yields the answers to all items that are not cancelled, in any order and grouping.

    `at_once` workers take one item after another, and up to as many items wait for them. Workers
    pause while a full message of answers has not been taken: `MESSAGE_ANSWERS`, or `_MESSAGE_BYTES`
    by `size`. An exception of `incoming` or `answer` ends the stream. No item is kept in memory
    when its work is done.
    """
    outbox: _Outbox[AnswerT] = _Outbox(size)
    waiting: asyncio.Queue[_Entry[ItemT] | None] = asyncio.Queue(at_once)
    entries: dict[str, _Entry[ItemT]] = {}
    unanswered = 0
    """Items that were read and not yet answered."""
    left = at_once
    loads: set[_Load] = set()

    def finish(load: _Load) -> None:
        loads.discard(load)
        load.done()

    def cancel(item: str) -> None:
        entry = entries.get(item)
        if entry is not None and entry.wanted:
            entry.wanted = False
            if entry.worker is not None:
                entry.worker.cancel()

    async def take_in(batch: Batch[ItemT]) -> None:
        nonlocal unanswered
        load = _Load(len(batch.items), batch.done)
        loads.add(load)
        for one in batch.cancelled:
            cancel(one)
        unanswered += len(batch.items)
        for item in batch.items:
            entry = entries[name(item)] = _Entry(item, load)
            await waiting.put(entry)
        if not batch.items:
            finish(load)

    async def read() -> None:
        try:
            async for batch in incoming:
                await take_in(batch)
                del batch
            for _ in range(at_once):
                await waiting.put(None)
        except Exception as error:  # Raised again by the stream.
            outbox.end(error)

    async def carry_out(entry: _Entry[ItemT], worker: "asyncio.Task[None]") -> None:
        entry.worker = worker
        try:
            done = await answer(entry.item)
        except asyncio.CancelledError:
            if entry.wanted:
                raise
            worker.uncancel()
            return
        finally:
            entry.worker = None
        await outbox.put(done, at_once=unanswered == 1)

    async def work() -> None:
        nonlocal left, unanswered
        worker = asyncio.current_task()
        assert worker is not None
        try:
            while (entry := await waiting.get()) is not None:
                if entry.wanted:
                    await carry_out(entry, worker)
                unanswered -= 1
                if entries.get(name(entry.item)) is entry:
                    del entries[name(entry.item)]
                entry.load.left -= 1
                if not entry.load.left:
                    finish(entry.load)
                entry = None
            left -= 1
            if not left:
                outbox.end()
        except Exception as error:  # Raised again by the stream.
            outbox.end(error)

    tasks = [asyncio.create_task(work()) for _ in range(at_once)]
    tasks.append(asyncio.create_task(read()))
    try:
        while answers := await outbox.take():
            yield answers
    finally:
        for task in tasks:
            task.cancel()
        for load in tuple(loads):
            finish(load)
