"""Which executor gets what, and what becomes of it when an executor goes."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import InvalidArgument, Unavailable
from rlvf_common.problems.kinds_of_test import AssertList, CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts import grading_stream
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.context import caller

from ...doubles import Context, GradingExecutor, IdleExecutor

PROBLEM = Problem("t/1", "def f():\n", "f", CheckFunction("def check(c): ..."), "")
A_MOMENT = timedelta(seconds=0.3)


class Executor(GradingExecutor):
    """Passes everything when it is let go; knows what came and what is in work."""

    def __init__(self, policy: str = "a" * 64, slots: int = 2) -> None:
        super().__init__()
        self.policy, self.slots = policy, slots
        self.came: Counter[str] = Counter()
        self.cancelled = 0
        self.let_go = asyncio.Event()
        self.server: grpc.aio.Server | None = None

    async def verdict(self, request: executor_pb2.GradeRequest) -> executor_pb2.GradeResponse:
        self.came[request.candidate_source] += 1
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return executor_pb2.GradeResponse(verdict=executor_pb2.VERDICT_PASSED)

    async def GetCapabilities(
        self, request: executor_pb2.GetCapabilitiesRequest, context: Context
    ) -> executor_pb2.GetCapabilitiesResponse:
        return executor_pb2.GetCapabilitiesResponse(policy_sha256=self.policy)


@asynccontextmanager
async def serving(*executors: IdleExecutor) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to all of them, as services open it."""
    ports = []
    servers = []
    for executor in executors:
        server = grpc.aio.server()
        executor_pb2_grpc.add_ExecutorServiceServicer_to_server(executor, server)
        ports.append(server.add_insecure_port("127.0.0.1:0"))
        await server.start()
        servers.append(server)
        if isinstance(executor, Executor):
            executor.server = server
    try:
        async with open_channel(
            "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
        ) as channel:
            await channel.channel_ready()
            yield channel
    finally:
        for server in servers:
            await server.stop(None)


def start(grader: Grader, count: int, name: str = "") -> list[asyncio.Task[Grade]]:
    """Have programs graded."""
    return [
        asyncio.create_task(grader.grade(PROBLEM, f"{name}{number}")) for number in range(count)
    ]


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something that other tasks do."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_an_executor_has_no_more_in_hand_than_it_has_use_for() -> None:
    executor = Executor(slots=2)
    async with serving(executor) as channel:
        grading = start(Grader(channel), 30)
        await until(lambda: executor.came.total() == 6)
        # What shows that it has no room is that its search for others is over.
        await until(lambda: executor.streams == 2)
        assert executor.came.total() == 6
        executor.let_go.set()
        await asyncio.gather(*grading)
    assert executor.came == {str(number): 1 for number in range(30)}


async def test_work_opens_a_stream_to_each_replica_and_follows_their_number() -> None:
    executors = [Executor(slots=5) for _ in range(3)]
    async with serving(*executors) as channel:
        grader = Grader(channel)
        assert grader.capacity < 3 * 12
        grading = start(grader, 100)
        await until(lambda: all(executor.came.total() == 12 for executor in executors))
        assert grader.capacity > 3 * 12
        for executor in executors:
            executor.let_go.set()
        await asyncio.gather(*grading)


async def test_what_a_broken_stream_leaves_goes_to_another() -> None:
    first, second = Executor(), Executor()
    async with serving(first, second) as channel:
        grading = start(Grader(channel), 12)
        await until(lambda: first.came.total() == second.came.total() == 6)
        assert first.server is not None
        await first.server.stop(None)
        second.let_go.set()
        grades = await asyncio.gather(*grading)
    assert [grade.verdict for grade in grades] == ["passed"] * 12
    assert set(first.came) <= set(second.came)


async def test_a_grader_of_a_policy_asks_no_other() -> None:
    right, wrong = Executor("a" * 64), Executor("b" * 64)
    right.let_go.set()
    wrong.let_go.set()
    async with serving(wrong, right) as channel:
        grader = Grader(channel)
        grades = await asyncio.gather(
            *start(grader.of(right.policy), 50, "right"), *start(grader.of(wrong.policy), 50, "w")
        )
        assert (await grader.of(right.policy).capabilities()).policy_sha256 == right.policy
    assert [grade.policy_sha256 for grade in grades] == [right.policy] * 50 + [wrong.policy] * 50
    assert all(name.startswith("right") for name in right.came)
    assert all(name.startswith("w") for name in wrong.came)


