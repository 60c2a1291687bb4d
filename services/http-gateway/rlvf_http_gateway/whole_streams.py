"""Calls streams of evaluator and executor as one request and one response (http_gateway.proto)."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.message import Message

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf.http_gateway.v1 import http_gateway_pb2
from rlvf_common.rpc.channels import CALLER_KEY, REQUEST_ID_KEY
from rlvf_common.rpc.context import caller, request_id
from rlvf_common.rpc.in_flight import InFlight
from rlvf_common.rpc.tracing import trace_headers
from rlvf_http_gateway.calls import Context, authorization, remaining_seconds

__all__ = ["WholeStreams"]

_MAX_STREAMS = 256
"""Maximum number of concurrent streams, each in a thread; further ones get RESOURCE_EXHAUSTED."""
_MAX_ITEMS = 100
"""Maximum number of items in one message of a batch."""


class WholeStreams:
    """The methods of `HttpGatewayService`, with blocking channels to the services."""

    def __init__(self, evaluator: grpc.Channel, executor: grpc.Channel) -> None:
        self._evaluator = evaluator_pb2_grpc.EvaluatorServiceStub(evaluator)
        self._executor = executor_pb2_grpc.ExecutorServiceStub(executor)
        self._streams = InFlight("streams")
        self._threads = ThreadPoolExecutor(_MAX_STREAMS, thread_name_prefix="stream")

    async def score(
        self, request: http_gateway_pb2.ScoreRequest, context: Context
    ) -> http_gateway_pb2.ScoreResponse:
        """See http_gateway.proto."""
        request.header.samples = request.header.samples or len(request.samples)
        messages = [
            evaluator_pb2.ScoreRequest(header=request.header),
            *(evaluator_pb2.ScoreRequest(sample=sample) for sample in request.samples),
        ]
        response = http_gateway_pb2.ScoreResponse()
        for answer in await self._answers(self._evaluator.Score, messages, context):
            match answer.WhichOneof("message"):
                case "result":
                    response.results.append(answer.result)
                case "invalid":
                    response.invalid.append(answer.invalid)
                case "summary":
                    response.summary.CopyFrom(answer.summary)
        return response

    async def grade(
        self, request: http_gateway_pb2.GradeRequest, context: Context
    ) -> http_gateway_pb2.GradeResponse:
        """See http_gateway.proto."""
        messages = _batches(executor_pb2.GradeBatchRequest, request.items)
        response = http_gateway_pb2.GradeResponse()
        await self._gather(self._executor.GradeBatch, messages, response, context)
        return response

    async def execute(
        self, request: http_gateway_pb2.ExecuteRequest, context: Context
    ) -> http_gateway_pb2.ExecuteResponse:
        """See http_gateway.proto."""
        messages = _batches(executor_pb2.ExecuteBatchRequest, request.items)
        response = http_gateway_pb2.ExecuteResponse()
        await self._gather(self._executor.ExecuteBatch, messages, response, context)
        return response

    async def _gather(
        self, method: Any, messages: Iterable[Message], response: Any, context: Context
    ) -> None:
        """Add the answers of a stream of batches to `response`; raises as `_answers`."""
        for answer in await self._answers(method, messages, context):
            response.items.extend(answer.items)
            response.executor.MergeFrom(answer.executor)

    async def _answers(
        self, method: Any, messages: Iterable[Message], context: Context
    ) -> list[Any]:
        """All answers of a stream.

        Raises:
            grpc.RpcError: it failed.
            ResourceExhausted: too many streams are open.
        """
        metadata = [
            *authorization(context.request_headers),
            (REQUEST_ID_KEY, request_id.get()),
            (CALLER_KEY, caller.get()),
            *trace_headers().items(),
        ]
        with self._streams.counted("the HTTP gateway", _MAX_STREAMS):
            stream = method(iter(messages), timeout=remaining_seconds(), metadata=metadata)
            try:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, list, stream)
            finally:
                # It has no effect on a stream that has ended.
                stream.cancel()


def _batches(kind: Callable[..., Message], items: Sequence[Message]) -> Iterator[Message]:
    """Messages of a batch, with the items in their order."""
    for start in range(0, len(items), _MAX_ITEMS):
        yield kind(items=items[start : start + _MAX_ITEMS])
