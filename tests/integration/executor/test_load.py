"""A busy executor: fair between callers, honest about its queue, quick to free what is given up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import DeadlineExceeded, ResourceExhausted, RlvfError, from_rpc_error
from rlvf_common.rpc.channels import CALLER_KEY, open_channel
from tests.processes.executor import ExecutorProcess, limits

from .conftest import Stub
from .samples import RIGHT, SLEEP

QUEUE = 40
GRADES = 'rlvf_executor_executions_total{kind="check_function",result="passed"}'


@pytest.fixture(scope="module")
def busy() -> Iterator[ExecutorProcess]:
    """An executor with one slot and a short queue."""
    with ExecutorProcess(
        executor_slots="1", executor_queue=str(QUEUE), metrics_listen="127.0.0.1:0"
    ) as process:
        yield process


@pytest.fixture
async def stub(busy: ExecutorProcess) -> AsyncIterator[Stub]:
    """A client of it."""
    async with open_channel(busy.address) as channel:
        yield executor_pb2_grpc.ExecutorServiceStub(channel)


async def until(process: ExecutorProcess, name: str, value: float) -> None:
    """Waits until a metric has a value."""
    async with asyncio.timeout(60):
        while (await asyncio.to_thread(process.metrics)).get(name, 0.0) != value:
            await asyncio.sleep(0.01)


async def failure(call: Awaitable[object]) -> RlvfError | None:
    """How a call ended; None for an answer."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return from_rpc_error(error)
    return None


async def test_a_large_caller_does_not_starve_a_small_one(stub: Stub) -> None:
    done: Counter[str] = Counter()
    all_small_done = asyncio.Event()
    large_meanwhile = 0

    async def grade(caller: str) -> None:
        nonlocal large_meanwhile
        await stub.Grade(RIGHT, timeout=120, metadata=[(CALLER_KEY, caller)])
        done[caller] += 1
        if done["small"] == 10 and not all_small_done.is_set():
            all_small_done.set()
            large_meanwhile = done["large"] - large_before

    # A stream is never refused: it keeps as much waiting as it may, all the time.
    async def requests() -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        for number in range(100_000):
            item = executor_pb2.GradeBatchRequest.Item(id=str(number), request=RIGHT)
            yield executor_pb2.GradeBatchRequest(items=[item])

    async def large() -> None:
        stream = stub.GradeBatch(requests(), timeout=120, metadata=[(CALLER_KEY, "large")])
        async for message in stream:
            done["large"] += len(message.items)

    streams = [asyncio.create_task(large()) for _ in range(20)]
    while done["large"] < 50:
        await asyncio.sleep(0.01)
    large_before = done["large"]
    await asyncio.gather(*(grade("small") for _ in range(10)))
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    # 20 streams keep 80 requests waiting; one after another, these would have come first.
    assert large_meanwhile <= 40


async def test_callers_behind_one_service_share_too(stub: Stub) -> None:
    done: Counter[str] = Counter()

    async def requests(caller: str, count: int) -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        for number in range(count):
            item = executor_pb2.GradeBatchRequest.Item(id=str(number), request=RIGHT, caller=caller)
            yield executor_pb2.GradeBatchRequest(items=[item])

    async def send(caller: str, count: int) -> None:
        metadata = [(CALLER_KEY, "service")]
        stream = stub.GradeBatch(requests(caller, count), timeout=120, metadata=metadata)
        async for message in stream:
            done[caller] += len(message.items)

    large = [asyncio.create_task(send("large", 100_000)) for _ in range(20)]
    while done["large"] < 50:
        await asyncio.sleep(0.01)
    before = done["large"]
    await send("small", 30)
    meanwhile = done["large"] - before
    for one in large:
        one.cancel()
    await asyncio.gather(*large, return_exceptions=True)
    # Of one caller, each of the 21 streams would have had as much.
    assert meanwhile <= 200


async def test_a_full_queue_still_has_a_place_for_another_caller(
    busy: ExecutorProcess, stub: Stub
) -> None:
    sleeper = stub.Execute(SLEEP, timeout=120, metadata=[(CALLER_KEY, "large")])
    await until(busy, "rlvf_executor_slots_busy", 1)
    large = [
        asyncio.create_task(
            failure(stub.Execute(SLEEP, timeout=60, metadata=[(CALLER_KEY, "large")]))
        )
        for _ in range(QUEUE + 5)
    ]
    await until(busy, "rlvf_executor_queue_length", QUEUE)
    (refused, *_), _ = await asyncio.wait(large, return_when=asyncio.FIRST_COMPLETED)
    error = refused.result()
    assert isinstance(error, ResourceExhausted)
    # There is one slot, and what has run there so far took milliseconds.
    assert error.retry_after is not None
    assert error.retry_after.total_seconds() > 0.1
    small = stub.Grade(RIGHT, timeout=120, metadata=[(CALLER_KEY, "small")])
    await until(busy, "rlvf_executor_callers_waiting", 2)
    for task in large:
        task.cancel()
    sleeper.cancel()
    assert (await small).verdict == executor_pb2.VERDICT_PASSED


