"""Traces of a call through two services, at a real collector's address."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from rlvf_client import Evaluator
from rlvf_common.rpc.settings import StorageSettings
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

_PROBLEM = {
    "task_id": "own/1",
    "prompt": 'def double(value):\n    """Twice the value."""\n',
    "entry_point": "double",
    "canonical_solution": "    return value * 2\n",
    "test": {"kind": "cases", "inputs": ["(3,)", "(5,)"], "expected": ["6", "10"]},
}
_SAMPLE = {"task_id": "own/1", "completion": "    return value + value\n"}


class CollectorDouble(ThreadingHTTPServer):
    """Takes spans as an OpenTelemetry collector does, and keeps them by service."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: dict[str, list[Span]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: CollectorDouble

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            data = gzip.decompress(data)
        for resource in ExportTraceServiceRequest.FromString(data).resource_spans:
            [name] = [one for one in resource.resource.attributes if one.key == "service.name"]
            spans = self.server.spans.setdefault(name.value.string_value, [])
            spans += [span for scope in resource.scope_spans for span in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[CollectorDouble]:
    with CollectorDouble() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_call_is_one_trace_and_one_id_down_to_the_verdict(
    collector: CollectorDouble,
    storage_settings: StorageSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    storage = storage_settings.model_copy(update={"s3_bucket": "traces"}).model_dump()
    with (
        ExecutorProcess(log_level="debug") as executor,
        EvaluatorProcess(**storage, executor_address=executor.address) as evaluator,
    ):
        with Evaluator(evaluator.address) as client:
            assert client.score([_PROBLEM], [_SAMPLE]).passed == 1
        assert evaluator.terminate() == 0
    digest = hashlib.sha256(client.request_id.encode()).digest()[:16]
    names = {
        service: [span.name for span in spans if span.trace_id == digest]
        for service, spans in collector.spans.items()
    }
    assert "rlvf.evaluator.v1.EvaluatorService/Score" in names["rlvf-evaluator"]
    # Calibration is of no call.
    assert names["rlvf-executor"].count("program") == 1
    work = [event for event in executor.events if event["event"] == "work"]
    assert [one["result"] for one in work if one["request_id"] == client.request_id] == ["passed"]
