"""Quotas: never exceeded, over replicas and days."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import ResourceExhausted
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.charged import ChargedGrader, ChargedInference
from rlvf_common.rollouts.grading import Grade
from rlvf_common.rollouts.grading_window import Window
from rlvf_common.rollouts.sampling import Completion, InferenceClient
from rlvf_common.rpc.context import OPERATOR, Principal, caller, principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.storage.quotas import Quotas, Usage

from ...doubles import GradingExecutor, StoreInMemory, channel_to

_NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def team(samples: int, name: str = "team") -> Principal:
    """A team that may have so many samples graded."""
    return Principal(name, {Resource.SAMPLES: samples})


async def take(quotas: Quotas, who: Principal) -> date:
    """Take one sample; the day for which it counts."""
    day = await quotas.admit(who, Resource.SAMPLES)
    quotas.charge(who, Resource.SAMPLES, day, 1)
    return day


def give_back(quotas: Quotas, who: Principal, day: date) -> None:
    quotas.charge(who, Resource.SAMPLES, day, -1)


async def used(quotas: Quotas, who: Principal) -> int:
    """How many samples were taken."""
    [usage] = await quotas.usage(who)
    return usage.used


async def take_all(quotas: Quotas, who: Principal, most: int = 100_000) -> int:
    """How many samples can be taken."""
    for taken in range(most):
        try:
            await take(quotas, who)
        except ResourceExhausted:
            return taken
    return most


@pytest.mark.parametrize("limit", [1, 7, 50, 105, 2_505, 60_000])
async def test_exactly_the_quota_can_be_taken(limit: int) -> None:
    quotas = Quotas(StoreInMemory(), now=lambda: _NOON)
    who = team(limit)
    assert await take_all(quotas, who) == limit
    assert await used(quotas, who) == limit


async def test_replicas_together_take_no_more_than_the_quota() -> None:
    store = StoreInMemory()
    who = team(2_505)
    replicas = [Quotas(store, now=lambda: _NOON) for _ in range(4)]
    taken = await asyncio.gather(
        *(take_all(replica, who) for replica in replicas for _ in range(3))
    )
    assert sum(taken) == 2_505
    assert sum(count > 0 for count in taken) > 1


async def test_blocks_are_small_so_that_a_dead_replica_loses_little() -> None:
    store = StoreInMemory()
    for limit, block in ((10, 1), (500, 5), (10_000_000, 100_000)):
        who = team(limit, f"team-{limit}")
        await take(Quotas(store, now=lambda: _NOON), who)
        assert await used(Quotas(store, now=lambda: _NOON), who) == block


async def test_a_used_up_quota_says_when_the_next_day_begins() -> None:
    quotas = Quotas(StoreInMemory(), now=lambda: _NOON + timedelta(hours=9))
    who = team(1)
    await take(quotas, who)
    with pytest.raises(ResourceExhausted) as raised:
        await take(quotas, who)
    assert raised.value.retry_after == timedelta(hours=3)
    assert str(raised.value) == (
        "the quota of team is used up: 1 of 1 samples a day; it is renewed at 2026-11-02 00:00 UTC"
    )
    assert quotas.renewed_at() == datetime(2026, 11, 2, tzinfo=UTC)


async def test_a_new_day_is_a_new_quota_and_yesterdays_rest_is_no_part_of_it() -> None:
    now = _NOON
    quotas = Quotas(StoreInMemory(), now=lambda: now)
    who = team(500)
    yesterday = await take(quotas, who)
    now += timedelta(days=1)
    give_back(quotas, who, yesterday)
    assert await take_all(quotas, who) == 500
    give_back(quotas, who, yesterday)
    assert await take_all(quotas, who) == 0


async def test_what_was_not_graded_is_given_back() -> None:
    quotas = Quotas(StoreInMemory(), now=lambda: _NOON)
    who = team(5)
    day = await take(quotas, who)
    give_back(quotas, who, day)
    assert await take_all(quotas, who) == 5


async def test_a_changed_quota_counts_what_was_taken_before() -> None:
    store = StoreInMemory()
    assert await take_all(Quotas(store, now=lambda: _NOON), team(100)) == 100
    assert await take_all(Quotas(store, now=lambda: _NOON), team(1_100)) == 1_000
    assert await take_all(Quotas(store, now=lambda: _NOON), team(1_000)) == 0


async def test_who_has_no_limit_is_not_counted() -> None:
    store = StoreInMemory()
    quotas = Quotas(store, now=lambda: _NOON)
    assert await take_all(quotas, OPERATOR, most=3_000) == 3_000
    assert store.documents == {}


async def test_each_resource_has_a_quota_of_its_own() -> None:
    quotas = Quotas(StoreInMemory(), now=lambda: _NOON)
    who = Principal("team", {Resource.SAMPLES: 1, Resource.TRAINING_SECONDS: 3_600})
    day = await take(quotas, who)
    assert await quotas.admit(who, Resource.TRAINING_SECONDS) == day
    assert await quotas.admit(who, Resource.TOKENS) == day
    assert await quotas.usage(who) == [
        Usage(Resource.SAMPLES, 1, 1),
        Usage(Resource.TRAINING_SECONDS, 3_600, 36),
    ]


class SlowStore(StoreInMemory):
    """Creates a document when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may = threading.Event(), threading.Event()

    def create_document(self, key: str, data: bytes) -> bool:
        self.asked.set()
        self.may.wait()
        return super().create_document(key, data)


