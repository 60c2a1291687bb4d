"""Works through a stream of messages that hold one item or more each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

MESSAGE_ANSWERS = 50
_MESSAGE_BYTES = 4 << 20
# So many short programs end in this time that the cost of their message does not count.
_TOGETHER_SECONDS = 0.02


class _Outbox(Generic[AnswerT]):
    """Answers that are done, until the stream takes them: those of about the same time together."""

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

        `at_once`: no other answer is to be expected soon.
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
        """The answers of a message; none when all were given. Raises what the work ended with."""
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


async def answered(
    incoming: AsyncIterator[Sequence[ItemT]],
    answer: Callable[[ItemT], Awaitable[AnswerT]],
    *,
    at_once: int,
    size: Callable[[AnswerT], int],
) -> AsyncIterator[list[AnswerT]]:
    """Yields the answers to all items, in any order and grouping.

    So many workers as `at_once` says take one item after another. They stop while as much as a
    message holds was not taken: `MESSAGE_ANSWERS`, or a few MiB by `size`. Whatever `incoming` or
    `answer` raises ends all.
    """
    outbox: _Outbox[AnswerT] = _Outbox(size)
    taking = asyncio.Lock()
    in_work = 0
    left = at_once

    async def each() -> AsyncIterator[ItemT]:
        async for some in incoming:
            for item in some:
                yield item

    items = each()

    async def work() -> None:
        nonlocal in_work, left
        try:
            while True:
                async with taking:
                    item = await anext(items)
                in_work += 1
                done = await answer(item)
                in_work -= 1
                await outbox.put(done, at_once=not in_work)
        except StopAsyncIteration:
            left -= 1
            if not left:
                outbox.end()
        except Exception as error:  # Raised again by the stream.
            outbox.end(error)

    workers = [asyncio.create_task(work()) for _ in range(at_once)]
    try:
        while answers := await outbox.take():
            yield answers
    finally:
        for worker in workers:
            worker.cancel()
