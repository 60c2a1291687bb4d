"""The SDK's client for asyncio, with the methods of `Evaluator` to be awaited.

Each method runs in a thread, and cancelling it ends its call. grpc.aio is not used: where a service
refuses a stream that is being written, it reports INTERNAL instead of the service's status
(github.com/grpc/grpc/issues/36066; in about half of such calls with grpcio 1.85).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from functools import partial, update_wrapper
from os import PathLike
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

from rlvf_client.sdk.attempts import stoppable
from rlvf_client.sdk.client import Evaluator

__all__ = ["AsyncEvaluator"]

_MAX_CALLS = 256
"""Maximum number of concurrent calls; a service accepts no more from a team."""

Called: TypeAlias = Callable[..., object]
P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def _awaited(
    method: Callable[Concatenate[Evaluator, P], ResultT],
) -> Callable[Concatenate["AsyncEvaluator", P], Coroutine[Any, Any, ResultT]]:
    """The method as a coroutine that runs it in a thread; its callbacks run on the event loop."""

    async def call(self: "AsyncEvaluator", /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        loop = asyncio.get_running_loop()
        for name in ("progress", "on_verdict"):
            if called := kwargs.get(name):
                kwargs[name] = partial(loop.call_soon_threadsafe, cast("Called", called))
        stop, context = stoppable()
        try:
            return await self.in_thread(context, partial(method, self.blocking, *args, **kwargs))
        except asyncio.CancelledError:
            stop.stop()
            raise

    update_wrapper(call, method)
    return call


def _iterated(
    method: Callable[Concatenate[Evaluator, P], Iterator[ResultT]],
) -> Callable[Concatenate["AsyncEvaluator", P], AsyncIterator[ResultT]]:
    """The method as an asynchronous iterator that fetches each result in a thread."""

    async def iterate(
        self: "AsyncEvaluator", /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[ResultT]:
        stop, context = stoppable()
        results = method(self.blocking, *args, **kwargs)
        try:
            while (
                result := await self.in_thread(context, partial(next, results, None))
            ) is not None:
                yield result
        finally:
            stop.stop()

    update_wrapper(iterate, method)
    return iterate


class AsyncEvaluator:
    """`Evaluator` for asyncio, as an asynchronous context manager. Arguments, results and errors
    are those of `Evaluator`."""

    def __init__(
        self,
        address: str,
        *,
        token: str = "",
        ca: bytes | str | PathLike[str] | None = None,
        patience: timedelta = timedelta(minutes=1),
    ) -> None:
        self.blocking = Evaluator(address, token=token, ca=ca, patience=patience)
        """The client that it uses."""
        self._threads = ThreadPoolExecutor(_MAX_CALLS, thread_name_prefix="rlvf")

    @property
    def request_id(self) -> str:
        """As `Evaluator.request_id`."""
        return self.blocking.request_id

    async def __aenter__(self) -> "AsyncEvaluator":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection, and end the running calls."""
        self.blocking.close()
        self._threads.shutdown(wait=False)

    async def in_thread(self, context: Context, work: Callable[[], ResultT]) -> ResultT:
        """Run blocking work of this client in a thread, in a context."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, work)

    benchmarks = _awaited(Evaluator.benchmarks)
    tasks = _awaited(Evaluator.tasks)
    store_problems = _awaited(Evaluator.store_problems)
    score = _awaited(Evaluator.score)
    stream = _iterated(Evaluator.stream)
    resumed_stream = _iterated(Evaluator.resumed_stream)
    upload = _awaited(Evaluator.upload)
    download = _awaited(Evaluator.download)
    find = _awaited(Evaluator.find)
    score_artifact = _awaited(Evaluator.score_artifact)
    compare = _awaited(Evaluator.compare)
    quota = _awaited(Evaluator.quota)
    results = _awaited(Evaluator.results)
    delete = _awaited(Evaluator.delete)
