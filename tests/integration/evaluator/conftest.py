"""The real evaluator, with a real executor and real object storage behind it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack
from typing import Protocol, TypeAlias

import grpc
import pytest

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import ArtifactStore
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

from ...conftest import StackThread

Stub: TypeAlias = "evaluator_pb2_grpc.EvaluatorServiceAsyncStub"


@pytest.fixture(scope="session")
def evaluator_address(stack: StackThread) -> str:
    """`host:port` of the evaluator."""
    stack.ensure("storage", "executor")
    return stack.address("evaluator")


@pytest.fixture
async def channel(evaluator_address: str) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to the evaluator."""
    async with open_channel(evaluator_address) as channel:
        yield channel


@pytest.fixture
def evaluator(channel: grpc.aio.Channel) -> Stub:
    """A client of the evaluator."""
    return evaluator_pb2_grpc.EvaluatorServiceStub(channel)


class Scored:
    """What a call of `Score` answered."""

    def __init__(self) -> None:
        self.results: dict[tuple[str, int], evaluator_pb2.TaskResult] = {}
        self.summaries: list[evaluator_pb2.ScoreSummary] = []

    def passed(self, sample: int) -> int:
        """How many tasks passed with their answer of this number."""
        return sum(
            result.verdict == "passed"
            for (_, number), result in self.results.items()
            if number == sample
        )


class Score(Protocol):
    """Scores samples; raises `grpc.RpcError` as the call does."""

    async def __call__(
        self, samples: Iterable[evaluator_pb2.Sample], *, benchmark: str = "humaneval"
    ) -> Scored: ...


def scored_by(address: str, requests: Iterable[evaluator_pb2.ScoreRequest]) -> Scored:
    """One call of `Score` by the blocking stub, as the SDK makes it.

    The stub of `grpc.aio` says INTERNAL where the server refuses a stream that is being written
    (grpc issue 36066).
    """
    scored = Scored()
    with grpc.insecure_channel(address) as channel:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
        for response in stub.Score(iter(requests), timeout=300):
            if response.WhichOneof("message") == "summary":
                scored.summaries.append(response.summary)
            else:
                result = response.result
                assert (result.task_id, result.sample) not in scored.results
                scored.results[result.task_id, result.sample] = result
    return scored


@pytest.fixture
def score(evaluator_address: str) -> Score:
    """One call of `Score` from header to summary."""

    async def call(
        samples: Iterable[evaluator_pb2.Sample], *, benchmark: str = "humaneval"
    ) -> Scored:
        def requests() -> Iterator[evaluator_pb2.ScoreRequest]:
            header = evaluator_pb2.ScoreHeader(benchmark=benchmark)
            yield evaluator_pb2.ScoreRequest(header=header)
            for sample in samples:
                yield evaluator_pb2.ScoreRequest(sample=sample)

        return await asyncio.to_thread(scored_by, evaluator_address, requests())

    return call


@pytest.fixture(scope="session")
def counted_executor() -> Iterator[ExecutorProcess]:
    """An executor of its own, whose gradings are counted and whose log names every caller."""
    with ExecutorProcess(metrics_listen="127.0.0.1:0", log_level="debug") as process:
        yield process


class StartReplica(Protocol):
    """Starts an evaluator that shares object storage and an executor with the others."""

    def __call__(self, **settings: object) -> EvaluatorProcess: ...


@pytest.fixture(scope="session")
def replica_storage(storage_settings: StorageSettings) -> StorageSettings:
    """A bucket of their own, in which the stack's evaluator takes up no operation."""
    return storage_settings.model_copy(update={"s3_bucket": "replicas"})


@pytest.fixture(scope="session")
def replica_store(replica_storage: StorageSettings) -> ArtifactStore:
    """Artifacts in it."""
    return ArtifactStore.connect(replica_storage)


@pytest.fixture
def start_replica(
    replica_storage: StorageSettings, counted_executor: ExecutorProcess
) -> Iterator[StartReplica]:
    """Evaluators of one test; they are killed at its end."""
    with ExitStack() as started:

        def start(**settings: object) -> EvaluatorProcess:
            process = EvaluatorProcess(
                **replica_storage.model_dump(),
                executor_address=counted_executor.address,
                **settings,
            )
            return started.enter_context(process)

        yield start
