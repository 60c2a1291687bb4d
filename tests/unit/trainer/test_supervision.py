"""What is counted of trainings, and what they are charged."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date
from itertools import count

import pytest
from prometheus_client import REGISTRY

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, ResourceExhausted, Unavailable
from rlvf_common.rollouts.cost import Spent
from rlvf_common.rpc.context import Principal, principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.storage.quotas import Quotas
from rlvf_trainer import supervision
from rlvf_trainer.launchers.launcher import OnWaiting
from rlvf_trainer.launchers.local import LocalLauncher
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id, train
from tests.unit.doubles import OperationInMemory


def _diverged() -> float:
    labels = {"stopped_because": "diverged"}
    return REGISTRY.get_sample_value("rlvf_trainings_total", labels) or 0.0


async def test_a_training_that_diverged_is_counted_as_one() -> None:
    context = OperationInMemory()
    request = trainer_pb2.RunTrainingRequest(base_model="m")
    because = trainer_pb2.STOPPED_BECAUSE_DIVERGED
    summary = trainer_pb2.TrainingSummary(stopped_because=because)
    # The job has ended already, so none is launched.
    run = Run(context.store, run_id(context.id, request))
    run.write_response(trainer_pb2.RunTrainingResponse(summary=summary))
    before = _diverged()
    launcher = LocalLauncher.__new__(LocalLauncher)
    await train(request, context, launcher, Quotas(context.store))
    assert _diverged() == before + 1


class ChargedQuotas(Quotas):
    """Quotas that keep what was charged."""

    def __init__(self) -> None:
        self.charged: list[float] = []
        self.some = asyncio.Event()

    async def admit(self, who: Principal, resource: Resource) -> date:
        return date.min

    def charge(self, who: Principal, resource: Resource, day: date, amount: float) -> None:
        self.charged.append(amount)
        self.some.set()


class JobOfFourProcesses(LocalLauncher):
    """A job that ends when it was charged."""

    def __init__(self, run: Run, charged: asyncio.Event) -> None:
        self._run, self._charged = run, charged

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        on_waiting("")
        self._run.write_progress(trainer_pb2.RunTrainingMetadata(step=1, processes=4))
        await self._charged.wait()
        self._run.write_response(trainer_pb2.RunTrainingResponse())
        return None


async def test_the_time_of_every_process_is_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    monkeypatch.setattr(supervision, "monotonic", lambda: next(seconds))
    context = OperationInMemory()
    request = trainer_pb2.RunTrainingRequest(base_model="m")
    run = Run(context.store, run_id(context.id, request))
    quotas = ChargedQuotas()
    await train(request, context, JobOfFourProcesses(run, quotas.some), quotas)
    # One second went by between two looks at the clock.
    assert set(quotas.charged) == {4}


class Job(LocalLauncher):
    """A job of a run on problems, which does what a test says."""

    def __init__(self, work: Callable[[OnWaiting], Awaitable[str | None]]) -> None:
        self._work = work
        self.ended = False

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        return await self._work(on_waiting)

    async def end(self, run_id: str, attempt: int) -> None:
        self.ended = True


class Team:
    """A team that trains on problems, and what is left of its quotas."""

    def __init__(self, **quotas: int) -> None:
        self.context = OperationInMemory()
        self.request = trainer_pb2.RunTrainingRequest(base_model="m")
        self.request.problems.sha256 = "a" * 64
        self.run = Run(self.context.store, run_id(self.context.id, self.request))
        limits = {"tokens": 1_000, "samples": 1_000, "cpu_seconds": 1_000} | quotas
        self.who = Principal("team", {Resource(name): limit for name, limit in limits.items()})
        principal.set(self.who)

    def draws(self, name: str) -> None:
        """The job records what a step has cost."""
        spent = Spent(tokens=300, engine_seconds=9.0, samples_graded=20, grading_seconds=40.0)
        self.run.write_spent(f"spent-{name}", json.dumps(asdict(spent)).encode())

    async def train(self, launcher: LocalLauncher) -> None:
        """Train with a trainer that has just started."""
        await train(self.request, self.context, launcher, Quotas(self.context.store))

    async def charged(self) -> list[int]:
        """Tokens, samples and CPU seconds that were taken, in steps of 10."""
        usage = await Quotas(self.context.store).usage(self.who)
        used = {one.resource: one.used for one in usage}
        return [used[one] for one in (Resource.TOKENS, Resource.SAMPLES, Resource.CPU_SECONDS)]


# A trainer holds a part of a block, of 10, when it is done.
ONE_STEP = [310, 30, 50]


async def test_what_a_cancelled_run_has_drawn_is_charged() -> None:
    team, drawn = Team(), asyncio.Event()

    async def work(on_waiting: OnWaiting) -> str | None:
        team.draws("a")
        drawn.set()
        await asyncio.Event().wait()
        return None

    training = asyncio.create_task(team.train(Job(work)))
    await drawn.wait()
    training.cancel()
    await asyncio.gather(training, return_exceptions=True)
    assert await team.charged() == ONE_STEP


async def test_what_a_failed_run_has_drawn_is_charged() -> None:
    team = Team()

    async def work(on_waiting: OnWaiting) -> str | None:
        team.draws("a")
        team.run.record_failure(1, FailedPrecondition("no such model"))
        return None

    with pytest.raises(FailedPrecondition, match="no such model"):
        await team.train(Job(work))
    assert await team.charged() == ONE_STEP


async def test_what_was_drawn_while_no_trainer_was_there_is_charged_once() -> None:
    team = Team()
    team.draws("a")
    team.draws("b")
    team.run.write_response(trainer_pb2.RunTrainingResponse())
    nothing = LocalLauncher.__new__(LocalLauncher)
    # Two trainers for a moment, and another one later.
    await asyncio.gather(team.train(nothing), team.train(nothing))
    before = await team.charged()
    for used, drawn in zip(before, (600, 40, 80), strict=True):
        # Each of the two holds a part of a block.
        assert drawn < used <= drawn + 20
    await team.train(nothing)
    assert await team.charged() == before


async def test_a_run_that_the_next_trainer_goes_on_with_is_charged_each_step_once() -> None:
    team, drawn = Team(), asyncio.Event()

    async def begin(on_waiting: OnWaiting) -> str | None:
        team.draws("a")
        drawn.set()
        await asyncio.Event().wait()
        return None

    async def go_on(on_waiting: OnWaiting) -> str | None:
        team.draws("b")
        team.run.write_response(trainer_pb2.RunTrainingResponse())
        return None

    first = asyncio.create_task(team.train(Job(begin)))
    await drawn.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    before = await team.charged()
    await team.train(Job(go_on))
    more = [now - then for now, then in zip(await team.charged(), before, strict=True)]
    assert more == ONE_STEP


async def test_a_quota_that_a_step_uses_up_ends_the_job_while_it_goes_on() -> None:
    team = Team(tokens=200)

    async def work(on_waiting: OnWaiting) -> str | None:
        team.draws("a")
        team.run.write_progress(trainer_pb2.RunTrainingMetadata(step=1))
        await asyncio.Event().wait()
        return None

    job = Job(work)
    with pytest.raises(ResourceExhausted, match="200 of 200 tokens a day"):
        async with asyncio.timeout(20):
            await team.train(job)
    assert job.ended


async def test_a_mark_that_cannot_be_stored_charges_at_the_next_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team = Team()
    team.draws("a")
    team.run.write_response(trainer_pb2.RunTrainingResponse())
    nothing = LocalLauncher.__new__(LocalLauncher)

    def fail(run: Run, name: str) -> bool:
        raise Unavailable("storage is away")

    with monkeypatch.context() as patch:
        patch.setattr(Run, "mark_charged", fail)
        await team.train(nothing)
    await team.train(nothing)
    assert await team.charged() == ONE_STEP


@pytest.mark.parametrize("error", [Unavailable("away"), ResourceExhausted("used up")])
async def test_a_response_counts_whatever_becomes_of_its_job(error: Exception) -> None:
    team = Team()

    async def work(on_waiting: OnWaiting) -> str | None:
        team.run.write_response(trainer_pb2.RunTrainingResponse())
        raise error

    await team.train(Job(work))


async def test_the_time_before_a_job_runs_is_not_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_POLL_SECONDS", 0)
    context = OperationInMemory()
    request = trainer_pb2.RunTrainingRequest(base_model="m")
    run = Run(context.store, run_id(context.id, request))
    # Of an earlier attempt.
    run.write_progress(trainer_pb2.RunTrainingMetadata(step=1))
    quotas = ChargedQuotas()
    reports = asyncio.Semaphore(0)
    monkeypatch.setattr(OperationInMemory, "report", lambda *_: _released(reports))

    async def work(on_waiting: OnWaiting) -> str | None:
        for reason in (None, "no room", ""):
            if reason is not None:
                on_waiting(reason)
            assert not quotas.charged
            for _ in range(3):
                await reports.acquire()
        run.write_response(trainer_pb2.RunTrainingResponse())
        return None

    await train(request, context, Job(work), quotas)
    assert quotas.charged


async def _released(reports: asyncio.Semaphore) -> None:
    reports.release()
