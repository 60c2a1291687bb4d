"""The gRPC service: checks, runs, converts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message as ProtoMessage

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_common.errors import RlvfError, Unavailable, to_status
from rlvf_executor import grading, requests
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
        self._references = References(lambda message: executor.run(message, patient=True))

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
        message = requests.execute_message(request)
        return requests.execute_response(await self._executor.run(message, patient=patient))

    async def _grade(
        self, request: executor_pb2.GradeRequest, *, patient: bool = False
    ) -> executor_pb2.GradeResponse:
        expected = await self._references.expected(request)
        message = grading.grade_message(request, expected)
        return requests.grade_response(await self._executor.run(message, patient=patient))

    async def _batch(
        self,
        incoming: AsyncIterator[RequestT],
        answer: Callable[[RequestT], Awaitable[ResponseT]],
    ) -> AsyncIterator[ResponseT]:
        """Answers requests as they finish, with a bounded number taken in and not yet answered."""
        most = 2 * self._executor.slots + 2
        ended = False
        running: set[asyncio.Future[ResponseT]] = set()
        reading: asyncio.Future[RequestT] | None = None
        try:
            while running or not ended:
                if reading is None and not ended and len(running) < most:
                    reading = asyncio.ensure_future(anext(incoming))
                waiting: set[asyncio.Future[object]] = {*running, *([reading] if reading else [])}  # type: ignore[arg-type]
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if reading is not None and reading.done():
                    try:
                        running.add(asyncio.ensure_future(answer(reading.result())))
                    except StopAsyncIteration:
                        ended = True
                    reading = None
                for done in [task for task in running if task.done()]:
                    running.discard(done)
                    yield done.result()
        finally:
            for task in running:
                task.cancel()
            if reading is not None:
                reading.cancel()
