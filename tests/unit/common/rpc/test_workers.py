"""Work in processes: its results and errors, and that it ends with its call."""

import asyncio
import os
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from rlvf_api.errors import InvalidArgument, ResourceExhausted
from rlvf_common.rpc import workers
from rlvf_common.rpc.context import caller
from rlvf_common.rpc.workers import Workers

ResultT = TypeVar("ResultT")

_prepared: list[str] = []


def prepare(value: str) -> None:
    _prepared.append(value)


def prepared() -> list[str]:
    return _prepared


def refuse() -> None:
    raise InvalidArgument("samples[3]", "is wrong")


def divide() -> float:
    return 1 / 0


def allocate() -> int:
    return len(bytearray(workers.MEMORY_BYTES))


def end() -> None:
    os._exit(3)


def tell(begun: Path, go_on: Path) -> int:
    """Says which process this is, and goes on when it is told."""
    begun.write_text(str(os.getpid()))
    return len(go_on.read_text())


@pytest.fixture(autouse=True)
def _found_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has the same path, and imports this module by its name."""
    monkeypatch.syspath_prepend(Path(__file__).parents[4])


async def test_results_and_errors_come_from_the_process() -> None:
    pool = Workers()
    assert await pool.run(pow, 2, 10) == 1024
    assert await pool.run(os.getpid) != os.getpid()
    with pytest.raises(InvalidArgument, match="is wrong") as refused:
        await pool.run(refuse)
    assert refused.value.field == "samples[3]"
    with pytest.raises(ZeroDivisionError) as defect:
        await pool.run(divide)
    assert "in divide" in defect.value.__notes__[0]


async def test_a_process_is_prepared_once() -> None:
    pool = Workers(partial(prepare, "sources"))
    assert await pool.run(prepared) == ["sources"]
    assert await pool.run(prepared) == ["sources"]
    assert not _prepared


@pytest.mark.parametrize("work", [allocate, end])
async def test_work_that_needs_too_much_is_refused(work: object) -> None:
    pool = Workers()
    with pytest.raises(ResourceExhausted, match="2 GiB of memory"):
        await pool.run(work)  # type: ignore[arg-type]
    assert await pool.run(pow, 2, 10) == 1024


async def test_work_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MAX_SECONDS", 0.0)
    with pytest.raises(ResourceExhausted, match="takes more than 0 s"):
        await Workers().run(pow, 2, 10)


@pytest.fixture
def pipes(tmp_path: Path) -> tuple[Path, Path]:
    """What `tell` writes and reads: named pipes, which wait for their other end."""
    for name in ("begun", "go_on"):
        os.mkfifo(tmp_path / name)
    return tmp_path / "begun", tmp_path / "go_on"


async def test_a_process_ends_with_its_call(pipes: tuple[Path, Path]) -> None:
    begun, _ = pipes
    call = asyncio.create_task(Workers().run(tell, *pipes))
    process = int(await asyncio.to_thread(begun.read_text))
    os.kill(process, 0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def _on_behalf_of(name: str, work: "asyncio._CoroutineLike[ResultT]") -> "asyncio.Task[ResultT]":
    context = copy_context()
    context.run(caller.set, name)
    return asyncio.create_task(work, context=context)


async def test_a_caller_has_one_worker_at_a_time(pipes: tuple[Path, Path]) -> None:
    pool = Workers()
    begun, go_on = pipes
    first = _on_behalf_of("a", pool.run(tell, *pipes))
    await asyncio.to_thread(begun.read_text)
    second = _on_behalf_of("a", pool.run(pow, 2, 10))
    # Another caller's work is done meanwhile.
    assert await _on_behalf_of("b", pool.run(pow, 3, 2)) == 9
    assert not second.done()
    await asyncio.to_thread(go_on.write_text, "go on")
    assert await first == 5
    assert await second == 1024
    assert not pool._turns


async def test_waiting_for_a_free_process_is_no_part_of_the_work(
    pipes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Workers(at_once=1)
    begun, go_on = pipes
    first = _on_behalf_of("a", pool.run(tell, *pipes))
    await asyncio.to_thread(begun.read_text)
    # The second call has waited for longer than the maximum before the process is free.
    with monkeypatch.context() as patched:
        patched.setattr(workers, "MAX_SECONDS", 0.0)
        second = _on_behalf_of("b", pool.run(pow, 2, 10))
        for _ in range(100):
            await asyncio.sleep(0)
        assert "b" in pool._turns
        assert not second.done()
    await asyncio.to_thread(go_on.write_text, "go on")
    assert await first == 5
    assert await second == 1024