async def test_a_policy_that_is_gone_keeps_nobody_else_waiting() -> None:
    executor = Executor()
    executor.let_go.set()
    async with serving(executor) as channel:
        grader = Grader(channel, patience=timedelta(seconds=2))
        gone = start(grader.of("f" * 64), 20)
        await asyncio.gather(*start(grader.of(executor.policy), 50))
        assert not any(task.done() for task in gone)
        assert grader.of("f" * 64).capacity < grader.of(executor.policy).capacity
        ends = await asyncio.gather(*gone, return_exceptions=True)
    assert {type(end) for end in ends} == {Unavailable}
    assert "f" * 16 in str(ends[0])
    assert f"there is {'a' * 16}" in str(ends[0])


async def test_a_verdict_of_another_policy_than_the_stream_said_is_none() -> None:
    class Changed(Executor):
        async def verdict(self, request: executor_pb2.GradeRequest) -> executor_pb2.GradeResponse:
            return executor_pb2.GradeResponse(
                verdict=executor_pb2.VERDICT_PASSED, policy_sha256="c" * 64
            )

    async with serving(Changed()) as channel:
        grader = Grader(channel, patience=A_MOMENT).of("a" * 64)
        with pytest.raises(Unavailable, match=f"{'c' * 16} came, but one of {'a' * 16}"):
            await grader.grade(PROBLEM, "")


async def test_executors_that_are_not_alike_are_warned_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    executors = [Executor(letter * 64) for letter in "abc"]
    for executor in executors:
        executor.let_go.set()
    with caplog.at_level(logging.WARNING):
        async with serving(*executors) as channel:
            grader = Grader(channel)
            for executor in (*executors, *executors):
                await asyncio.gather(*start(grader.of(executor.policy), 20))
    warnings = [one for one in caplog.records if "not alike" in one.message]
    assert len(warnings) == 1


async def test_the_program_of_a_caller_who_has_gone_is_stopped_and_no_other() -> None:
    executor = Executor()
    async with serving(executor) as channel:
        grading = start(Grader(channel), 6)
        await until(lambda: executor.came.total() == 6)
        grading[0].cancel()
        await until(lambda: executor.cancelled == 1)
        executor.let_go.set()
        grades = await asyncio.gather(*grading, return_exceptions=True)
        assert [isinstance(grade, Grade) for grade in grades] == [False] + 5 * [True]
    assert executor.cancelled == 1


async def test_the_place_of_a_caller_who_has_gone_is_given_to_another() -> None:
    executor = Executor()
    async with serving(executor) as channel:
        grader = Grader(channel)
        grading = start(grader, 20)
        await until(lambda: executor.came.total() == 6)
        for task in grading:
            task.cancel()
        await until(lambda: executor.cancelled == 6)
        executor.let_go.set()
        await asyncio.gather(*start(grader, 3, "later"))


async def test_an_executor_that_fails_at_once_takes_no_work_from_one_that_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Failing(Executor):
        async def verdict(self, request: executor_pb2.GradeRequest) -> executor_pb2.GradeResponse:
            self.came[request.candidate_source] += 1
            raise Unavailable("the sandbox failed")

    monkeypatch.setattr(grading_stream, "_REST_SECONDS", 3600.0)
    monkeypatch.setattr(grading_stream, "_LONGEST_REST_SECONDS", 3600.0)
    failing, sound = Failing(), Executor()
    sound.let_go.set()
    async with serving(failing, sound) as channel:
        await asyncio.gather(*start(Grader(channel), 60))
    # No more than it had when it first failed.
    assert failing.came.total() <= 6
    assert sound.came.total() == 60


