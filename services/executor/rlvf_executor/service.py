"""The gRPC service: checks, runs, converts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message as ProtoMessage

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_common.errors import RlvfError, Unavailable, to_status
from rlvf_executor import grade_requests, metrics, requests
from rlvf_executor.executor import Executor
from rlvf_executor.references import References

_Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"

SERVICE_NAME = executor_pb2.DESCRIPTOR.services_by_name["ExecutorService"].full_name


class _BatchRequest(Protocol):
    @property
    def id(self) -> str: ...


RequestT = TypeVar("RequestT", bound=_BatchRequest)
ResponseT = TypeVar("ResponseT", bound=ProtoMessage)


class ExecutorServicer(executor_pb2_grpc.ExecutorServiceServicer):
    """Serves an `Executor`, which is not ready before its canaries were stopped."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._references = References(executor.run)

    async def Execute(
        self, request: executor_pb2.ExecuteRequest, context: _Context
    ) -> executor_pb2.ExecuteResponse:
        return await self._execute(request)

    async def Grade(
        self, request: executor_pb2.GradeRequest, context: _Context
    ) -> executor_pb2.GradeResponse:
        return await self._grade(request)

    async def ExecuteBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.ExecuteBatchRequest],
        context: _Context,
    ) -> AsyncIterator[executor_pb2.ExecuteBatchResponse]:
        async def answer(
            request: executor_pb2.ExecuteBatchRequest,
        ) -> executor_pb2.ExecuteBatchResponse:
            try:
                requests.require_batch_id(request.id)
                response = await self._execute(request.request, patient=True)
            except RlvfError as error:
                return executor_pb2.ExecuteBatchResponse(id=request.id, error=to_status(error))
            return executor_pb2.ExecuteBatchResponse(id=request.id, response=response)

        async for response in self._batch(request_iterator, answer):
            yield response

    async def GradeBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.GradeBatchRequest],
        context: _Context,
    ) -> AsyncIterator[executor_pb2.GradeBatchResponse]:
        async def answer(
            request: executor_pb2.GradeBatchRequest,
        ) -> executor_pb2.GradeBatchResponse:
            try:
                requests.require_batch_id(request.id)
                response = await self._grade(request.request, patient=True)
            except RlvfError as error:
                return executor_pb2.GradeBatchResponse(id=request.id, error=to_status(error))
            return executor_pb2.GradeBatchResponse(id=request.id, response=response)

        async for response in self._batch(request_iterator, answer):
            yield response

    async def GetCapabilities(
        self,
        request: executor_pb2.GetCapabilitiesRequest,
        context: _Context,
    ) -> executor_pb2.GetCapabilitiesResponse:
        if self._executor.capabilities is None:
            raise Unavailable("the executor is starting")
        return self._executor.capabilities

    async def _execute(
        self, request: executor_pb2.ExecuteRequest, *, patient: bool = False
    ) -> executor_pb2.ExecuteResponse:
        with _counted("execute") as ended:
            message = requests.execute_message(request)
            response = requests.execute_response(await self._executor.run(message, patient=patient))
            ended(executor_pb2.Outcome.Name(response.outcome), response.usage)
            return response

    async def _grade(
        self, request: executor_pb2.GradeRequest, *, patient: bool = False
    ) -> executor_pb2.GradeResponse:
        with _counted(request.WhichOneof("test") or "no_test") as ended:
            expected = await self._references.expected(request, patient=patient)
            message = grade_requests.grade_message(request, expected)
            response = requests.grade_response(await self._executor.run(message, patient=patient))
            ended(executor_pb2.Verdict.Name(response.verdict), response.usage)
            return response

    async def _batch(
        self,
        incoming: AsyncIterator[RequestT],
        answer: Callable[[RequestT], Awaitable[ResponseT]],
    ) -> AsyncIterator[ResponseT]:
        """Answers requests as they finish.

        Each of a bounded number of workers reads the next request only when its last answer was
        taken by the stream, which a slow reader makes wait.
        """
        answers: asyncio.Queue[ResponseT | _End] = asyncio.Queue(1)
        reading = asyncio.Lock()

        async def work() -> None:
            try:
                while True:
                    async with reading:
                        request = await anext(incoming)
                    await answers.put(await answer(request))
            except StopAsyncIteration:
                await answers.put(_End(None))
            except Exception as error:  # Raised again by the stream.
                await answers.put(_End(error))

        workers = [asyncio.create_task(work()) for _ in range(2 * self._executor.slots + 2)]
        try:
            left = len(workers)
            while left:
                response = await answers.get()
                if not isinstance(response, _End):
                    yield response
                elif response.error is not None:
                    raise response.error
                else:
                    left -= 1
        finally:
            for worker in workers:
                worker.cancel()


class _End(NamedTuple):
    """A worker of a batch has no more to do."""

    error: Exception | None


@contextmanager
def _counted(kind: str) -> Iterator[Callable[[str, executor_pb2.Usage], None]]:
    """Counts a request by how it ends; what it yields takes the outcome or verdict, and the use."""
    result = "cancelled"

    def ended(name: str, usage: executor_pb2.Usage) -> None:
        nonlocal result
        result = name.partition("_")[2].lower()
        cpu_seconds = usage.cpu_time.seconds + usage.cpu_time.nanos / 1e9
        metrics.CPU_SECONDS.labels(kind).observe(cpu_seconds)

    try:
        yield ended
    except RlvfError as error:
        result = error.code.name.lower()
        raise
    except Exception:
        result = "internal"
        raise
    finally:
        metrics.EXECUTIONS.labels(kind, result).inc()
