"""Works through a stream of messages that hold one item or more each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")


@dataclass(slots=True)
class _Message(Generic[ItemT, AnswerT]):
    """The items of a message, and the answers so far by their place."""

    items: Sequence[ItemT]
    answers: dict[int, AnswerT]


class _End(NamedTuple):
    """A worker has no more to do."""

    error: Exception | None


async def answered(
    incoming: AsyncIterator[Sequence[ItemT]],
    answer: Callable[[ItemT], Awaitable[AnswerT]],
    *,
    at_once: int,
) -> AsyncIterator[list[AnswerT]]:
    """Yields the answers to each message, in the order of its items, when the last is there.

    So many workers as `at_once` says take one item after another. One that has finished a message
    takes the next item only when the answers were taken, which a slow reader makes wait. Whatever
    `incoming` or `answer` raises ends all.
    """
    finished: asyncio.Queue[list[AnswerT] | _End] = asyncio.Queue(1)
    taking = asyncio.Lock()

    async def work() -> None:
        try:
            while True:
                async with taking:
                    message, place = await anext(places)
                message.answers[place] = await answer(message.items[place])
                if len(message.answers) == len(message.items):
                    await finished.put([message.answers[one] for one in range(len(message.items))])
        except StopAsyncIteration:
            await finished.put(_End(None))
        except Exception as error:  # Raised again by the stream.
            await finished.put(_End(error))

    async def each_place() -> AsyncIterator[tuple[_Message[ItemT, AnswerT], int]]:
        async for items in incoming:
            message: _Message[ItemT, AnswerT] = _Message(items, {})
            for place in range(len(items)):
                yield message, place

    places = each_place()
    workers = [asyncio.create_task(work()) for _ in range(at_once)]
    try:
        left = len(workers)
        while left:
            answers = await finished.get()
            if not isinstance(answers, _End):
                yield answers
            elif answers.error is not None:
                raise answers.error
            else:
                left -= 1
    finally:
        for worker in workers:
            worker.cancel()
