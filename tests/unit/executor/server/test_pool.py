"""The pool: which job goes to which slot, and what becomes of it there."""

import asyncio
import math
from collections.abc import Callable, Coroutine

import pytest
from prometheus_client import REGISTRY

from rlvf_api.errors import Unavailable
from rlvf_common.rpc.fair_queue import FairQueue
from rlvf_executor.contract import link
from rlvf_executor.contract.link import Message
from rlvf_executor.server import pool
from rlvf_executor.server.pool import Pool
from rlvf_executor.server.slot import SentJob, Slot, SlotDied

Answer = asyncio.Future[Message]


class FakeSlot(Slot):
    """A slot without a process: it answers when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, Answer]] = []
        self.withdrawn: list[str] = []
        self.starts = 0

    @property
    def has(self) -> list[str]:
        """The jobs that have not been answered, by name; the first one runs."""
        return [name for name, _ in self.jobs]

    def answer(self) -> None:
        name, answer = self.jobs.pop(0)
        answer.set_result(graded(name))

    def die(self) -> None:
        while self.jobs:
            self.jobs.pop(0)[1].set_exception(SlotDied("killed"))

    def send(self, message: Message, answer: Answer) -> SentJob:
        self.jobs.append((message.kind, answer))
        return SentJob(0, answer)

    def withdraw(self, job: SentJob) -> Answer | None:
        for name, answer in self.jobs:
            if answer is job.answer:
                self.jobs.remove((name, answer))
                self.withdrawn.append(name)
                return asyncio.get_running_loop().create_future()
        return None

    async def cancel(self, job: SentJob) -> None:
        self.withdraw(job)

    async def start(self) -> None:
        self.starts += 1

    async def stop(self) -> None:
        self.die()


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pool, "monotonic", clock)
    return clock


def graded(name: str) -> Message:
    return Message(link.GRADED, {"of": name})


async def settle() -> None:
    """Lets every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


Run = Callable[..., asyncio.Task[Message]]


def a_pool(slots: int) -> tuple[list[FakeSlot], Run]:
    """Slots, and what starts a job of this name on their pool."""
    return a_pool_and_its_queue(slots)[:2]


def a_pool_and_its_queue(slots: int) -> tuple[list[FakeSlot], Run, FairQueue[pool._Request]]:
    fakes = [FakeSlot() for _ in range(slots)]
    made = Pool(fakes, queue=10)

    def run(name: str, *, caller: str = "", patient: bool = True) -> asyncio.Task[Message]:
        message = Message(name, {})
        work: Coroutine[object, object, Message]
        work = made.run(message, caller=caller, patient=patient)
        return asyncio.create_task(work)

    return fakes, run, made._queue


async def test_a_slot_has_the_next_job_of_a_batch_before_it_has_ended_the_last(
    clock: Clock,
) -> None:
    (slot,), run = a_pool(1)
    tasks = [run(name) for name in "abcd"]
    await settle()
    assert slot.has == ["a", "b"]
    slot.answer()
    await settle()
    assert slot.has == ["b", "c"]
    for _ in range(3):
        slot.answer()
        await settle()
    assert [(await task).values["of"] for task in tasks] == ["a", "b", "c", "d"]


async def test_what_a_slot_has_not_begun_still_waits_in_the_metrics(clock: Clock) -> None:
    def waiting() -> tuple[float | None, float | None]:
        return (
            REGISTRY.get_sample_value("rlvf_executor_queue_length"),
            REGISTRY.get_sample_value("rlvf_executor_callers_waiting"),
        )

    (slot,), run = a_pool(1)
    tasks = [run(name, caller=caller) for name, caller in zip("abcd", "xyyz", strict=True)]
    await settle()
    assert slot.has == ["a", "b"]
    assert waiting() == (3, 2)
    slot.answer()
    await settle()
    assert slot.has == ["b", "d"]  # The other caller's turn.
    assert waiting() == (2, 2)
    for _ in range(3):
        slot.answer()
        await settle()
    assert waiting() == (0, 0)
    await asyncio.gather(*tasks)


async def test_a_single_call_waits_for_a_slot_that_is_free(clock: Clock) -> None:
    (slot,), run = a_pool(1)
    tasks = [run(name, patient=False) for name in "ab"]
    await settle()
    assert slot.has == ["a"]
    slot.answer()
    await settle()
    assert slot.has == ["b"]
    slot.answer()
    await asyncio.gather(*tasks)


async def test_nothing_is_sent_behind_a_job_that_takes_long(clock: Clock) -> None:
    (slot,), run = a_pool(1)
    tasks = [run("long")]
    await settle()
    clock.seconds = 1.0
    tasks.append(run("next"))
    await settle()
    assert slot.has == ["long"]
    slot.answer()
    await settle()
    assert slot.has == ["next"]
    slot.answer()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("others", [0, 1], ids=["nobody else waits", "another waits"])
async def test_a_job_behind_a_long_one_goes_to_the_next_free_slot(
    clock: Clock, others: int
) -> None:
    (first, second), run = a_pool(2)
    tasks = {name: run(name) for name in ("long", "short", "behind", "ahead", *"x" * others)}
    await settle()
    assert (first.has, second.has) == (["long", "behind"], ["short", "ahead"])
    clock.seconds = 1.0
    second.answer()
    await settle()
    second.answer()
    await settle()
    assert first.withdrawn == ["behind"]
    assert second.has[0] == "behind"
    while second.has:
        second.answer()
        await settle()
    assert (await tasks["behind"]).values["of"] == "behind"
    assert not tasks["long"].done()
    first.answer()
    assert (await tasks["long"]).values["of"] == "long"


async def test_a_job_behind_a_short_one_stays_while_others_wait(clock: Clock) -> None:
    (first, second), run = a_pool(2)
    tasks = [run(name) for name in "abcde"]
    await settle()
    assert (first.has, second.has) == (["a", "c"], ["b", "d"])
    second.answer()
    await settle()
    second.answer()
    await settle()
    assert first.withdrawn == []
    assert (first.has, second.has) == (["a", "c"], ["e"])
    for slot in (first, first, second):
        slot.answer()
        await settle()
    await asyncio.gather(*tasks)


async def test_a_job_that_is_given_up_leaves_the_one_before_it_alone(clock: Clock) -> None:
    (slot,), run = a_pool(1)
    first, second, third = (run(name) for name in "abc")
    await settle()
    second.cancel()
    await settle()
    assert second.cancelled()
    assert slot.withdrawn == ["b"]
    assert slot.has == ["a", "c"]
    slot.answer()
    slot.answer()
    assert (await first).values["of"] == "a"
    assert (await third).values["of"] == "c"


async def test_a_job_that_kills_its_slots_does_not_take_those_behind_it_along(
    clock: Clock,
) -> None:
    (slot,), run, queue = a_pool_and_its_queue(1)
    deadly = run("deadly")
    harmless = run("harmless")
    for starts in range(1, 4):
        await settle()
        assert slot.has == ["deadly", "harmless"]
        slot.die()
        await settle()
        assert slot.starts == starts
    with pytest.raises(Unavailable, match="failed 3 times"):
        await deadly
    await settle()
    assert slot.has == ["harmless"]
    slot.answer()
    assert (await harmless).values["of"] == "harmless"
    # What never ran is charged with nothing: the queue goes on.
    later = [run(name) for name in "abc"]
    await settle()
    assert slot.has == ["a", "b"]
    for _ in later:
        slot.answer()
        await settle()
    assert math.isfinite(queue.mean_seconds)