async def test_an_executor_that_reads_nothing_of_what_is_sent_gives_no_verdict_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Deaf(Executor):
        async def GradeBatch(
            self,
            request_iterator: AsyncIterator[executor_pb2.GradeBatchRequest],
            context: Context,
        ) -> AsyncIterator[executor_pb2.GradeBatchResponse]:
            yield executor_pb2.GradeBatchResponse(
                executor=executor_pb2.ExecutorIdentity(
                    instance="deaf", slots=self.slots, policy_sha256=self.policy
                )
            )
            await asyncio.Event().wait()

    monkeypatch.setattr("rlvf_common.rollouts.grading._QUEUE_SECONDS", -120.0)
    monkeypatch.setattr(grading_stream, "_LOOK_SECONDS", 0.01)
    # More than the connection holds while nobody reads.
    large = Problem("t/1", "", "f", AssertList(("x" * (20 << 20),)), "")
    async with serving(Deaf()) as channel:
        grader = Grader(channel, patience=A_MOMENT)
        grading = [asyncio.create_task(grader.grade(large, str(number))) for number in range(4)]
        for grade in await asyncio.gather(*grading, return_exceptions=True):
            assert isinstance(grade, Unavailable)
            assert "the executor had it for" in str(grade)


async def test_a_replica_whose_stream_has_ended_is_found_among_many() -> None:
    executors = [Executor() for _ in range(8)]
    async with serving(*executors) as channel:
        grader = Grader(channel)
        grading = start(grader, 200)
        await until(lambda: all(executor.came.total() == 6 for executor in executors))
        streams = sum(executor.streams for executor in executors)
        [stream] = [
            one
            for one in grader._dispatch._streams
            if one.identity.instance == str(id(executors[3]))
        ]
        stream.close()
        await until(lambda: executors[3].came.total() > 6)
        # One search around all of them.
        assert sum(executor.streams for executor in executors) - streams <= 2 * len(executors)
        for executor in executors:
            executor.let_go.set()
        await asyncio.gather(*grading)


async def test_an_executor_that_does_not_say_who_it_is_is_named_as_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Old(IdleExecutor):
        async def GradeBatch(
            self,
            request_iterator: AsyncIterator[executor_pb2.GradeBatchRequest],
            context: Context,
        ) -> AsyncIterator[executor_pb2.GradeBatchResponse]:
            async for _ in request_iterator:
                yield executor_pb2.GradeBatchResponse()

    monkeypatch.setattr(grading_stream, "_CONNECT_SECONDS", 0.05)
    async with serving(Old()) as channel:
        with pytest.raises(Unavailable, match="earlier version"):
            await Grader(channel, patience=A_MOMENT).grade(PROBLEM, "")


async def test_a_stream_is_renewed_and_one_without_work_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grading_stream, "_RENEWAL_SECONDS", 0.0)
    monkeypatch.setattr(grading_stream, "_LOOK_SECONDS", 0.01)
    executor = Executor()
    executor.let_go.set()
    async with serving(executor) as channel:
        grader = Grader(channel)
        while executor.streams < 3:
            await asyncio.gather(*start(grader, 20))
        await until(lambda: grader.capacity == Grader(channel).capacity)
    assert set(executor.came) == {str(number) for number in range(20)}


async def test_a_request_that_no_message_can_hold_is_refused_and_stops_no_other() -> None:
    executor = Executor()
    executor.let_go.set()
    large = AssertList(("x" * (57 << 20),))
    async with serving(executor) as channel:
        grader = Grader(channel)
        with pytest.raises(InvalidArgument, match="t/1: program and test have 59,7"):
            await grader.grade(Problem("t/1", "", "f", large, ""), "")
        await asyncio.gather(*start(grader, 3))


async def test_an_executor_that_keeps_a_program_too_long_gives_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rlvf_common.rollouts.grading._QUEUE_SECONDS", -120.0)
    monkeypatch.setattr(grading_stream, "_LOOK_SECONDS", 0.01)
    executor = Executor()
    async with serving(executor) as channel:
        with pytest.raises(Unavailable, match=r"t/1 could not be graded.*the executor had it for"):
            await Grader(channel, patience=A_MOMENT).grade(PROBLEM, "")


async def test_a_grading_says_on_whose_behalf_it_is() -> None:
    executor = Executor()
    executor.let_go.set()
    async with serving(executor) as channel:
        grader = Grader(channel)
        for name in ("one", "other"):
            caller.set(name)
            await grader.grade(PROBLEM, "")
    assert executor.callers == ["one", "other"]