async def test_what_is_charged_while_a_block_is_taken_counts() -> None:
    store = SlowStore()
    quotas = Quotas(store, now=lambda: _NOON)
    who = team(500)
    admitting = asyncio.create_task(quotas.admit(who, Resource.SAMPLES))
    try:
        await asyncio.to_thread(store.asked.wait)
        quotas.charge(who, Resource.SAMPLES, _NOON.date(), 3)
    finally:
        store.may.set()
    await admitting
    assert await take_all(quotas, who) == 497


async def test_work_that_nobody_admitted_is_charged_to_the_day_that_is() -> None:
    now = _NOON
    store = StoreInMemory()
    quotas = Quotas(store, now=lambda: now)
    who = team(500)
    quotas.charge_today(who, Resource.SAMPLES, 100)
    assert await take_all(quotas, who) == 400
    # More than there was is not owed for ever.
    quotas.charge_today(who, Resource.SAMPLES, 1_000)
    now += timedelta(days=1)
    quotas.charge_today(who, Resource.SAMPLES, 499)
    assert await take_all(quotas, who) == 1
    quotas.charge_today(OPERATOR, Resource.SAMPLES, 1)
    assert await used(quotas, who) == 500


async def test_what_was_used_beyond_a_block_is_taken_from_the_next_ones() -> None:
    quotas = Quotas(StoreInMemory(), now=lambda: _NOON)
    who = Principal("team", {Resource.CPU_SECONDS: 100})
    for _ in range(4):
        day = await quotas.admit(who, Resource.CPU_SECONDS)
        quotas.charge(who, Resource.CPU_SECONDS, day, 24.5)
    assert [one.used for one in await quotas.usage(who)] == [74]
    day = await quotas.admit(who, Resource.CPU_SECONDS)
    quotas.charge(who, Resource.CPU_SECONDS, day, 2.5)
    with pytest.raises(ResourceExhausted, match="100 of 100 CPU seconds a day"):
        await quotas.admit(who, Resource.CPU_SECONDS)


_PROBLEM = Problem("t/1", "def f():\n", "f", CheckFunction("def check(c): ..."), "")


