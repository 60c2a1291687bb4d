"""Docker containers, against a fake of the engine."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from docker.errors import APIError, ImageNotFound, NotFound

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, Unavailable
from rlvf_trainer.launchers.docker import DockerLauncher, read_container
from rlvf_trainer.launchers.launcher import job_name
from rlvf_trainer.runs import FAILURE_RECORDED

NAME = job_name("run", 1)


def refusal(status: int, explanation: str) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError("", response=response, explanation=explanation)


class FakeContainer:
    """A container that ends when it has been read so often."""

    def __init__(self, engine: "FakeEngine", settings: dict[str, Any]) -> None:
        self._engine = engine
        self.settings = settings
        self.name = settings["name"]
        self.status = "created"
        self.attrs: dict[str, Any] = {"State": engine.end}

    def start(self) -> None:
        self._engine.starts += 1
        self._engine.may_start.wait()
        if self._engine.refuses_start:
            raise APIError("", explanation='could not select device driver "" with [[gpu]]')
        self.status = "running"
        running = [one for one in self._engine.made.values() if one.status == "running"]
        self._engine.most_at_once = max(self._engine.most_at_once, len(running))

    def reload(self) -> None:
        self._engine.answer()
        if self.name not in self._engine.made:
            raise NotFound("no such container")
        self._engine.reads_left -= 1
        if self._engine.reads_left <= 0 and self.status == "running":
            self.status = "exited"

    def logs(self, tail: int) -> bytes:
        if self._engine.refuses_logs is not None:
            raise self._engine.refuses_logs
        return b"Killed\n" * tail

    def stop(self, timeout: int) -> None:
        self._engine.rival(self)
        self.status = "exited"

    def remove(self, force: bool) -> None:
        self._engine.rival(self)
        if self._engine.made.pop(self.name, None) is None:
            raise NotFound("no such container")


class FakeEngine:
    """What a launcher asks of the Docker SDK: containers and images."""

    def __init__(self) -> None:
        self.containers = self.images = self
        self.made: dict[str, FakeContainer] = {}
        self.created = self.starts = self.most_at_once = 0
        self.pulled: list[str] = []
        self.has_image = self.has_registry = True
        self.refuses_start = False
        self.refuses_logs: APIError | None = None
        self.refuses_reads: APIError | None = None
        self.may_start = threading.Event()
        self.may_start.set()
        self.rival: Callable[[FakeContainer], object] = lambda container: None
        """What somebody else does before a container is stopped, removed, or inspected in a
        list."""
        self.away = 0
        self.reads_left = 3
        self.end: dict[str, Any] = {"ExitCode": 0}
        self._lock = threading.Lock()

    def answer(self) -> None:
        with self._lock:
            self.away -= 1
            if self.away >= 0:
                raise requests.ConnectionError("the engine is away")
        if self.refuses_reads is not None:
            raise self.refuses_reads

    def get(self, name: str) -> FakeContainer:
        self.answer()
        if name not in self.made:
            raise NotFound("no such container")
        return self.made[name]

    def list(
        self, filters: dict[str, str], all: bool = False, ignore_removed: bool = False
    ) -> list[FakeContainer]:
        assert all == ("status" in filters)
        wanted = filters.get("status", "running")
        named = [
            one
            for one in self.made.values()
            if filters["label"] in one.settings["labels"] and one.status == wanted
        ]
        for one in named:
            self.rival(one)
        found = [one for one in named if one.name in self.made]
        if found != named and not ignore_removed:
            raise NotFound("no such container")
        return found

    def create(self, **settings: Any) -> FakeContainer:
        if not self.has_image:
            raise ImageNotFound("no such image")
        if settings["name"] in self.made:
            raise refusal(409, "the name is already in use")
        self.created += 1
        made = self.made[settings["name"]] = FakeContainer(self, settings)
        return made

    def pull(self, image: str) -> None:
        if not self.has_registry:
            raise NotFound("manifest unknown", explanation=f"manifest for {image} not found")
        self.pulled.append(image)
        self.has_image = True


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


class Trainer:
    """A launcher, and what it says of a job that waits."""

    def __init__(self, engine: FakeEngine, *, parallel_jobs: int = 1) -> None:
        template = {"image": "trainer-job", "environment": {"HF_HOME": "/cache", "RLVF_A": "no"}}
        self.launcher = DockerLauncher(
            engine, template, {"RLVF_A": "a"}, parallel_jobs=parallel_jobs, poll_seconds=0
        )
        self.waiting: list[str] = []

    async def run(self, run_id: str = "run") -> str | None:
        async with asyncio.timeout(20):
            return await self.launcher.run(run_id, 1, self.waiting.append)


@pytest.mark.parametrize("status", [0, FAILURE_RECORDED])
async def test_a_container_that_says_what_came_of_it_is_removed(
    status: int, engine: FakeEngine
) -> None:
    engine.end = {"ExitCode": status}
    assert await Trainer(engine).run() is None
    assert engine.made == {}


async def test_a_container_is_the_template_with_the_run_as_arguments(engine: FakeEngine) -> None:
    engine.end = {"ExitCode": 1}
    await Trainer(engine).run()
    settings = engine.made[NAME].settings
    assert settings["command"] == ["--run", "run", "--attempt", "1"]
    assert settings["environment"] == {"HF_HOME": "/cache", "RLVF_A": "a"}
    assert settings["image"] == "trainer-job"


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ({"ExitCode": 1}, "exited with status 1"),
        ({"ExitCode": 137, "OOMKilled": True}, "ran out of its memory"),
    ],
)
async def test_a_container_that_dies_is_kept_and_told_with_its_last_line(
    end: dict[str, Any], why: str, engine: FakeEngine
) -> None:
    engine.end = end
    said = await Trainer(engine).run() or ""
    assert why in said
    assert "last line: Killed" in said
    assert NAME in engine.made


async def test_a_trainer_that_ends_leaves_its_container_and_the_next_one_finds_it(
    engine: FakeEngine,
) -> None:
    engine.reads_left = 10**9
    first = Trainer(engine)
    running = asyncio.create_task(first.run())
    while "" not in first.waiting:
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert engine.made[NAME].status == "running"
    engine.reads_left = 3
    # It needs no place of its own: it has one.
    assert await Trainer(engine).run() is None
    assert engine.created == 1


async def test_a_container_that_was_made_and_not_started_is_started(engine: FakeEngine) -> None:
    engine.create(name=NAME, labels={})
    assert await Trainer(engine).run() is None
    assert engine.created == 1


async def test_a_cancelled_attempt_is_removed(engine: FakeEngine) -> None:
    engine.create(name=NAME, labels={})
    trainer = Trainer(engine)
    await trainer.launcher.end("run", 1)
    assert engine.made == {}
    await trainer.launcher.end("run", 1)


async def test_no_more_containers_run_than_may_whoever_started_them(engine: FakeEngine) -> None:
    other = engine.create(name="another trainer's", labels={"rlvf.dev/run": "x"})
    other.start()
    trainer = Trainer(engine)
    running = asyncio.create_task(trainer.run())
    while not trainer.waiting:
        await asyncio.sleep(0)
    assert "RLVF_TRAINER_PARALLEL_JOBS" in trainer.waiting[0]
    assert NAME not in engine.made
    other.remove(force=True)
    assert await running is None


async def test_a_container_that_was_made_and_not_started_waits_for_its_place_too(
    engine: FakeEngine,
) -> None:
    other = engine.create(name="another trainer's", labels={"rlvf.dev/run": "x"})
    other.start()
    engine.create(name=NAME, labels={"rlvf.dev/run": "run"})
    trainer = Trainer(engine)
    running = asyncio.create_task(trainer.run())
    while not trainer.waiting:
        await asyncio.sleep(0)
    assert "RLVF_TRAINER_PARALLEL_JOBS" in trainer.waiting[0]
    other.remove(force=True)
    assert await running is None
    assert engine.most_at_once == 1


async def test_the_last_place_is_taken_until_its_container_has_started(engine: FakeEngine) -> None:
    trainer = Trainer(engine)
    engine.may_start.clear()
    try:
        first = asyncio.create_task(trainer.run())
        while not engine.starts:
            await asyncio.sleep(0)
        second = asyncio.create_task(trainer.run("another"))
        while not trainer.waiting and engine.starts == 1:
            await asyncio.sleep(0)
        assert trainer.waiting == ["another training job is started first"]
    finally:
        engine.may_start.set()
    assert await first is None
    assert await second is None
    assert engine.most_at_once == 1


def has_removed(container: FakeContainer) -> None:
    container._engine.made.pop(container.name, None)


def is_removing(container: FakeContainer) -> None:
    raise refusal(409, "removal of container is already in progress")


def only_of(name: str, act: Callable[[FakeContainer], None]) -> Callable[[FakeContainer], None]:
    return lambda container: act(container) if container.name == name else None


@pytest.mark.parametrize("act", [has_removed, is_removing])
async def test_a_container_that_somebody_else_removes_at_its_end_has_ended_as_it_said(
    act: Callable[[FakeContainer], None], engine: FakeEngine
) -> None:
    engine.rival = only_of(NAME, act)
    assert await Trainer(engine).run() is None


@pytest.mark.parametrize("act", [has_removed, is_removing])
async def test_an_attempt_may_be_ended_when_its_container_is_gone(
    act: Callable[[FakeContainer], None], engine: FakeEngine
) -> None:
    engine.create(name=NAME, labels={})
    engine.rival = only_of(NAME, act)
    await Trainer(engine).launcher.end("run", 1)


@pytest.mark.parametrize("is_running", [False, True])
async def test_a_container_that_vanishes_while_they_are_listed_hinders_no_other(
    is_running: bool, engine: FakeEngine
) -> None:
    other = engine.create(name="other", labels={"rlvf.dev/run": "x"})
    if is_running:
        other.start()
    else:
        other.stop(timeout=0)
    engine.rival = only_of("other", has_removed)
    assert await Trainer(engine).run() is None


async def test_a_log_that_cannot_be_read_does_not_hide_how_a_container_ended(
    engine: FakeEngine,
) -> None:
    engine.end = {"ExitCode": 1}
    engine.refuses_logs = refusal(501, "configured logging driver does not support reading")
    said = await Trainer(engine).run() or ""
    assert "exited with status 1" in said
    assert "last line: none" in said


@pytest.mark.parametrize(("status", "kind"), [(403, FailedPrecondition), (500, Unavailable)])
async def test_what_the_engine_refuses_can_be_tried_again(
    status: int, kind: type[Exception], engine: FakeEngine
) -> None:
    engine.create(name=NAME, labels={})
    engine.refuses_reads = refusal(status, "not now")
    trainer = Trainer(engine)
    with pytest.raises(kind, match="Docker refuses: not now"):
        await trainer.run()
    with pytest.raises(kind, match="Docker refuses: not now"):
        await trainer.launcher.end("run", 1)


@pytest.mark.parametrize(("status", "is_kept"), [(0, False), (FAILURE_RECORDED, False), (1, True)])
async def test_what_ended_well_while_no_trainer_watched_is_removed(
    status: int, is_kept: bool, engine: FakeEngine
) -> None:
    engine.end = {"ExitCode": status}
    other = engine.create(name="other", labels={"rlvf.dev/run": "x"})
    other.stop(timeout=0)
    engine.end = {"ExitCode": 0}
    await Trainer(engine).run()
    assert ("other" in engine.made) == is_kept


async def test_an_image_that_is_not_here_is_pulled(engine: FakeEngine) -> None:
    engine.has_image = False
    trainer = Trainer(engine)
    assert await trainer.run() is None
    assert engine.pulled == ["trainer-job"]
    assert trainer.waiting == ["the image trainer-job is pulled", ""]


async def test_an_image_that_cannot_be_had_is_told(engine: FakeEngine) -> None:
    engine.has_image = engine.has_registry = False
    with pytest.raises(FailedPrecondition, match="manifest for trainer-job not found"):
        await Trainer(engine).run()


async def test_a_container_that_cannot_start_is_told_and_not_left(engine: FakeEngine) -> None:
    engine.refuses_start = True
    with pytest.raises(ResourceExhausted, match="could not select device driver"):
        await Trainer(engine).run()
    assert engine.made == {}


async def test_an_engine_that_is_away_for_a_while_is_asked_again(engine: FakeEngine) -> None:
    engine.away = 5
    assert await Trainer(engine).run() is None


async def test_an_engine_that_stays_away_is_told(engine: FakeEngine) -> None:
    engine.away = 10**9
    with pytest.raises(Unavailable, match="the engine is away"):
        await Trainer(engine).run()


async def test_a_container_that_somebody_removes_is_told(engine: FakeEngine) -> None:
    engine.reads_left = 10**9
    trainer = Trainer(engine)
    running = asyncio.create_task(trainer.run())
    while "" not in trainer.waiting:
        await asyncio.sleep(0)
    engine.made.clear()
    assert "was removed" in (await running or "")


@pytest.mark.parametrize(("gpus", "count"), [("all", -1), ("2", 2)])
def test_gpus_are_asked_for_as_devices(gpus: str, count: int, tmp_path: Path) -> None:
    path = tmp_path / "container.yaml"
    path.write_text(f"image: trainer-job\ngpus: {gpus}\nshm_size: 1g\n")
    container = read_container(path)
    (request,) = container["device_requests"]
    assert (request.count, request.capabilities) == (count, [["gpu"]])
    assert container["shm_size"] == "1g"
    assert "gpus" not in container


@pytest.mark.parametrize("text", ["[", "a string", "shm_size: 1g", "image: i\ngpus: some"])
def test_a_template_that_is_no_container_is_refused_by_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "container.yaml"
    path.write_text(text)
    with pytest.raises(FailedPrecondition, match=r"RLVF_TRAINER_JOB_TEMPLATE: .*container\.yaml"):
        read_container(path)
