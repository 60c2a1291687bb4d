"""A batch takes in no more than it has given out, but for a bounded number."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_executor.executor import Executor
from rlvf_executor.service import ExecutorServicer
from rlvf_executor.settings import ExecutorSettings

Request = executor_pb2.GradeBatchRequest
Response = executor_pb2.GradeBatchResponse
SLOTS = 2
MOST = 2 * SLOTS + 2


async def echo(request: Request) -> Response:
    """Answers at once."""
    return Response(id=request.id)


class Source:
    """Requests, and how many of them were taken."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[Request]:
        for number in range(self.count):
            self.taken += 1
            yield Request(id=str(number))


@pytest.fixture
def servicer() -> ExecutorServicer:
    """A servicer whose executor was not started; these tests answer by themselves."""
    return ExecutorServicer(Executor(ExecutorSettings(executor_slots=SLOTS)))


async def test_a_slow_reader_slows_the_reading_of_requests(servicer: ExecutorServicer) -> None:
    source = Source(20_000)
    ids = set()
    ahead = 0
    async for response in servicer._batch(aiter(source), echo):
        for _ in range(3):  # The workers get as far as they can.
            await asyncio.sleep(0)
        ids.add(response.id)
        ahead = max(ahead, source.taken - len(ids))
    assert len(ids) == 20_000
    assert ahead <= MOST + 1


async def test_a_slow_answer_does_not_hold_up_the_others(servicer: ExecutorServicer) -> None:
    release = asyncio.Event()

    async def answer(request: Request) -> Response:
        if request.id == "0":
            await release.wait()
        return Response(id=request.id)

    ids = []
    async for response in servicer._batch(aiter(Source(100)), answer):
        ids.append(response.id)
        if len(ids) == 99:
            release.set()
    assert ids[-1] == "0"
    assert sorted(map(int, ids)) == list(range(100))


async def test_a_defect_ends_the_stream(servicer: ExecutorServicer) -> None:
    async def answer(request: Request) -> Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ = [response async for response in servicer._batch(aiter(Source(3)), answer)]


async def test_a_reader_that_leaves_ends_the_work(servicer: ExecutorServicer) -> None:
    cancelled = []

    async def answer(request: Request) -> Response:
        if request.id == "0":
            return Response(id="0")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(request.id)
            raise
        raise AssertionError("not reached")

    stream = servicer._batch(aiter(Source(100)), answer)
    await anext(stream)
    for _ in range(3):
        await asyncio.sleep(0)
    await stream.aclose()  # type: ignore[attr-defined]
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(cancelled) >= MOST - 1
