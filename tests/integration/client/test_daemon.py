"""`rlvf up`, `status` and `down`, and what a stack does with services that die."""

import asyncio
import json
import math
import os
import signal
import urllib.error
import urllib.request
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_client.cli import commands
from rlvf_client.cli.services import endpoints
from rlvf_client.local_stack import stack as local_stack
from rlvf_client.local_stack.daemon import StackState, down, status
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.readiness import answers
from rlvf_client.local_stack.stack import LocalStack, holder, log_of
from rlvf_client.progress.console import Reporter


def _die(stack: LocalStack, name: str) -> None:
    """Kill a service, not its guardian."""
    guardian = stack.pid(name)
    assert guardian is not None
    for child in psutil.Process(guardian).children():
        child.kill()


async def _becomes(stack: LocalStack, name: str, before: int) -> None:
    async with asyncio.timeout(60):
        while stack.pid(name) == before or stack._services[name].ready_at == math.inf:
            await asyncio.sleep(0.01)


async def _executed(program: Path, home: Path) -> object:
    outcome = await commands.execute(program, "", None, None, None, None, home)
    return outcome["stdout"]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("RLVF_EXECUTOR_ADDRESS", raising=False)
    path = tmp_path / "program.py"
    path.write_text("print(2 + 3)")
    return path


async def test_commands_share_the_stack_that_there_is(program: Path, tmp_path: Path) -> None:
    # The path of a home may be longer than that of a socket can be.
    home = tmp_path / ("h" * 200)
    async with LocalStack(home) as stack:
        both = [_executed(program, home) for _ in range(2)]
        assert await asyncio.gather(*both) == ["5\n", "5\n"]
        # It was started because they needed it.
        assert stack.running() == ["executor"]
    assert holder(home) is None


async def test_a_stack_stays_until_the_last_command_has_ended(program: Path, home: Path) -> None:
    waited: list[int] = []
    stack = LocalStack(home)
    stack.on_wait = waited.append
    async with stack, AsyncExitStack() as other:
        shared = await other.enter_async_context(endpoints(home, Reporter()))
        await shared.ensure("executor")
        assert shared.address("executor") == stack.address("executor")
        # The command that started it is done; the other one goes on.
        ending = asyncio.create_task(stack.__aexit__(None, None, None))
        async with asyncio.timeout(60):
            while not waited:
                await asyncio.sleep(0)
        assert await answers("executor", shared.address("executor"), stack.storage_settings())
        assert not ending.done()
        await other.aclose()
        await ending
        assert waited == [1]
        assert holder(home) is None
        stack._lock_file = None  # It was closed already.


async def test_a_stack_serves_one_model_to_all(home: Path, tmp_path: Path) -> None:
    mine, another = ServedModel("m", str(tmp_path)), ServedModel("n", str(tmp_path))
    async with (
        LocalStack(home) as stack,
        # Who started it needs no model: whoever asks first says which.
        endpoints(home, Reporter(), mine),
    ):
        assert stack._model == mine
        with pytest.raises(FailedPrecondition, match="serves m, not n, to process"):
            async with endpoints(home, Reporter(), another):
                pass


async def test_commands_that_begin_together_share_one_stack(program: Path, home: Path) -> None:
    together = [_executed(program, home) for _ in range(4)]
    assert await asyncio.gather(*together) == ["5\n"] * 4
    assert holder(home) is None


async def test_a_command_is_told_when_the_stack_that_it_shares_ends(home: Path) -> None:
    async with AsyncExitStack() as other:
        stack = LocalStack(home)
        stack.waits_for_others = False
        async with stack:
            shared = await other.enter_async_context(endpoints(home, Reporter()))
        with pytest.raises(Unavailable, match="has ended"):
            await shared.ensure("executor")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.mark.slow
async def test_a_service_that_dies_now_and_then_is_always_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_stack, "_MAX_EARLY_DEATHS", 1)
    monkeypatch.setattr(local_stack, "_STEADY_SECONDS", -1.0)  # Every death is a late one.
    restarted: list[str] = []
    async with LocalStack(tmp_path) as stack:
        stack.on_restart = restarted.append
        await stack.ensure("storage")
        for _ in range(3):
            before = stack.pid("storage")
            assert before is not None
            _die(stack, "storage")
            await _becomes(stack, "storage", before)
    assert restarted == ["storage"] * 3


async def test_a_service_that_dies_at_once_again_and_again_is_not_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_stack, "_MAX_EARLY_DEATHS", 1)
    ended = asyncio.Event()
    async with LocalStack(tmp_path) as stack:
        stack.on_end = lambda name: ended.set()
        await stack.ensure("storage")
        before = stack.pid("storage")
        assert before is not None
        _die(stack, "storage")
        await _becomes(stack, "storage", before)
        _die(stack, "storage")
        async with asyncio.timeout(60):
            await ended.wait()
        with pytest.raises(Unavailable, match="storage died repeatedly, and is not restarted"):
            await stack.ensure("storage")


async def test_status_says_what_is_and_down_ends_when_all_has_ended(tmp_path: Path) -> None:
    assert await status(tmp_path) is None
    async with LocalStack(tmp_path, model=ServedModel("m", "m")) as stack:
        await stack.ensure("storage")
        assert holder(tmp_path) == os.getpid()
        found = await status(tmp_path)
        assert found is not None
        assert (found.pid, found.model) == (os.getpid(), "m")
        services = {service.name: service for service in found.services}
        assert services["storage"].condition == "serves"
        assert services["storage"].address == stack.address("storage")
        assert services["storage"].log == str(log_of(tmp_path, "storage"))
        assert services["trainer"].condition == "not started"
        stack._services["storage"].ended = True
        again = await status(tmp_path)
        assert again is not None
        assert {one.name: one.condition for one in again.services}["storage"] == "not restarted"

        # As `rlvf up` would leave it.
        state = json.dumps(asdict(StackState(os.getpid(), stack.environment())))
        (tmp_path / "stack.json").write_text(state)
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
        stopping = asyncio.create_task(asyncio.to_thread(down, tmp_path))
        await asked.wait()
        (tmp_path / "stack.json").unlink()
        service = stack.pid("storage")
        assert not stopping.done()
    assert await stopping
    assert service is not None
    assert not psutil.pid_exists(service)
    assert holder(tmp_path) is None
    # A file that an earlier stack left behind is no stack.
    (tmp_path / "stack.json").write_text(state)
    assert await status(tmp_path) is None
    assert not down(tmp_path)


async def test_no_port_of_storage_gives_anything_without_credentials(tmp_path: Path) -> None:
    async with LocalStack(tmp_path) as stack:
        await stack.ensure("storage")
        guardian = stack.pid("storage")
        assert guardian is not None
        [server] = psutil.Process(guardian).children()
        ports = {
            connection.laddr.port
            for connection in server.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
        assert len(ports) > 5
        for port in sorted(ports):
            for method, path, data in (
                ("GET", "/buckets/rlvf/ready", None),
                ("GET", "/rlvf/ready", None),
                ("PUT", "/buckets/rlvf/foreign", b"x"),
                ("DELETE", "/buckets/rlvf/ready", None),
            ):
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}{path}", data=data, method=method
                )
                with pytest.raises((urllib.error.URLError, OSError)) as refused:
                    urllib.request.urlopen(request, timeout=10)
                if isinstance(refused.value, urllib.error.HTTPError):
                    refused.value.close()
                    assert refused.value.code in (400, 401, 403, 404, 405), (port, method, path)
