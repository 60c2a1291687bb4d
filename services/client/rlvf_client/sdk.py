"""The SDK: calls to the evaluator for teams that only want a score. Needs grpcio and protobuf,
nothing else."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType

import grpc

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc

_STREAM_SECONDS = 24 * 3600.0
_CALL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Score:
    """What came of scoring. `verdicts` are by (task id, sample)."""

    benchmark: str
    tasks: int
    samples: int
    passed: int
    pass_at_1: float
    ci95: tuple[float, float]
    verdicts: Mapping[tuple[str, int], str]


class Evaluator:
    """An evaluator service, as a context manager.

    `address` is `host:port`. With `ca`, a PEM bundle, it speaks TLS. All methods raise
    grpc.RpcError with the codes that `rlvf/evaluator/v1/evaluator.proto` documents.
    """

    def __init__(self, address: str, *, token: str = "", ca: bytes | None = None) -> None:
        if ca is None:
            self._channel = grpc.insecure_channel(address)
        else:
            self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca))
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._channel)

    def __enter__(self) -> "Evaluator":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._channel.close()

    def benchmarks(self) -> list[str]:
        """Names of the benchmarks that can be scored."""
        response = self._stub.ListBenchmarks(
            evaluator_pb2.ListBenchmarksRequest(), timeout=_CALL_SECONDS, metadata=self._metadata
        )
        return [benchmark.name for benchmark in response.benchmarks]

    def score(self, benchmark: str, samples: Iterable[Mapping[str, str]]) -> Score:
        """Grade samples with `task_id` and `completion` (or `solution`, a whole program).

        Several samples of one task are numbered in their order.
        """
        verdicts: dict[tuple[str, int], str] = {}
        for response in self.stream(benchmark, _numbered(samples)):
            if response.HasField("result"):
                verdicts[response.result.task_id, response.result.sample] = response.result.verdict
            else:
                summary = response.summary
        return Score(
            summary.benchmark,
            summary.tasks,
            summary.samples,
            summary.passed,
            summary.pass_at_1,
            (summary.ci95.low, summary.ci95.high),
            verdicts,
        )

    def stream(
        self, benchmark: str, samples: Iterable[evaluator_pb2.Sample]
    ) -> Iterator[evaluator_pb2.ScoreResponse]:
        """Grade samples as they come; verdicts in any order, and a summary at the end.

        Memory is flat in the number of samples, here and in the service.
        """
        responses: Iterator[evaluator_pb2.ScoreResponse] = self._stub.Score(
            _requests(benchmark, samples), timeout=_STREAM_SECONDS, metadata=self._metadata
        )
        return responses


def _requests(
    benchmark: str, samples: Iterable[evaluator_pb2.Sample]
) -> Iterator[evaluator_pb2.ScoreRequest]:
    yield evaluator_pb2.ScoreRequest(header=evaluator_pb2.ScoreHeader(benchmark=benchmark))
    for sample in samples:
        yield evaluator_pb2.ScoreRequest(sample=sample)


def _numbered(samples: Iterable[Mapping[str, str]]) -> Iterator[evaluator_pb2.Sample]:
    numbers: dict[str, int] = {}
    for record in samples:
        task_id = record["task_id"]
        number = numbers[task_id] = numbers.get(task_id, -1) + 1
        answer = {key: record[key] for key in ("completion", "solution") if key in record}
        yield evaluator_pb2.Sample(task_id=task_id, sample=number, **answer)
