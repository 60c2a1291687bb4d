"""A slot as the server holds it: what it answers belongs to the job that was asked for."""

import asyncio
import os
import select
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from rlvf_executor.contract import link, policy, slots
from rlvf_executor.contract.link import Message
from rlvf_executor.server import slot as slot_module
from rlvf_executor.server import tiers
from rlvf_executor.server.settings import ExecutorSettings
from rlvf_executor.server.slot import Slot, SlotDied

LIMITS = policy.DEFAULT_LIMITS._replace(output_bytes=policy.MAXIMUM_LIMITS.output_bytes)
PASSED = Message(link.GRADED, {"verdict": "passed", "detail": "", "usage": [0.0, 0.0, 0.0]})
# What a server that has lost its place would take for the answers to this job and the next ones.
FORGED = link.pack(Message(link.CANCELLED, {})) + 100 * link.pack(PASSED)


@pytest.fixture
async def slot() -> AsyncIterator[Slot]:
    """A slot of the weaker tier, which every machine has."""
    slot = Slot(tiers.config(ExecutorSettings(), slots.LANDLOCK, 0))
    await slot.start()
    yield slot
    await slot.stop()


def execution(source: str) -> Message:
    return Message(link.EXECUTE, {"limits": LIMITS}, (source.encode(), b""))


async def test_a_job_cancelled_in_the_middle_of_its_answer_forges_no_later_one(slot: Slot) -> None:
    prints = f"import sys\nsys.stdout.buffer.write({FORGED!r} + bytes(15 << 20))"
    job = slot.send(execution(prints), asyncio.get_running_loop().create_future())
    assert slot._socket is not None
    assert slot._socket._transport is not None
    # Blocks the loop on purpose until the answer begins to arrive; it takes many turns of the loop.
    select.select([slot._socket._transport.get_extra_info("socket")], [], [])
    for _ in range(8):
        await asyncio.sleep(0)
    assert not job.answer.done()
    job.answer.cancel()
    await slot.cancel(job)
    answer = await slot.run(execution("print('honest')"))
    assert (answer.kind, answer.blobs[0]) == (link.EXECUTED, b"honest\n")


@pytest.mark.parametrize("more", [0, 1], ids=["one for each core", "one more"])
async def test_a_slot_keeps_to_a_core_of_its_own_where_it_has_one(more: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    settings = ExecutorSettings(executor_slots=len(cores) + more)
    number = len(cores) - 1
    slot = Slot(tiers.config(settings, slots.LANDLOCK, number))
    await slot.start()
    try:
        supervisor = psutil.Process(slot.pid)
        below = supervisor.children(recursive=True)
        assert len(below) >= 3
        await slot.run(execution("pass"))
        for process in (supervisor, *below):
            assert process.cpu_affinity() == (cores if more else cores[number:])
            assert os.sched_getscheduler(process.pid) == os.SCHED_BATCH
        # A program that goes on may fill its core: who is to end it must not wait for its turn.
        loop = Message(
            link.EXECUTE,
            {"limits": policy.DEFAULT_LIMITS._replace(cpu_seconds=0.5)},
            (b"while True: pass", b""),
        )
        assert (await slot.run(loop)).values["outcome"] == "cpu_time_exceeded"
        assert supervisor.cpu_affinity() == cores
        assert os.sched_getscheduler(supervisor.pid) == os.SCHED_OTHER
    finally:
        await slot.stop()


async def test_a_zygote_whose_children_cannot_be_confined_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = Path(policy.__file__).parents[1]
    copy = tmp_path / package.name
    shutil.copytree(package, copy)
    confinement = copy / "jail" / "confinement.py"
    step, source = "kernel.add_no_capabilities(calls)", confinement.read_text()
    assert step in source
    confinement.write_text(source.replace(step, "calls.add('dup3', 99, 98, 0)"))
    monkeypatch.setattr(slot_module, "__file__", str(copy / "server" / "slot.py"))
    slot = Slot(tiers.config(ExecutorSettings(), slots.LANDLOCK, 0))
    with pytest.raises(SlotDied, match="the first program does not run: dup3: Bad file descriptor"):
        await slot.start()
