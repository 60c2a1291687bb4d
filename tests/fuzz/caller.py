"""Calls all methods of running services with random messages, and says what must not happen.

A call must end by its deadline, and never with INTERNAL or UNKNOWN; an operation neither.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from rlvf.artifact.v1 import artifact_pb2, artifact_pb2_grpc
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf.version.v1 import version_pb2

from .generator import contents, random_message, wire

__all__ = ["Findings", "defects", "fuzz"]

_SERVICES: Mapping[str, Sequence[ServiceDescriptor]] = {
    name: [
        *(module.DESCRIPTOR.services_by_name.values()),
        version_pb2.DESCRIPTOR.services_by_name["VersionService"],
        *others,
    ]
    for name, module, others in (
        (
            "evaluator",
            evaluator_pb2,
            [
                artifact_pb2.DESCRIPTOR.services_by_name["ArtifactService"],
                operations_pb2.DESCRIPTOR.services_by_name["Operations"],
            ],
        ),
        ("executor", executor_pb2, []),
        (
            "pair-generator",
            pair_generator_pb2,
            [operations_pb2.DESCRIPTOR.services_by_name["Operations"]],
        ),
        ("trainer", trainer_pb2, [operations_pb2.DESCRIPTOR.services_by_name["Operations"]]),
        ("reporter", reporter_pb2, []),
    )
}
_DEFECTS = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
_DEADLINES = (0.2, 2.0, 5.0)
_GRACE_SECONDS = 5.0
_AT_ONCE = 8
_ARTIFACTS = 40


@dataclass
class Findings:
    """What came of the requests."""

    statuses: Counter[str] = field(default_factory=Counter)
    """Calls by status."""
    defects: list[str] = field(default_factory=list)
    """What must not happen, each with the number that repeats it."""
    operations: list[tuple[str, str]] = field(default_factory=list)
    """Service and name of the operations that were started."""


def fuzz(
    addresses: Mapping[str, str], seed: int, numbers: Iterable[int], *, until: float | None = None
) -> Findings:
    """Send the requests of these numbers, each determined by the seed and its number, to the
    services at `addresses`; those after `until`, by `time.monotonic`, are left out."""
    findings = Findings()
    with ExitStack() as stack:
        channels = {
            name: stack.enter_context(grpc.insecure_channel(address))
            for name, address in addresses.items()
        }
        artifacts = list(_uploaded(channels["evaluator"], Random(seed)))
        targets = [
            (name, service, method)
            for name in sorted(addresses)
            for service in _SERVICES[name]
            for method in service.methods
        ]

        def one(number: int) -> None:
            if until is not None and time.monotonic() > until:
                return
            random = Random(f"{seed}/{number}")
            name, service, method = targets[number % len(targets)]
            path = f"/{service.full_name}/{method.name}"
            ended = _call(random, channels[name], path, method, artifacts)
            findings.statuses[ended.status.name] += 1
            if ended.status in _DEFECTS:
                findings.defects.append(f"{number}: {path}: {ended.status.name}: {ended.details}")
            if ended.late:
                findings.defects.append(f"{number}: {path}: ended {ended.late:.1f} s too late")
            if ended.operation:
                findings.operations.append((name, ended.operation))

        pool = stack.enter_context(ThreadPoolExecutor(_AT_ONCE))
        list(pool.map(one, numbers))
        for name, operation in findings.operations:
            findings.defects += _defect_of(channels[name], name, operation)
    return findings


def defects(log: Path, since: int = 0) -> list[str]:
    """The tracebacks in a service's log, from a byte on."""
    with log.open("rb") as file:
        file.seek(since)
        lines = file.read().decode(errors="replace").splitlines()
    return [line[:2_000] for line in lines if "Traceback" in line or '"defect' in line]


@dataclass
class _Ended:
    status: grpc.StatusCode
    details: str
    late: float
    operation: str


def _call(
    random: Random,
    channel: grpc.Channel,
    path: str,
    method: MethodDescriptor,
    artifacts: Sequence[artifact_pb2.ArtifactRef],
) -> _Ended:
    """One call: messages of the method's type, or bytes, sent in any number, cut anywhere."""
    usual = random.randrange(1, 5) if method.client_streaming else 1
    count = random.choice((usual, usual, usual, usual, 0, 2))
    plausible = random.random() < 0.5
    messages = [
        wire(random, random_message(random, method.input_type, artifacts, plausible=plausible))
        for _ in range(count)
    ]
    seconds = random.choice(_DEADLINES)
    metadata = (("x-request-id", "r" * random.randrange(1, 200)), ("x-rlvf-caller", "c" * 300))
    cut_after = random.randrange(3) if random.random() < 0.1 else None
    compression = random.choice((grpc.Compression.NoCompression, grpc.Compression.Gzip))
    started = time.monotonic()
    answers: list[bytes] = []
    open_call: Any = channel.stream_stream(path)  # Of bytes, as they are.
    call = open_call(iter(messages), timeout=seconds, metadata=metadata, compression=compression)
    try:
        if cut_after is not None:
            for _, answer in zip(range(cut_after), call, strict=False):
                answers.append(answer)
            call.cancel()
        answers.extend(call)
        status, details = grpc.StatusCode.OK, ""
    except grpc.RpcError:
        status, details = call.code(), str(call.details())
    late = max(0.0, time.monotonic() - started - seconds - _GRACE_SECONDS)
    operation = ""
    if status is grpc.StatusCode.OK and method.output_type.name == "Operation" and answers:
        operation = operations_pb2.Operation.FromString(answers[0]).name
    return _Ended(status, details, late, operation)


def _uploaded(channel: grpc.Channel, random: Random) -> Iterator[artifact_pb2.ArtifactRef]:
    stub = artifact_pb2_grpc.ArtifactServiceStub(channel)
    for data, media_type in contents(random, _ARTIFACTS):
        header = artifact_pb2.UploadHeader(media_type=media_type)
        requests = [
            artifact_pb2.UploadArtifactRequest(header=header),
            artifact_pb2.UploadArtifactRequest(chunk=data),
        ]
        yield stub.UploadArtifact(iter(requests), timeout=30).artifact


def _defect_of(channel: grpc.Channel, service: str, name: str) -> list[str]:
    """Why an operation failed, if it is a defect; one that still runs is cancelled."""
    stub = operations_pb2_grpc.OperationsStub(channel)
    try:
        found = stub.WaitOperation(
            operations_pb2.WaitOperationRequest(name=name, timeout={"seconds": 5}), timeout=10
        )
        if not found.done:
            stub.CancelOperation(operations_pb2.CancelOperationRequest(name=name), timeout=10)
    except grpc.RpcError as error:
        # Another request has deleted it.
        return [] if error.code() is grpc.StatusCode.NOT_FOUND else [f"{service} {name}: {error}"]
    codes = {code.value[0] for code in _DEFECTS}
    if found.error.code in codes:
        return [f"{service} {name}: {json.dumps(found.error.message)}"]
    return []
