"""The server's gRPC service: checks requests, runs them, converts the answers."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Protocol, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import RlvfError, Unavailable, to_status
from rlvf_common.rpc.context import (
    MAX_CALLER_CHARACTERS,
    MAX_REQUEST_ID_CHARACTERS,
    caller,
    principal,
    request_id,
)
from rlvf_common.rpc.in_flight import InHand
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tracing import span
from rlvf_executor.contract import policy
from rlvf_executor.server import batch, grade_jobs, jobs, metrics
from rlvf_executor.server.executor import Executor
from rlvf_executor.server.expected_values import References

log = logging.getLogger(__name__)

_Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"

SERVICE_NAME = executor_pb2.DESCRIPTOR.services_by_name["ExecutorService"].full_name


AnswerT = TypeVar(
    "AnswerT", executor_pb2.ExecuteBatchResponse.Item, executor_pb2.GradeBatchResponse.Item
)


class _Item(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def caller(self) -> str: ...

    @property
    def request_id(self) -> str: ...

    @property
    def traceparent(self) -> str: ...


ItemT = TypeVar("ItemT", bound=_Item)
ItemT_co = TypeVar("ItemT_co", covariant=True)


class _BatchRequest(Protocol[ItemT_co]):
    @property
    def items(self) -> Sequence[ItemT_co]: ...

    @property
    def cancelled(self) -> Sequence[str]: ...

    def ByteSize(self) -> int: ...


# Bytes of a caller's messages whose programs are not done: four of the maximum size. A further
# message of a stream waits; a team's further call is refused.
_IN_HAND_BYTES = 256 * policy.MIB


class ExecutorServicer(executor_pb2_grpc.ExecutorServiceServicer):
    """Serves an `Executor`, which is ready once all its canaries were stopped."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._references = References(executor.run)
        self._in_hand = InHand(_IN_HAND_BYTES)

    async def Execute(
        self, request: executor_pb2.ExecuteRequest, context: _Context
    ) -> executor_pb2.ExecuteResponse:
        with self._counted_message(request):
            return await self._execute(request)

    async def Grade(
        self, request: executor_pb2.GradeRequest, context: _Context
    ) -> executor_pb2.GradeResponse:
        with self._counted_message(request):
            return await self._grade(request)

    async def ExecuteBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.ExecuteBatchRequest],
        context: _Context,
    ) -> AsyncIterator[executor_pb2.ExecuteBatchResponse]:
        async def answer(
            item: executor_pb2.ExecuteBatchRequest.Item,
        ) -> executor_pb2.ExecuteBatchResponse.Item:
            return executor_pb2.ExecuteBatchResponse.Item(
                id=item.id, response=await self._execute(item.request, patient=True)
            )

        yield executor_pb2.ExecuteBatchResponse(executor=self._executor.identity())
        kind = executor_pb2.ExecuteBatchResponse.Item
        async for items in self._batch(request_iterator, answer, kind):
            yield executor_pb2.ExecuteBatchResponse(items=items)

    async def GradeBatch(
        self,
        request_iterator: AsyncIterator[executor_pb2.GradeBatchRequest],
        context: _Context,
    ) -> AsyncIterator[executor_pb2.GradeBatchResponse]:
        async def answer(
            item: executor_pb2.GradeBatchRequest.Item,
        ) -> executor_pb2.GradeBatchResponse.Item:
            return executor_pb2.GradeBatchResponse.Item(
                id=item.id, response=await self._grade(item.request, patient=True)
            )

        yield executor_pb2.GradeBatchResponse(executor=self._executor.identity())
        kind = executor_pb2.GradeBatchResponse.Item
        async for items in self._batch(request_iterator, answer, kind):
            yield executor_pb2.GradeBatchResponse(items=items)

    async def GetCapabilities(
        self,
        request: executor_pb2.GetCapabilitiesRequest,
        context: _Context,
    ) -> executor_pb2.GetCapabilitiesResponse:
        if self._executor.capabilities is None:
            raise Unavailable("the executor is starting")
        return self._executor.capabilities

    def _counted_message(self, request: Message) -> AbstractContextManager[None]:
        """Counts the message of a call. Raises ResourceExhausted."""
        who = principal.get()
        return self._in_hand.counted(who.name, request.ByteSize(), bounded=who.is_team)

    async def _execute(
        self, request: executor_pb2.ExecuteRequest, *, patient: bool = False
    ) -> executor_pb2.ExecuteResponse:
        with _counted("execute") as ended:
            message = jobs.execute_message(request)
            response = jobs.execute_response(await self._executor.run(message, patient=patient))
            ended(executor_pb2.Outcome.Name(response.outcome), response.usage)
            return response

    async def _grade(
        self, request: executor_pb2.GradeRequest, *, patient: bool = False
    ) -> executor_pb2.GradeResponse:
        with _counted(request.WhichOneof("test") or "no_test") as ended:
            expected = await self._references.expected(request, patient=patient)
            message = grade_jobs.grade_message(request, expected)
            answer = await self._executor.run(message, patient=patient)
            response = jobs.grade_response(answer, self._executor.identity())
            ended(executor_pb2.Verdict.Name(response.verdict), response.usage)
            return response

    def _batch(
        self,
        incoming: AsyncIterator[_BatchRequest[ItemT]],
        answer: Callable[[ItemT], Awaitable[AnswerT]],
        kind: type[AnswerT],
    ) -> AsyncIterator[list[AnswerT]]:
        """The answers to all items, of type `kind`: the result of `answer`, or its error."""
        own, own_id, who = caller.get(), request_id.get(), principal.get().name

        async def batches() -> AsyncIterator[batch.Batch[ItemT]]:
            async for message in incoming:
                jobs.require_batch_size(len(message.items), len(message.cancelled))
                # What only cancels need not wait for what it cancels.
                size = message.ByteSize() if message.items else 0
                if size:
                    await self._in_hand.take(who, size)
                done = partial(self._in_hand.give_back, who, size)
                taken = [batch.Batch(message.items, message.cancelled, done)]
                # Nothing here keeps it in memory until the next one comes.
                del message
                yield taken.pop()

        async def answer_or_error(item: ItemT) -> AnswerT:
            try:
                jobs.require_batch_id(item.id)
                caller.set(_caller_of(item.caller, own))
                request_id.set(item.request_id[:MAX_REQUEST_ID_CHARACTERS] or own_id)
                with span("program", {"traceparent": item.traceparent}):
                    return await answer(item)
            except RlvfError as error:
                return kind(id=item.id, error=to_status(error))

        return batch.answered(
            batches(),
            answer_or_error,
            name=lambda item: item.id,
            at_once=2 * self._executor.slots + 2,
            size=lambda one: one.ByteSize(),
        )


def _caller_of(said: str, own: str) -> str:
    """The caller of an item of a batch; `own` is the stream's caller."""
    return said[:MAX_CALLER_CHARACTERS] if said and not principal.get().is_team else own


@contextmanager
def _counted(kind: str) -> Iterator[Callable[[str, executor_pb2.Usage], None]]:
    """Counts a request by its result. Yields a function that takes the outcome or verdict, and the
    usage."""
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
        if log.isEnabledFor(logging.DEBUG):
            log.debug("work", extra=fields(kind=kind, result=result, caller=caller.get()))
