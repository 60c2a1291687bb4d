"""The local stack: every service as a process on this machine, on free ports.

Services start when they are first needed, and write their logs below `HOME/logs`. A service that
dies is restarted, unless it dies repeatedly soon after its start. All end with the process that
holds the stack, however that ends.
"""

import asyncio
import fcntl
import json
import math
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from google.protobuf import json_format

from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition, RlvfError, Unavailable
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.ports import PortReservations
from rlvf_client.local_stack.readiness import answers
from rlvf_client.local_stack.sharing import Host, Known
from rlvf_client.local_stack.storage import StorageServer, give_back
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.settings import StorageSettings, TransportSettings, address_variable
from rlvf_common.rpc.version import ask_version, service_version

GRPC_SERVICES = ("executor", "pair-generator", "trainer", "evaluator", "reporter")
ON_REQUEST = ("http-gateway",)
"""Services that a stack starts only on request."""
SERVICES = ("storage", "inference", *GRPC_SERVICES, *ON_REQUEST)

_BEHIND = {
    "evaluator": ("executor", "inference"),
    "pair-generator": ("executor", "inference"),
    "trainer": ("executor", "inference"),
}
"""The services that each service calls."""

# Maximum time from start to ready; the compilation of vLLM's graphs takes longest.
_READY_SECONDS = {"inference": 600.0}
_READY_SECONDS_DEFAULT = 60.0
# A service that dies more than this many times in a row, each time within `_STEADY_SECONDS` after
# it was ready, is not restarted.
_MAX_EARLY_DEATHS = 5
_STEADY_SECONDS = 60.0
_LOG_TAIL_LINES = 5


@dataclass(slots=True)
class _Service:
    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    leaves: Sequence[Path] = ()
    """Files that it makes outside the stack's home and its temporary directory."""
    version: version_pb2.Version | None = None
    """Of the code that it runs, where it cannot be asked for it."""
    process: asyncio.subprocess.Process | None = None
    start: asyncio.Task[None] | None = None
    """Done when it has served for the first time."""
    keeper: asyncio.Task[None] | None = None
    ready_at: float = math.inf
    """When it was last ready, by `time.monotonic`."""
    early_deaths: int = 0
    """Number of early deaths in a row."""
    ended: bool = False
    """Whether it died too often to be restarted."""
    stopping: bool = False

    def tail(self) -> str:
        """The last lines of its log, for an error message."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line[:300]}" for line in lines[-_LOG_TAIL_LINES:])


def log_of(home: Path, name: str) -> Path:
    """Path of the log of a service of the stack in `home`."""
    return home / "logs" / f"{name}.log"


def tracking_of(home: Path) -> Path:
    """Folder in which the trackers of the stack's trainings write."""
    return home / "tracking"


