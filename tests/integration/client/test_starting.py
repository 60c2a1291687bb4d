"""Services of a local stack that do not start, or whose start is interrupted."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_client.cli.services import endpoints
from rlvf_client.local_stack import stack as local_stack
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.readiness import answers
from rlvf_client.local_stack.stack import LocalStack
from rlvf_client.progress.console import Reporter

from .inference_stand_in import command_of, replace_inference

FAILS = [sys.executable, "-c", "raise SystemExit('out of memory')"]
HANGS = [sys.executable, "-c", "import signal; signal.pause()"]


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[LocalStack]:
    async with LocalStack(tmp_path, model=ServedModel("m", "m")) as stack:
        yield stack


async def test_a_service_that_does_not_start_is_told_each_time_and_to_all(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_inference(monkeypatch, stack, FAILS)
    async with endpoints(stack.home, Reporter()) as guest:
        for _ in range(2):
            own, another, guests = await asyncio.gather(
                stack.ensure("inference"),
                stack.ensure("inference"),
                guest.ensure("inference"),
                return_exceptions=True,
            )
            assert (type(own), type(another)) == (Unavailable, Unavailable)
            assert type(guests) is FailedPrecondition
            assert all("out of memory" in str(error) for error in (own, another, guests))
    assert stack.running() == []
    replace_inference(monkeypatch, stack, command_of(stack))
    await stack.ensure("inference")
    assert await answers("inference", stack.address("inference"), stack.storage_settings())


async def test_a_service_that_never_serves_is_ended(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(local_stack._READY_SECONDS, "inference", 0.0)
    replace_inference(monkeypatch, stack, HANGS)
    with pytest.raises(Unavailable, match="was not ready"):
        await stack.ensure("inference")
    assert stack.pid("inference") is None


async def test_a_start_goes_on_for_others_when_one_is_interrupted(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_inference(monkeypatch, stack, command_of(stack))
    interrupted = asyncio.create_task(stack.ensure("inference"))
    while (process := stack.pid("inference")) is None:
        await asyncio.sleep(0)
    interrupted.cancel()
    with suppress(asyncio.CancelledError):
        await interrupted
    await stack.ensure("inference")
    assert stack.pid("inference") == process
    assert await answers("inference", stack.address("inference"), stack.storage_settings())


async def test_whoever_waits_for_a_service_that_is_stopped_is_told(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_inference(monkeypatch, stack, HANGS)
    waits = asyncio.create_task(stack.ensure("inference"))
    while stack.pid("inference") is None:
        await asyncio.sleep(0)
    await stack.serve(ServedModel("n", "n"))
    with pytest.raises(Unavailable, match="was stopped while it started"):
        await waits


async def test_a_service_that_hangs_when_it_is_restarted_does_not_count_as_serving(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_stack, "_MAX_EARLY_DEATHS", 1)
    ended = asyncio.Event()
    stack.on_end = lambda name: ended.set()
    replace_inference(monkeypatch, stack, command_of(stack))
    await stack.ensure("inference")
    monkeypatch.setitem(local_stack._READY_SECONDS, "inference", 0.0)
    service = stack._services["inference"]
    service.command = HANGS
    assert service.process is not None
    service.process.terminate()
    async with asyncio.timeout(60):
        await ended.wait()
    with pytest.raises(Unavailable, match="died repeatedly"):
        await stack.ensure("inference")
