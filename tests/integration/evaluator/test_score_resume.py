"""Score with a request id: nothing that was answered is graded again, whatever broke in between."""

import uuid
from collections.abc import Iterator
from queue import Queue

import grpc
import pytest

from rlvf.evaluator.v1 import evaluator_pb2_grpc
from rlvf.evaluator.v1.evaluator_pb2 import Sample, ScoreHeader, ScoreRequest, TaskResult
from rlvf_api.errors import from_rpc_error
from rlvf_client.sdk import errors
from rlvf_client.sdk.client import Evaluator
from rlvf_common.rollouts.grading_window import MOST_ITEMS
from rlvf_evaluator.benchmarks import BENCHMARKS
from rlvf_evaluator.kept import CHUNK_VERDICTS
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

from .conftest import StartReplica

_PROBLEMS = BENCHMARKS["humaneval"].problems
_SAMPLES = 1_000


def samples(number: int) -> list[Sample]:
    """Right and wrong answers in turn, tasks in turn."""
    tasks = list(_PROBLEMS)
    return [
        Sample(
            task_id=tasks[index % len(tasks)],
            sample=index // len(tasks),
            completion=_PROBLEMS[tasks[index % len(tasks)]].canonical_solution
            if index % 2
            else f"    return {index}\n",
        )
        for index in range(number)
    ]


def gradings(executor: ExecutorProcess) -> int:
    """How many programs the executor has graded."""
    return int(
        sum(
            value
            for name, value in executor.metrics().items()
            if name.startswith("rlvf_executor_executions_total{")
        )
    )


def take_all(answers: Iterator[TaskResult], into: dict[tuple[str, int], TaskResult]) -> None:
    for one in answers:
        into[one.task_id, one.sample] = one


def new_id() -> str:
    return f"test-{uuid.uuid4().hex}"


def score(
    replica: EvaluatorProcess, given: list[Sample], request_id: str
) -> dict[tuple[str, int], TaskResult]:
    """One call to its end; every sample has one verdict, and the summary counts each once."""
    results: dict[tuple[str, int], TaskResult] = {}
    summaries = []
    with Evaluator(replica.address) as client:
        for response in client.stream("humaneval", given, request_id=request_id):
            if response.HasField("summary"):
                summaries.append(response.summary)
                continue
            key = (response.result.task_id, response.result.sample)
            assert key not in results, "answered twice"
            results[key] = response.result
    [summary] = summaries
    assert set(results) == {(one.task_id, one.sample) for one in given}
    assert summary.samples == len(given)
    assert summary.passed == sum(one.verdict == "passed" for one in results.values())
    return results


class Call:
    """A call of `Score` that is fed by hand."""

    def __init__(self, replica: EvaluatorProcess, request_id: str) -> None:
        self._channel = grpc.insecure_channel(replica.address)
        self._requests: Queue[ScoreRequest | None] = Queue()
        header = ScoreHeader(benchmark="humaneval", request_id=request_id)
        self._requests.put(ScoreRequest(header=header))
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(self._channel)
        self._responses = stub.Score(iter(self._requests.get, None), timeout=300)

    def send(self, given: list[Sample]) -> None:
        for sample in given:
            self._requests.put(ScoreRequest(sample=sample))

    def answers(self) -> Iterator[TaskResult]:
        for response in self._responses:
            yield response.result

    def failure(self) -> errors.EvaluatorError:
        with pytest.raises(grpc.RpcError) as raised:
            list(self._responses)
        return from_rpc_error(raised.value)

    def close(self) -> None:
        self._requests.put(None)
        self._responses.cancel()
        self._channel.close()


def test_the_same_call_again_is_answered_from_what_was_kept(
    start_replica: StartReplica, counted_executor: ExecutorProcess
) -> None:
    replica, other = start_replica(), start_replica()
    given, request_id = samples(40), new_id()
    first = score(replica, given, request_id)
    assert not any(one.kept for one in first.values())
    before = gradings(counted_executor)
    again = score(other, given, request_id)
    assert gradings(counted_executor) == before
    assert all(one.kept for one in again.values())
    for key, one in first.items():
        found = again[key]
        assert (found.verdict, found.detail, found.cpu_ms) == (one.verdict, one.detail, one.cpu_ms)
    more = score(replica, samples(60), request_id)
    assert sum(one.kept for one in more.values()) == 40
    assert gradings(counted_executor) == before + 20


def test_a_killed_evaluator_loses_and_repeats_nothing(
    start_replica: StartReplica, counted_executor: ExecutorProcess
) -> None:
    replica = start_replica()
    given, request_id = samples(_SAMPLES), new_id()
    score(replica, samples(2), new_id())  # Calibrated.
    before = gradings(counted_executor)
    call = Call(replica, request_id)
    call.send(given)
    answers = call.answers()
    answered = {(one.task_id, one.sample): one for one, _ in zip(answers, range(50), strict=False)}
    replica.kill()
    with pytest.raises(grpc.RpcError) as raised:
        take_all(answers, answered)
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    call.close()
    replica.start()
    results = score(replica, given, request_id)
    kept = {key for key, one in results.items() if one.kept}
    assert set(answered) <= kept
    assert all(results[key].verdict == one.verdict for key, one in answered.items())
    # What was in work or not yet stored when it died, and nothing else, was graded twice.
    repeated = gradings(counted_executor) - before - _SAMPLES
    assert 0 <= repeated <= CHUNK_VERDICTS + 2 * MOST_ITEMS
    assert all(
        (results[one.task_id, one.sample].verdict == "passed")
        == (one.completion == _PROBLEMS[one.task_id].canonical_solution)
        for one in given
    )
    print(f"answered {len(answered)}, kept {len(kept)}, graded again {repeated}")


def test_a_call_that_is_given_up_keeps_what_it_answered(start_replica: StartReplica) -> None:
    replica = start_replica()
    given, request_id = samples(400), new_id()
    call = Call(replica, request_id)
    call.send(given)
    answered = {(one.task_id, one.sample) for one, _ in zip(call.answers(), range(3), strict=False)}
    call.close()
    results = score(replica, given, request_id)
    assert answered <= {key for key, one in results.items() if one.kept}


def test_the_later_of_two_calls_goes_on_and_the_earlier_is_aborted(
    start_replica: StartReplica,
) -> None:
    given, request_id = samples(12), new_id()
    earlier = Call(start_replica(), request_id)
    earlier.send(given[:3])
    answers = earlier.answers()
    answered = {(one.task_id, one.sample) for one in (next(answers) for _ in range(3))}
    results = score(start_replica(), given, request_id)
    assert {key for key, one in results.items() if one.kept} == answered
    earlier.send(given[3:4])
    error = earlier.failure()
    earlier.close()
    assert isinstance(error, errors.Aborted)
    assert "another call with this request_id" in error.message


def test_another_answer_under_the_same_number_is_refused(start_replica: StartReplica) -> None:
    replica = start_replica()
    given, request_id = samples(4), new_id()
    score(replica, given, request_id)
    given[2].completion = "    return 'another'\n"
    with pytest.raises(errors.AlreadyExists) as raised:
        score(replica, given, request_id)
    assert f"sample 0 of {given[2].task_id} differs from the one" in raised.value.message


def test_another_benchmark_under_the_same_id_is_refused(start_replica: StartReplica) -> None:
    replica = start_replica()
    request_id = new_id()
    score(replica, samples(2), request_id)
    with Evaluator(replica.address) as client, pytest.raises(errors.AlreadyExists) as raised:
        list(client.stream("starter", samples(2), request_id=request_id))
    assert "was used for the benchmark humaneval" in raised.value.message
