"""Calls streams of evaluator and executor as one request and one response (http_gateway.proto)."""

import asyncio
import hashlib
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
from rlvf_common.rpc.validation import require
from rlvf_http_gateway.answer_memory import holding
from rlvf_http_gateway.calls import Context, authorization, remaining_seconds

__all__ = ["WholeStreams"]

_MAX_STREAMS = 1_024
"""Maximum number of concurrent streams, each in a thread; further ones get RESOURCE_EXHAUSTED."""
_MAX_STREAMS_OF_A_CALLER = 256
"""The same of one token or, of requests without a token, of one host."""
_MAX_ANSWER_BYTES = 40 << 20
"""Maximum size of the answers to one request. One program has at most 32 MiB of output."""
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

        def add(answer: evaluator_pb2.ScoreResponse) -> None:
            match answer.WhichOneof("message"):
                case "result":
                    response.results.append(answer.result)
                case "invalid":
                    response.invalid.append(answer.invalid)
                case "summary":
                    response.summary.CopyFrom(answer.summary)

        remedy = "send fewer samples in a request"
        await self._gather(self._evaluator.Score, messages, add, context, "samples", remedy)
        return response

    async def grade(
        self, request: http_gateway_pb2.GradeRequest, context: Context
    ) -> http_gateway_pb2.GradeResponse:
        """See http_gateway.proto."""
        messages = _batches(executor_pb2.GradeBatchRequest, request.items)
        response = http_gateway_pb2.GradeResponse()
        remedy = "send fewer items in a request"
        await self._gather(
            self._executor.GradeBatch, messages, _adder(response), context, "items", remedy
        )
        return response

    async def execute(
        self, request: http_gateway_pb2.ExecuteRequest, context: Context
    ) -> http_gateway_pb2.ExecuteResponse:
        """See http_gateway.proto."""
        messages = _batches(executor_pb2.ExecuteBatchRequest, request.items)
        response = http_gateway_pb2.ExecuteResponse()
        remedy = "send fewer items in a request, or a smaller limits.output_bytes"
        await self._gather(
            self._executor.ExecuteBatch, messages, _adder(response), context, "items", remedy
        )
        return response

    async def _gather(
        self,
        method: Any,
        messages: Iterable[Message],
        add: Callable[[Any], None],
        context: Context,
        field: str,
        remedy: str,
    ) -> None:
        """Call `add`, in a thread, with every answer of a stream.

        Raises:
            grpc.RpcError: it failed.
            ResourceExhausted: too many streams are open.
            InvalidArgument: the answers are too large; with `field` and `remedy`.
            Unavailable: all answers in memory are.
        """
        metadata = [
            *authorization(context.request_headers),
            (REQUEST_ID_KEY, request_id.get()),
            (CALLER_KEY, caller.get()),
            *trace_headers().items(),
        ]
        mine = holding.get()

        def read(stream: Iterable[Message]) -> None:
            too_large = f"the answers have more than {_MAX_ANSWER_BYTES:,} bytes; {remedy}"
            total = 0
            for answer in stream:
                size = answer.ByteSize()
                total += size
                require(total <= _MAX_ANSWER_BYTES, field, too_large)
                mine.add(size)
                add(answer)

        with (
            self._streams.counted("the HTTP gateway", _MAX_STREAMS),
            self._streams.counted(_who(context), _MAX_STREAMS_OF_A_CALLER),
        ):
            stream = method(iter(messages), timeout=remaining_seconds(), metadata=metadata)
            try:
                await asyncio.get_running_loop().run_in_executor(self._threads, read, stream)
            finally:
                # It has no effect on a stream that has ended.
                stream.cancel()


def _who(context: Context) -> str:
    """Whose stream it is: the token's, by a digest, or the host's."""
    for _, given in authorization(context.request_headers):
        token = given.partition(" ")[2].strip()
        return f"the token with the SHA-256 {hashlib.sha256(token.encode()).hexdigest()[:8]}..."
    return f"the host {(context.client_address or '').rpartition(':')[0]}"


def _adder(response: Any) -> Callable[[Any], None]:
    """A function that adds an answer of a batch to `response`."""

    def add(answer: Any) -> None:
        response.items.extend(answer.items)
        response.executor.MergeFrom(answer.executor)

    return add


def _batches(kind: Callable[..., Message], items: Sequence[Message]) -> Iterator[Message]:
    """Messages of a batch, with the items in their order."""
    for start in range(0, len(items), _MAX_ITEMS):
        yield kind(items=items[start : start + _MAX_ITEMS])