async def test_a_reference_takes_a_place_in_the_queue_like_everything_else(
    busy: ExecutorProcess, stub: Stub
) -> None:
    sleeper = stub.Execute(SLEEP, timeout=120)
    await until(busy, "rlvf_executor_slots_busy", 1)

    def with_reference(number: int) -> executor_pb2.GradeRequest:
        reference = f"def f(x): return x + {number}"
        test = executor_pb2.Cases(inputs=["(1,)"], reference_source=reference)
        return executor_pb2.GradeRequest(candidate_source=reference, entry_point="f", cases=test)

    calls = [
        asyncio.create_task(failure(stub.Grade(with_reference(number), timeout=60)))
        for number in range(QUEUE + 5)
    ]
    (refused, *_), _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    assert isinstance(refused.result(), ResourceExhausted)
    for task in calls:
        task.cancel()
    sleeper.cancel()
    await until(busy, "rlvf_executor_queue_length", 0)


async def test_a_request_whose_deadline_passes_in_the_queue_never_runs(
    busy: ExecutorProcess, stub: Stub
) -> None:
    sleeper = stub.Execute(SLEEP, timeout=120)
    await until(busy, "rlvf_executor_slots_busy", 1)
    ran = busy.metrics()["rlvf_executor_slot_seconds_count"]
    error = await failure(stub.Grade(RIGHT, timeout=0.3))
    assert isinstance(error, DeadlineExceeded)
    await until(busy, "rlvf_executor_queue_length", 0)
    sleeper.cancel()
    await stub.Grade(RIGHT, timeout=60)
    assert busy.metrics()["rlvf_executor_slot_seconds_count"] == ran + 2


async def test_a_cancelled_request_leaves_the_queue(busy: ExecutorProcess, stub: Stub) -> None:
    sleeper = stub.Execute(SLEEP, timeout=120)
    await until(busy, "rlvf_executor_slots_busy", 1)
    waiting = [stub.Grade(RIGHT, timeout=120) for _ in range(10)]
    await until(busy, "rlvf_executor_queue_length", 10)
    for call in waiting:
        call.cancel()
    await until(busy, "rlvf_executor_queue_length", 0)
    sleeper.cancel()
    await until(busy, "rlvf_executor_slots_busy", 0)


async def test_time_in_the_queue_is_no_time_of_the_program(
    busy: ExecutorProcess, stub: Stub
) -> None:
    first = stub.Execute(
        executor_pb2.ExecuteRequest(
            source="import time\ntime.sleep(3)", limits=limits(wall_seconds=10)
        ),
        timeout=60,
    )
    await until(busy, "rlvf_executor_slots_busy", 1)
    second = await stub.Execute(
        executor_pb2.ExecuteRequest(source="print(7)", limits=limits(wall_seconds=2)), timeout=60
    )
    assert (await first).outcome == executor_pb2.OUTCOME_EXITED
    assert second.stdout == b"7\n"


async def test_a_cancelled_program_gives_its_slot_to_the_next(
    busy: ExecutorProcess, stub: Stub
) -> None:
    sleeper = stub.Execute(SLEEP, timeout=600)
    await until(busy, "rlvf_executor_slots_busy", 1)
    waiting = stub.Grade(RIGHT, timeout=10)
    await until(busy, "rlvf_executor_queue_length", 1)
    sleeper.cancel()
    assert (await waiting).verdict == executor_pb2.VERDICT_PASSED


async def test_a_stream_that_is_left_gives_its_slots_back(
    busy: ExecutorProcess, stub: Stub
) -> None:
    async def requests() -> AsyncIterator[executor_pb2.ExecuteBatchRequest]:
        for number in range(50):
            item = executor_pb2.ExecuteBatchRequest.Item(id=str(number), request=SLEEP)
            yield executor_pb2.ExecuteBatchRequest(items=[item])

    stream = stub.ExecuteBatch(requests(), timeout=600)
    await until(busy, "rlvf_executor_slots_busy", 1)
    stream.cancel()
    assert (await stub.Grade(RIGHT, timeout=20)).verdict == executor_pb2.VERDICT_PASSED
    await until(busy, "rlvf_executor_queue_length", 0)


async def test_a_reader_that_stops_stops_the_work(busy: ExecutorProcess, stub: Stub) -> None:
    # Answers so large that the connection holds a few hundred of them at most.
    count = 2_000
    program = executor_pb2.ExecuteRequest(
        source="print('x' * 60_000)", limits=limits(output_bytes=64 << 10)
    )
    name = 'rlvf_executor_executions_total{kind="execute",result="exited"}'
    before = busy.metrics().get(name, 0.0)
    sent = 0

    async def requests() -> AsyncIterator[executor_pb2.ExecuteBatchRequest]:
        nonlocal sent
        for number in range(count):
            sent += 1
            item = executor_pb2.ExecuteBatchRequest.Item(id=str(number), request=program)
            yield executor_pb2.ExecuteBatchRequest(items=[item])

    stream = stub.ExecuteBatch(requests(), timeout=300)
    await stream.read()
    ran, seen = 0.0, -1.0
    while ran != seen:  # Until the work stands still; one program takes a few milliseconds.
        seen = ran
        await asyncio.sleep(1.0)
        ran = (await asyncio.to_thread(busy.metrics))[name] - before
    stream.cancel()
    assert ran < count / 2
