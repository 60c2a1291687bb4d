"""What `Score` refuses, each with the error that the README's table documents."""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc
import pytest

from rlvf.evaluator.v1.evaluator_pb2 import Sample, ScoreHeader, ScoreRequest
from rlvf.evaluator.v1.evaluator_pb2_grpc import EvaluatorServiceStub
from rlvf_api.errors import from_rpc_error
from rlvf_client.sdk import errors
from rlvf_common.rpc.settings import StorageSettings
from rlvf_evaluator.testing import EvaluatorProcess
from rlvf_executor.testing import ExecutorProcess

from ...messages import with_fields

_README = Path(__file__).parents[3] / "services" / "evaluator" / "README.md"
_TASK = "HumanEval/53"
_GOOD = Sample(task_id=_TASK, completion="    return x + y\n")


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory,
    replica_storage: StorageSettings,
    counted_executor: ExecutorProcess,
) -> Iterator[EvaluatorProcess]:
    """An evaluator that asks for a token; `small` has a quota of one sample."""
    tokens = tmp_path_factory.mktemp("tokens") / "tokens.yaml"
    callers = [
        {
            "name": f"errors-{name}",
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "samples_per_day": quota,
        }
        for name, quota in (("large", 0), ("small", 1))
    ]
    tokens.write_text(json.dumps({"callers": callers}))
    with EvaluatorProcess(
        **replica_storage.model_dump(),
        executor_address=counted_executor.address,
        tokens_file=tokens,
    ) as process:
        yield process


def header(k: Sequence[int] = (), **values: object) -> ScoreRequest:
    return ScoreRequest(header=with_fields(ScoreHeader(benchmark="humaneval", k=k), values))


def failure(
    service: EvaluatorProcess, *requests: ScoreRequest, token: str = "large"
) -> errors.EvaluatorError:
    """How a call of these requests ends."""
    with grpc.insecure_channel(service.address) as channel:
        metadata = (("authorization", f"Bearer {token}"),)
        call = EvaluatorServiceStub(channel).Score(iter(requests), timeout=300, metadata=metadata)
        with pytest.raises(grpc.RpcError) as raised:
            list(call)
    error = from_rpc_error(raised.value)
    # The table in the README says the same.
    field = f"`{error.field}`" if error.field else "–"
    assert any(
        f"`{error.code.name}`" in row and field in row
        for row in _README.read_text().splitlines()
        if row.startswith("|")
    ), f"{error.code.name} with field {field} is not in the README's table"
    return error


def test_a_wrong_token(service: EvaluatorProcess) -> None:
    error = failure(service, header(), ScoreRequest(sample=_GOOD), token="wrong")
    assert isinstance(error, errors.Unauthenticated)
    assert "authorization: Bearer TOKEN" in error.message


@pytest.mark.parametrize("answer", ["completion", "solution"])
def test_an_over_long_field(service: EvaluatorProcess, answer: str) -> None:
    sample = with_fields(Sample(task_id=_TASK), {answer: "#" * (1 << 20) + "\n"})
    error = failure(service, header(), ScoreRequest(sample=sample))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == f"sample.{answer}"
    assert "more than 1,048,576 bytes" in error.message


def test_a_foreign_task_id(service: EvaluatorProcess) -> None:
    sample = Sample(task_id="Mbpp/2", completion="")
    error = failure(service, header(), ScoreRequest(sample=sample))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "sample.task_id"
    assert "`Mbpp/2` is not a task of humaneval" in error.message


def test_a_stream_that_ends_after_the_header(service: EvaluatorProcess) -> None:
    error = failure(service, header())
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "sample"
    assert "at least one sample" in error.message


def test_a_stream_that_is_cut_short(service: EvaluatorProcess) -> None:
    error = failure(service, header(samples=2), ScoreRequest(sample=_GOOD))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "header.samples"
    assert "said 2, and 1 samples came: the stream was cut short" in error.message


