"""Work that takes processor time for a call, in processes of its own.

Other calls, heartbeats and health do not wait for it, as they would for a thread. A worker process
is killed when its call is cancelled or its deadline passes. A caller has one worker at a time, so
that its further work waits, and not that of others.
"""

import asyncio
import os
import resource
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from rlvf_api.errors import ResourceExhausted, RlvfError
from rlvf_common.rpc.context import caller

__all__ = ["MAX_SECONDS", "MEMORY_BYTES", "Workers"]

MAX_SECONDS = 300.0
"""After this time work is ended, whatever the deadline of its call."""
MEMORY_BYTES = 2 << 30
"""Address space of a worker process."""

ResultT = TypeVar("ResultT")


@dataclass(slots=True)
class _Turn:
    """Who of one caller's calls has the worker."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    calls: int = 0


class Workers:
    """The worker processes of a server. They start when they are needed."""

    def __init__(self, prepare: Callable[[], object] | None = None, *, at_once: int = 0) -> None:
        """`prepare` is called once in each process, before its first work; it is pickled.

        `at_once` is how many processes there are; 0: one for each core, two at least.
        """
        self._prepare = prepare
        self._turns: dict[str, _Turn] = {}
        self._free = asyncio.Semaphore(at_once or max(2, len(os.sched_getaffinity(0))))

    async def run(self, work: Callable[..., ResultT], *arguments: object) -> ResultT:
        """Call `work` in a process. It, its arguments, its result and its errors are pickled.

        Raises:
            ResourceExhausted: it needed more than MEMORY_BYTES or, once it had a process,
                MAX_SECONDS.
            Exception: what `work` raises.
        """
        async with self._turn(caller.get()), self._free:
            try:
                async with asyncio.timeout(MAX_SECONDS):
                    return await to_process.run_sync(
                        _run,
                        self._prepare,
                        work,
                        arguments,
                        cancellable=True,
                        # The default one would wait for processes of others, and in the timeout.
                        limiter=CapacityLimiter(1),
                    )
            except TimeoutError:
                raise ResourceExhausted(
                    f"the request takes more than {MAX_SECONDS:g} s; send less at a time", None
                ) from None
            except (BrokenWorkerProcess, MemoryError):
                raise ResourceExhausted(
                    f"the request takes more than {MEMORY_BYTES >> 30} GiB of memory; send less at "
                    "a time",
                    None,
                ) from None

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        turn = self._turns.setdefault(name, _Turn())
        turn.calls += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.calls -= 1
            if not turn.calls:
                del self._turns[name]


_prepared = False


def _run(
    prepare: Callable[[], object] | None,
    work: Callable[..., ResultT],
    arguments: tuple[object, ...],
) -> ResultT:
    """What the process runs."""
    global _prepared
    try:
        if not _prepared:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            if prepare is not None:
                prepare()
            _prepared = True
        return work(*arguments)
    except RlvfError:
        raise
    except Exception as error:
        # A pickled error has no traceback.
        error.add_note(traceback.format_exc())
        raise
