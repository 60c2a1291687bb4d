"""Traces by OpenTelemetry: a span for each call that a service answers, each operation that it
runs, and each program of a batch.

They are exported where OpenTelemetry's own variables name a collector, for example
`OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318`; its other variables hold too. A call continues
the trace that its caller names (W3C's `traceparent`). Otherwise the trace's id follows from the
request id, so that all work of one request is one trace: in every service, and in operations that
go on after the call, or on another replica.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from rlvf_common.rpc.context import caller, request_id

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import IdGenerator

__all__ = ["SetAttribute", "configure_tracing", "flush_traces", "span", "trace_headers"]

SetAttribute: TypeAlias = Callable[[str, str], None]
"""Takes the name of an attribute of a span, and its value."""

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_TRACE_ID_BYTES = 16

_provider: "TracerProvider | None" = None


def configure_tracing(service: str) -> None:
    """Export the spans of this process as those of `rlvf-SERVICE`, where a collector is named."""
    global _provider
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        return
    # Here, because they take a fifth of a second, and most processes have no collector.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": f"rlvf-{service.replace('_', '-')}"})
    _provider = TracerProvider(resource=resource, id_generator=_id_generator())
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))


def flush_traces() -> None:
    """Export what is not exported yet; blocks."""
    if _provider is not None:
        _provider.force_flush()


@contextmanager
def span(
    name: str, headers: Mapping[str, Any] | None = None, *, is_call: bool = False
) -> Iterator[SetAttribute]:
    """A span of what the block does. It is a part of the one that `headers` name, and else begins
    the trace of the request; without `headers` it is a part of the current one. An exception marks
    it as failed."""
    if _provider is None:
        yield lambda name, value: None
        return
    from opentelemetry.context import Context
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    with _provider.get_tracer("rlvf").start_as_current_span(
        name,
        context=None if headers is None else extract(headers, Context()),
        kind=SpanKind.SERVER if is_call else SpanKind.INTERNAL,
        attributes={"rlvf.request_id": request_id.get(), "rlvf.caller": caller.get()},
    ) as current:
        yield current.set_attribute


def trace_headers() -> dict[str, str]:
    """What tells another service the current span; empty where there is none."""
    headers: dict[str, str] = {}
    if _provider is not None:
        from opentelemetry.propagate import inject

        inject(headers)
    return headers


def _id_generator() -> "IdGenerator":
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class RequestIds(RandomIdGenerator):
        """The ids of traces are those of their requests."""

        def generate_trace_id(self) -> int:
            if not (current := request_id.get()):
                return super().generate_trace_id()
            digest = hashlib.sha256(current.encode()).digest()
            return int.from_bytes(digest[:_TRACE_ID_BYTES], "big")

    return RequestIds()