def holder(home: Path) -> int | None:
    """The process whose stack holds `home`, until the last of its services has ended; None if there
    is none."""
    try:
        with (home / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return int((home / "lock").read_bytes() or 0)
    return None


class LocalStack:
    """Services on this machine, as an async context manager.

    `home` has object storage, logs and models; only one stack at a time can use it, and other
    commands share it (`sharing.py`) where `is_shared`. `model` is what inference serves; a stack
    without it has no inference.

    Raises, on entering:
        FailedPrecondition: another stack holds `home`.
    """

    def __init__(
        self, home: Path, *, model: ServedModel | None = None, is_shared: bool = True
    ) -> None:
        self.home = home.absolute()
        self._model = model
        self._services: dict[str, _Service] = {}
        self._reservations = PortReservations()
        self._ports: dict[str, int] = {}
        self._lock_file: int | None = None
        self.on_restart: Callable[[str], None] = lambda name: None
        """Called with the name of a service that has died and is restarted."""
        self.on_end: Callable[[str], None] = lambda name: None
        """Called with the name of a service that died repeatedly, and is not restarted any more."""
        self.on_wait: Callable[[int], None] = lambda others: None
        """Called at the end with the number of other commands that still use the stack, if there
        are any."""
        self.waits_for_others = True
        """Whether the stack waits at its end for the other commands that use it."""
        self._host = Host(self.home, self._shared)
        self._is_shared = is_shared
        self._storage_master = ""

    async def __aenter__(self) -> "LocalStack":
        (self.home / "logs").mkdir(parents=True, exist_ok=True)
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = os.read(lock, 32).decode() or "?"
            os.close(lock)
            raise FailedPrecondition(
                f"{self.home} is in use by process {process}; wait for it, stop it (`rlvf down` "
                "for a stack of `rlvf up`), or set RLVF_HOME to another directory"
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        self._lock_file = lock
        self._secret = self._credentials()
        self._ports = {name: self._reservations.reserve() for name in SERVICES}
        if self._is_shared:
            await self._host.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.waits_for_others and self._host.guests:
            self.on_wait(self._host.guests)
        try:
            await self._host.close(wait=self.waits_for_others)
        finally:  # Ctrl-C ends the waiting.
            # Storage ends last: the others write their last state to it.
            running = list(self._services.values())
            await asyncio.gather(*(self._stop(one) for one in running if one.name != "storage"))
            await asyncio.gather(*(self._stop(one) for one in running if one.name == "storage"))
            self._reservations.close()
            if self._lock_file is not None:
                os.close(self._lock_file)

    # For callers

    def address(self, name: str) -> str:
        """`host:port` of a service, started or not."""
        return f"127.0.0.1:{self._ports[name]}"

    def environment(self) -> dict[str, str]:
        """Settings for clients and services of this stack."""
        return {
            **self._addresses(),
            **self._storage_environment(),
            "RLVF_INFERENCE_URL": f"http://{self.address('inference')}",
        }

    def _addresses(self) -> dict[str, str]:
        return {address_variable(name): self.address(name) for name in GRPC_SERVICES}

    def storage_settings(self) -> StorageSettings:
        """How to reach this stack's object storage."""
        return StorageSettings(
            s3_endpoint=self.address("storage"),
            s3_access_key="rlvf",
            s3_secret_key=self._secret,
            s3_bucket="rlvf",
            s3_disk=self.home / "storage",
        )

    def transport(self) -> TransportSettings:
        """No token and no TLS: the services listen only on the loopback interface."""
        return TransportSettings(auth_token="", tls_ca=None)

    async def version(self, name: str, *, with_dependencies: bool = True) -> version_pb2.Version:
        """The version of a service: the one that it reports, or that of the installed package if it
        was not started. The executor is started, because only it knows which isolation works here.
        That of inference is of its code alone: its weights it knows minutes after its start.

        Raises:
            FailedPrecondition: a package is not installed here.
            Unavailable: the executor does not start.
        """
        service = self._services.get(name)
        if name == "executor" or (name in GRPC_SERVICES and service is not None):
            await self.ensure(name)
            async with open_channel(self.address(name)) as channel:
                version = await ask_version(channel)
        elif service is not None and service.version is not None:
            version = service.version
        else:
            version = await asyncio.to_thread(service_version, name)
        if with_dependencies:
            version.dependencies.extend([await self.version(one) for one in _BEHIND.get(name, ())])
        return version

    def running(self) -> list[str]:
        """Names of the services that have been started."""
        return [name for name in SERVICES if name in self._services]

    @property
    def guests(self) -> int:
        """Number of other commands that use it."""
        return self._host.guests

    def log(self, name: str) -> Path:
        """Path of a service's log."""
        return log_of(self.home, name)

    def pid(self, name: str) -> int | None:
        """Process id of a service's guardian."""
        service = self._services.get(name)
        return service.process.pid if service is not None and service.process is not None else None

    async def give_back_room(self, removed: int) -> int:
        """Make storage, which must run, release the disk space of `removed` bytes that were
        deleted; return the bytes that were released."""
        return await give_back(self._storage_master, self.home / "storage", removed)

    # Starting and stopping

    async def ensure(self, *names: str) -> None:
        """Start those of these services that do not run, and wait until all serve.

        Raises:
            Unavailable: a service does not start, or died repeatedly; the message has the end of
                its log.
        """
        if "storage" in names:
            await self._ensure("storage")
        await asyncio.gather(*(self._ensure(name) for name in names if name != "storage"))

    async def serve(self, model: ServedModel) -> None:
        """Make inference serve this model from now on. Inference that serves another one is
        stopped, and is started again when it is needed."""
        if model != self._model:
            running = self._services.pop("inference", None)
            if running is not None:
                await self._stop(running)
            self._model = model

    async def _shared(self, request: dict[str, Any]) -> Known:
        """Carry out a request of another command (`sharing`)."""
        if asked := request.get("serve"):
            model = ServedModel(**asked)
            if self._model not in (None, model):
                raise FailedPrecondition(
                    f"the stack in {self.home} serves {self._model.name}, not {model.name}, to "
                    f"process {os.getpid()}; wait for it, stop it (`rlvf down` for a stack of "
                    "`rlvf up`), or set RLVF_HOME to another directory"
                )
            self._model = model
        if names := request.get("ensure"):
            await self.ensure(*names)
        version = None
        if name := request.get("version"):
            version = await self.version(
                name, with_dependencies=request.get("with_dependencies", True)
            )
        return Known(
            pid=os.getpid(),
            addresses={name: self.address(name) for name in SERVICES},
            environment=self.environment(),
            model=self._model.name if self._model is not None else "",
            started=self.running(),
            ended=[one.name for one in self._services.values() if one.ended],
            guests=self._host.guests,
            version=None if version is None else json_format.MessageToDict(version),
        )

    async def _ensure(self, name: str) -> None:
        service = self._services.get(name)
        if service is None:
            service = self._services[name] = self._describe(name)
            service.start = asyncio.create_task(self._start(service))
        assert service.start is not None
        # A caller that is cancelled does not end the start: others may wait for it.
        await asyncio.wait([service.start])
        if service.start.cancelled():
            raise Unavailable(f"{name} was stopped while it started")
        service.start.result()
        if service.ended:
            raise Unavailable(
                f"{name} died repeatedly, and is not restarted before its stack is; its log "
                f"{service.log} ends with\n{service.tail()}"
            )

    async def _start(self, service: _Service) -> None:
        try:
            await self._spawn(service)
            await self._wait_ready(service)
        except Exception:
            await self._end(service)
            # The next call of `ensure` starts it anew.
            del self._services[service.name]
            raise
        service.keeper = asyncio.create_task(self._keep(service))

    def _describe(self, name: str) -> _Service:
        if name == "storage":
            return self._describe_storage()
        python = [sys.executable, "-m"]
        environment = {"RLVF_LISTEN": self.address(name)}
        if name == "executor":
            # The executor gets no secrets, because it runs untrusted programs.
            return self._service(name, [*python, "rlvf_executor"], environment)
        if name == "http-gateway":
            # The gateway needs no keys of storage either.
            environment |= self._addresses()
            return self._service(name, [*python, "rlvf_http_gateway"], environment)
        environment |= self.environment()
        if name == "inference":
            if self._model is None:
                raise FailedPrecondition("this stack has no model to serve")
            environment |= {
                "RLVF_MODEL": str(self._model.source),
                "RLVF_SERVED_MODEL_NAME": self._model.name,
                "RLVF_ADAPTER_CACHE_DIR": str(self.home / "adapters"),
            }
            return self._service(name, [*python, "rlvf_inference"], environment)
        if name == "trainer":
            environment["RLVF_TRAINER_WORK_DIR"] = str(self.home / "training")
            environment["RLVF_TRAINER_TRACKING_DIR"] = str(tracking_of(self.home))
        module = f"rlvf_{name.replace('-', '_')}"
        return self._service(name, [*python, module], environment)

    def _describe_storage(self) -> _Service:
        storage = StorageServer(
            self.home, self._ports["storage"], self.storage_settings(), self._reservations
        )
        self._storage_master = storage.master
        service = self._service("storage", storage.command, storage.environment)
        service.leaves = storage.leaves
        return service

    def _service(self, name: str, command: list[str], environment: Mapping[str, str]) -> _Service:
        # Services inherit settings from the environment; credentials come from this stack alone.
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("AWS_", "S3_", "RLVF_S3_", "RLVF_AUTH_", "RLVF_TOKENS_"))
        }
        return _Service(name, command, {**inherited, **environment}, self.log(name))

    async def _spawn(self, service: _Service) -> None:
        service.ready_at = math.inf
        if service.name == "inference":
            service.version = await asyncio.to_thread(service_version, service.name)
        with service.log.open("ab") as log:
            service.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "rlvf_client.local_stack.guardian",
                *(f"--leaves={path}" for path in service.leaves),
                *service.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=service.environment,
                start_new_session=True,
            )

    async def _wait_ready(self, service: _Service) -> None:
        limit = _READY_SECONDS.get(service.name, _READY_SECONDS_DEFAULT)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            assert service.process is not None
            if service.process.returncode is not None:
                raise Unavailable(
                    f"{service.name} ended while starting (status {service.process.returncode}); "
                    f"its log {service.log} ends with\n{service.tail()}"
                )
            if await answers(service.name, self.address(service.name), self.storage_settings()):
                service.ready_at = time.monotonic()
                return
            await asyncio.sleep(0.1)
        raise Unavailable(
            f"{service.name} was not ready after {limit:.0f} s; its log {service.log} ends with\n"
            f"{service.tail()}"
        )

    async def _keep(self, service: _Service) -> None:
        """Restart the service whenever it dies, unless it dies early too often."""
        while True:
            assert service.process is not None
            await service.process.wait()
            if service.stopping:
                return
            is_steady = time.monotonic() - service.ready_at > _STEADY_SECONDS
            service.early_deaths = 0 if is_steady else service.early_deaths + 1
            if service.early_deaths > _MAX_EARLY_DEATHS:
                service.ended = True
                self.on_end(service.name)
                return
            self.on_restart(service.name)
            try:
                await self._spawn(service)
                await self._wait_ready(service)
            except (OSError, RlvfError):
                # One that hangs counts as one that died.
                await self._end(service)

    async def _stop(self, service: _Service) -> None:
        service.stopping = True
        tasks = [task for task in (service.start, service.keeper) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await self._end(service)

    async def _end(self, service: _Service) -> None:
        """End its process, if there is one."""
        process = service.process
        if process is None:
            return
        # The guardian ends the service when its standard input closes.
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()

    # Credentials

    def _credentials(self) -> str:
        """The secret key of this home's object storage, made once."""
        path = self.home / "credentials.json"
        if path.exists():
            try:
                return str(json.loads(path.read_text())["secret_key"])
            except (ValueError, KeyError, TypeError):
                raise FailedPrecondition(
                    f"{path} lacks the secret key of this home's object storage; restore "
                    "it, or set RLVF_HOME to another directory"
                ) from None
        secret = secrets.token_urlsafe(24)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"secret_key": secret}))
        return secret

    def _storage_environment(self) -> dict[str, str]:
        settings = self.storage_settings()
        return {f"RLVF_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