def test_a_stream_that_breaks_has_no_summary_and_leaves_the_service_well(
    service: EvaluatorProcess,
) -> None:
    metadata = (("authorization", "Bearer large"),)

    def broken() -> Iterator[ScoreRequest]:
        yield header()
        yield ScoreRequest(sample=_GOOD)
        answered.wait()
        call.cancel()

    answered = threading.Event()
    with grpc.insecure_channel(service.address) as channel:
        call = EvaluatorServiceStub(channel).Score(broken(), timeout=300, metadata=metadata)
        assert next(call).result.verdict == "passed"
        answered.set()
        with pytest.raises(grpc.RpcError) as raised:
            next(call)
        assert raised.value.code() is grpc.StatusCode.CANCELLED
        whole = EvaluatorServiceStub(channel).Score(
            iter([header(), ScoreRequest(sample=_GOOD)]), timeout=300, metadata=metadata
        )
        assert [one.WhichOneof("message") for one in whole] == ["result", "summary"]


def test_a_stream_without_a_header(service: EvaluatorProcess) -> None:
    error = failure(service, ScoreRequest(sample=_GOOD))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "header"


def test_a_second_header(service: EvaluatorProcess) -> None:
    error = failure(service, header(), header())
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "sample"
    assert "only samples may follow the header" in error.message


@pytest.mark.parametrize("request_id", ["No Spaces", "a" * 129, "../../other"])
def test_a_wrong_request_id(service: EvaluatorProcess, request_id: str) -> None:
    error = failure(service, header(request_id=request_id), ScoreRequest(sample=_GOOD))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "header.request_id"
    assert "at most 128 characters of a-z, 0-9 and -" in error.message


def test_an_unknown_benchmark(service: EvaluatorProcess) -> None:
    error = failure(service, header(benchmark="humanevil"))
    assert isinstance(error, errors.NotFound)
    assert "humaneval" in error.message


def test_a_sample_that_was_sent_before(service: EvaluatorProcess) -> None:
    error = failure(service, header(), ScoreRequest(sample=_GOOD), ScoreRequest(sample=_GOOD))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "sample.sample"


def test_a_sample_without_an_answer(service: EvaluatorProcess) -> None:
    error = failure(service, header(), ScoreRequest(sample=Sample(task_id=_TASK)))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "sample.answer"


def test_a_used_up_quota(service: EvaluatorProcess) -> None:
    given = [
        ScoreRequest(sample=Sample(task_id=_TASK, sample=number, completion=""))
        for number in range(2)
    ]
    error = failure(service, header(), *given, token="small")
    assert isinstance(error, errors.ResourceExhausted)
    assert error.retry_after is not None
    assert "the quota of errors-small, 1 samples a day, is used up" in error.message


def test_another_answer_under_the_same_request_id(service: EvaluatorProcess) -> None:
    first = header(request_id="used")
    with grpc.insecure_channel(service.address) as channel:
        metadata = (("authorization", "Bearer large"),)
        stub = EvaluatorServiceStub(channel)
        list(stub.Score(iter([first, ScoreRequest(sample=_GOOD)]), timeout=300, metadata=metadata))
    other = Sample(task_id=_TASK, completion="    return x - y\n")
    error = failure(service, first, ScoreRequest(sample=other))
    assert isinstance(error, errors.AlreadyExists)
    assert "choose another request_id" in error.message


def test_a_call_without_a_deadline(service: EvaluatorProcess) -> None:
    with grpc.insecure_channel(service.address) as channel:
        metadata = (("authorization", "Bearer large"),)
        with pytest.raises(grpc.RpcError) as raised:
            list(EvaluatorServiceStub(channel).Score(iter([header()]), metadata=metadata))
    error = from_rpc_error(raised.value)
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "deadline"


def test_a_k_that_cannot_be(service: EvaluatorProcess) -> None:
    error = failure(service, header(k=[0]), ScoreRequest(sample=_GOOD))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "header.k"


def test_a_k_that_a_task_has_too_few_samples_for(service: EvaluatorProcess) -> None:
    error = failure(service, header(k=[2]), ScoreRequest(sample=_GOOD))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "k"
    assert "pass@2 needs 2 samples" in error.message
