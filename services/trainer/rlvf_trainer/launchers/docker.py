"""Runs jobs as containers of a Docker engine. They outlive the trainer."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import docker
import requests
import yaml
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import DeviceRequest

from rlvf_api.errors import FailedPrecondition, ResourceExhausted, Unavailable
from rlvf_trainer.launchers.launcher import OnWaiting, answered, job_name
from rlvf_trainer.runs import FAILURE_RECORDED

_LABEL = "rlvf.dev/run"
_POLL_SECONDS = 2.0
_TERMINATION_SECONDS = 3
# Not 500: an engine also answers it to requests that can never succeed.
_SILENCE = frozenset({502, 503, 504})

ResultT = TypeVar("ResultT")


class DockerLauncher:
    """Runs one container for each attempt, and finds it again by its name."""

    def __init__(
        self,
        engine: docker.DockerClient,
        template: Mapping[str, Any],
        environment: Mapping[str, str],
        *,
        parallel_jobs: int,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        """`template` is what `read_container` returns; `environment` is added to its variables."""
        self._engine = engine
        self._template = dict(template)
        given = self._template.pop("environment", {})
        self._environment = {**given, **environment}
        self._parallel_jobs = parallel_jobs
        self._poll_seconds = poll_seconds
        self._starting = asyncio.Lock()

    @classmethod
    def of_environment(
        cls, template: Path, environment: Mapping[str, str], *, parallel_jobs: int
    ) -> "DockerLauncher":
        """A launcher for the engine that `DOCKER_HOST` names, by default that of this machine.

        Raises:
            FailedPrecondition: there is none, or `template` cannot be used.
        """
        container = read_container(template)
        try:
            engine = docker.from_env()
            engine.ping()
        except (DockerException, requests.RequestException) as error:
            raise FailedPrecondition(
                f"RLVF_TRAINER_LAUNCHER=docker needs a Docker engine: {error}"
            ) from None
        return cls(engine, container, environment, parallel_jobs=parallel_jobs)

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        """See `Launcher.run`."""
        name = job_name(run_id, attempt)
        with _refusals():
            container = await self._find(name)
            if container is None or container.status == "created":
                if self._starting.locked():
                    on_waiting("another training job is started first")
                # One after the other until each runs, so that two jobs do not take the last place.
                async with self._starting:
                    await self._remove_ended()
                    await self._wait_for_place(on_waiting)
                    container = await self._find(name)
                    if container is None:
                        container = await self._create(name, run_id, attempt, on_waiting)
                    await self._start(container)
            on_waiting("")
            return await self._wait_for_end(container)

    async def end(self, run_id: str, attempt: int) -> None:
        """See `Launcher.end`."""
        with _refusals():
            container = await self._find(job_name(run_id, attempt))
            if container is not None:
                with _removed_meanwhile():
                    await self._ask(lambda: container.stop(timeout=_TERMINATION_SECONDS))
                await self._remove(container)

    async def _find(self, name: str) -> Container | None:
        try:
            return await self._ask(lambda: self._engine.containers.get(name))
        except NotFound:
            return None

    async def _remove_ended(self) -> None:
        """Remove containers that ended with a recorded outcome while no trainer watched them."""
        ended = await self._ask(
            lambda: self._engine.containers.list(
                all=True, filters={"label": _LABEL, "status": "exited"}, ignore_removed=True
            )
        )
        for container in filter(_said_what_came_of_it, ended):
            await self._remove(container)

    async def _remove(self, container: Container) -> None:
        with _removed_meanwhile():
            await self._ask(lambda: container.remove(force=True))

    async def _wait_for_place(self, on_waiting: OnWaiting) -> None:
        """Wait until fewer containers of runs than allowed are running, whoever started them."""
        while True:
            running = await self._ask(
                lambda: self._engine.containers.list(filters={"label": _LABEL}, ignore_removed=True)
            )
            if len(running) < self._parallel_jobs:
                return
            on_waiting(
                f"{len(running)} training jobs run here, as many as RLVF_TRAINER_PARALLEL_JOBS "
                "allows"
            )
            await asyncio.sleep(self._poll_seconds)

    async def _create(
        self, name: str, run_id: str, attempt: int, on_waiting: OnWaiting
    ) -> Container:
        def create() -> Container:
            return self._engine.containers.create(
                **self._template,
                name=name,
                command=["--run", run_id, "--attempt", str(attempt)],
                environment=self._environment,
                labels={_LABEL: run_id},
            )

        image = self._template["image"]
        try:
            try:
                return await self._ask(create)
            except ImageNotFound:
                on_waiting(f"the image {image} is pulled")
                await self._ask(lambda: self._engine.images.pull(image))
                return await self._ask(create)
        except APIError as error:
            # This trainer made it, but the connection ended before the answer came.
            if error.status_code == 409 and (made := await self._find(name)) is not None:
                return made
            raise FailedPrecondition(
                f"Docker refuses the training job: {error.explanation or error}"
            ) from None

    async def _start(self, container: Container) -> None:
        """Start the container, unless it runs or has ended."""
        if container.status != "created":
            return
        try:
            await self._ask(container.start)
        except APIError as error:
            await self._remove(container)
            raise ResourceExhausted(
                f"Docker cannot start the training job: {error.explanation or error}"
            ) from None

    async def _wait_for_end(self, container: Container) -> str | None:
        try:
            await self._ask(container.reload)
            while container.status not in ("exited", "dead"):
                await asyncio.sleep(self._poll_seconds)
                await self._ask(container.reload)
        except NotFound:
            return f"{container.name} was removed"
        state = container.attrs["State"]
        if _said_what_came_of_it(container):
            await self._remove(container)
            return None
        how = (
            "ran out of its memory"
            if state.get("OOMKilled")
            else f"exited with status {state['ExitCode']}"
        )
        tail = b""
        # The container may be gone, and not every logging driver can be read.
        with suppress(APIError):
            tail = await self._ask(lambda: container.logs(tail=1))
        last_line = tail.decode(errors="replace").strip()[:200] or "none"
        return f"{how} (log: docker logs {container.name}; last line: {last_line})"

    async def _ask(self, call: Callable[[], ResultT]) -> ResultT:
        """The engine's answer to a call; the engine may be unreachable for a minute.

        Raises:
            APIError: the engine refuses.
            Unavailable: the engine does not answer.
        """

        async def ask() -> ResultT:
            try:
                return await asyncio.to_thread(call)
            except APIError as error:
                if error.status_code not in _SILENCE:
                    raise
                raise Unavailable(str(error.explanation or error)) from None
            except (DockerException, requests.RequestException) as error:
                raise Unavailable(str(error)) from None

        return await answered("Docker", ask, pause_seconds=self._poll_seconds)


@contextmanager
def _removed_meanwhile() -> Iterator[None]:
    """Accept that somebody else has removed the container, or is removing it."""
    with suppress(NotFound):
        try:
            yield
        except APIError as error:
            if error.status_code != 409:
                raise


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal that no call expects is the engine's, and no defect of the trainer."""
    try:
        yield
    except APIError as error:
        kind = FailedPrecondition if error.is_client_error() else Unavailable
        raise kind(f"Docker refuses: {error.explanation or error}") from None


def _said_what_came_of_it(container: Container) -> bool:
    return container.attrs["State"]["ExitCode"] in (0, FAILURE_RECORDED)


def read_container(path: Path) -> dict[str, Any]:
    """Read the template of a job's container, which has everything except the run: the arguments of
    the Docker SDK's `containers.create` as YAML, and `gpus`, which is `all` or a number.

    Raises:
        FailedPrecondition: the file cannot be read, or has another form.
    """
    try:
        container = yaml.safe_load(path.read_text())
        if not isinstance(container, dict) or not isinstance(container.get("image"), str):
            raise ValueError("expected a mapping with `image`")
        gpus = container.pop("gpus", 0)
        if gpus != "all" and not isinstance(gpus, int):
            raise ValueError(f"`gpus` must be `all` or a number, is {gpus!r}")
        if gpus:
            count = -1 if gpus == "all" else gpus
            container["device_requests"] = [DeviceRequest(count=count, capabilities=[["gpu"]])]
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise FailedPrecondition(f"RLVF_TRAINER_JOB_TEMPLATE: {path}: {error}") from None
    return container