class Executor(GradingExecutor):
    """Passes everything once it is let go; knows whose programs came, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[str] = []
        self.full = asyncio.Event()
        self.let_go = asyncio.Event()

    async def verdict(self, request: executor_pb2.GradeRequest) -> executor_pb2.GradeResponse:
        self.came.append(request.candidate_source)
        if len(self.came) == Window(self.slots).limit:
            self.full.set()
        await self.let_go.wait()
        return executor_pb2.GradeResponse(verdict=executor_pb2.VERDICT_PASSED)


@pytest.fixture
async def executor() -> AsyncIterator[tuple[Executor, grpc.aio.Channel]]:
    servicer = Executor()
    async with channel_to(servicer) as channel:
        yield servicer, channel


def start(grader: ChargedGrader, who: Principal, number: int) -> list[asyncio.Task[Grade]]:
    """Have programs of a team graded."""

    async def grade() -> Grade:
        principal.set(who)
        caller.set(who.name)
        return await grader.grade(_PROBLEM, who.name)

    return [asyncio.create_task(grade()) for _ in range(number)]


async def test_what_waits_for_the_executor_is_not_taken_from_the_quota(
    executor: tuple[Executor, grpc.aio.Channel],
) -> None:
    servicer, channel = executor
    quotas, who = Quotas(StoreInMemory(), now=lambda: _NOON), team(50)
    grader = ChargedGrader(channel, quotas)
    grading = start(grader, who, 60)
    await servicer.full.wait()
    assert len(servicer.came) <= await used(quotas, who) <= grader.capacity < 50
    # Those that leave before their turn cost nothing.
    for task in grading[-5:]:
        task.cancel()
    servicer.let_go.set()
    ends = await asyncio.gather(*grading, return_exceptions=True)
    assert [isinstance(end, Grade) for end in ends].count(True) == len(servicer.came) == 50
    assert [isinstance(end, ResourceExhausted) for end in ends].count(True) == 5
    assert await used(quotas, who) == 50


async def test_a_teams_sample_does_not_wait_for_all_of_another_teams(
    executor: tuple[Executor, grpc.aio.Channel],
) -> None:
    servicer, channel = executor
    grader = ChargedGrader(channel, Quotas(StoreInMemory(), now=lambda: _NOON))
    large = start(grader, Principal("large"), 500)
    await servicer.full.wait()
    capacity = grader.capacity
    small = start(grader, Principal("small"), 1)
    servicer.let_go.set()
    await asyncio.gather(*large, *small)
    assert servicer.came.index("small") <= 2 * capacity


async def test_graded_programs_are_charged_with_their_cpu_time() -> None:
    class SlowPrograms(GradingExecutor):
        async def verdict(self, request: executor_pb2.GradeRequest) -> executor_pb2.GradeResponse:
            response = executor_pb2.GradeResponse(verdict=executor_pb2.VERDICT_FAILED)
            response.usage.cpu_time.FromMilliseconds(2_500)
            return response

    quotas = Quotas(StoreInMemory(), now=lambda: _NOON)
    who = Principal("team", {Resource.CPU_SECONDS: 5})
    async with channel_to(SlowPrograms()) as channel:
        grader = ChargedGrader(channel, quotas)
        for _ in range(2):
            await start(grader, who, 1)[0]
        with pytest.raises(ResourceExhausted, match="5 of 5 CPU seconds a day"):
            await start(grader, who, 1)[0]


async def test_sampled_tokens_are_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    async def complete(*arguments: object, **options: object) -> list[Completion]:
        """A double of the engine."""
        return [Completion("", "stop", 30), Completion("", "length", 20)]

    monkeypatch.setattr(InferenceClient, "complete", complete)
    quotas = Quotas(StoreInMemory(), now=lambda: _NOON)
    principal.set(Principal("team", {Resource.TOKENS: 100}))
    request = (sampling_pb2.Model(base="m"), _PROBLEM, sampling_pb2.Sampling())
    async with ChargedInference("http://localhost:1", quotas) as inference:
        for _ in range(2):
            assert len(await inference.complete(*request)) == 2
        with pytest.raises(ResourceExhausted, match="100 of 100 tokens a day"):
            await inference.complete(*request)
