"""Concurrent work on many items that fails with a single error."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

__all__ = ["for_each"]

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


async def for_each(
    items: Iterable[ItemT], work: Callable[[ItemT], Awaitable[ResultT]], *, at_once: int
) -> list[ResultT]:
    """Run `work` on every item, at most `at_once` at one time; return results in order of items.

    Items are begun in order. The first exception cancels the rest and is raised by itself, not in a
    group.
    """
    numbered = enumerate(items)
    results: dict[int, ResultT] = {}

    async def worker() -> None:
        for number, item in numbered:
            results[number] = await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [results[number] for number in sorted(results)]
