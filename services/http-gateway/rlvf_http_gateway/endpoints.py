"""The table of endpoints: a path for each method of evaluator and executor that is no stream, found
in the descriptors, and a few of the gateway's own."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple

import grpc
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.server import Endpoint
from google.longrunning import operations_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf.http_gateway.v1 import http_gateway_pb2
from rlvf_http_gateway.answer_memory import holding
from rlvf_http_gateway.calls import Context, answered, authorization
from rlvf_http_gateway.sandbox_fusion import METHODS, SandboxFusion
from rlvf_http_gateway.whole_streams import WholeStreams

__all__ = ["FORWARDED", "OWN", "Backends", "endpoints", "path_of", "stream_paths", "unary_methods"]

FORWARDED: Mapping[str, tuple[ServiceDescriptor, ...]] = {
    "evaluator": (
        evaluator_pb2.DESCRIPTOR.services_by_name["EvaluatorService"],
        operations_pb2.DESCRIPTOR.services_by_name["Operations"],
    ),
    "executor": (executor_pb2.DESCRIPTOR.services_by_name["ExecutorService"],),
}
"""The services whose methods are forwarded, by the field of `Backends`."""

OWN = http_gateway_pb2.DESCRIPTOR.services_by_name["HttpGatewayService"]
"""The service that the gateway serves itself."""

_Function = Callable[[Any, Context], Awaitable[Any]]


class Backends(NamedTuple):
    """Channels to the services behind the gateway."""

    evaluator: grpc.aio.Channel
    executor: grpc.aio.Channel


def endpoints(backends: Backends, streams: WholeStreams) -> dict[str, Endpoint[Any, Any]]:
    """All endpoints by their paths."""
    table: dict[str, Endpoint[Any, Any]] = {}
    for name, services in FORWARDED.items():
        for method in unary_methods(*services):
            forward = _forward(getattr(backends, name), method)
            table[path_of(method)] = _endpoint(method, forward)
    for method in unary_methods(OWN):
        table[path_of(method)] = _endpoint(method, getattr(streams, method.name.lower()))
    fusion = SandboxFusion(backends.executor, streams)
    for name, (request, response) in METHODS.items():
        info = _info(name, "SandboxFusion", request, response)
        table[f"/{name}"] = Endpoint.unary(info, answered(getattr(fusion, name)))
    return table


def unary_methods(*services: ServiceDescriptor) -> Iterator[MethodDescriptor]:
    """The methods that are no streams."""
    for service in services:
        for method in service.methods:
            if not (method.client_streaming or method.server_streaming):
                yield method


def stream_paths() -> set[str]:
    """Paths of the methods that cannot be forwarded."""
    services = [service for group in FORWARDED.values() for service in group]
    unary = {path_of(method) for method in unary_methods(*services)}
    return {path_of(method) for service in services for method in service.methods} - unary


def path_of(method: MethodDescriptor) -> str:
    """The path of a method: that of Connect and gRPC, but a short one for the gateway's own."""
    service = method.containing_service
    if service.full_name == OWN.full_name:
        return f"/v1/{method.name.lower()}"
    return f"/{service.full_name}/{method.name}"


def _forward(channel: grpc.aio.Channel, method: MethodDescriptor) -> _Function:
    # The channel sends the deadline, request id and caller of the context.
    call = channel.unary_unary(
        path_of(method),
        request_serializer=GetMessageClass(method.input_type).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )

    async def forward(request: Any, context: Context) -> Any:
        answer = await call(request, metadata=authorization(context.request_headers))
        holding.get().add(answer.ByteSize())
        return answer

    return forward


def _endpoint(method: MethodDescriptor, function: _Function) -> Endpoint[Any, Any]:
    info = _info(
        method.name,
        method.containing_service.full_name,
        GetMessageClass(method.input_type),
        GetMessageClass(method.output_type),
    )
    return Endpoint.unary(info, answered(function))


def _info(name: str, service: str, request: type, response: type) -> MethodInfo[Any, Any]:
    return MethodInfo(
        name=name,
        service_name=service,
        input=request,
        output=response,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.UNARY,
    )
