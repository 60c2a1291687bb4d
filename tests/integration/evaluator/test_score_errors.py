"""What `Score` refuses, each with the error that the README's table documents."""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc
import pytest

from rlvf.evaluator.v1.evaluator_pb2 import InvalidSample, Sample, ScoreHeader, ScoreRequest
from rlvf.evaluator.v1.evaluator_pb2_grpc import EvaluatorServiceStub
from rlvf_api.errors import from_rpc_error
from rlvf_client.sdk import errors
from rlvf_common.rpc.settings import StorageSettings
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

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
    """An evaluator that asks for a token; `small` and `one` have a quota of one sample."""
    tokens = tmp_path_factory.mktemp("tokens") / "tokens.yaml"
    callers = [
        {
            "name": f"errors-{name}",
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "samples_per_day": quota,
        }
        for name, quota in (("large", 0), ("small", 1), ("one", 1))
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
    require_in_readme(error.code.name, error.field)
    return error


def require_in_readme(code: str, field: str) -> None:
    """The table in the README says the same."""
    shown = f"`{field}`" if field else "–"
    assert any(
        f"`{code}`" in row and shown in row
        for row in _README.read_text().splitlines()
        if row.startswith("|")
    ), f"{code} with field {shown} is not in the README's table"


def invalid(service: EvaluatorProcess, *samples: Sample) -> InvalidSample:
    """The one of these samples that cannot be graded; the others get their verdicts."""
    with grpc.insecure_channel(service.address) as channel:
        metadata = (("authorization", "Bearer large"),)
        requests = [header(), *(ScoreRequest(sample=sample) for sample in samples)]
        call = EvaluatorServiceStub(channel).Score(iter(requests), timeout=300, metadata=metadata)
        answers = list(call)
    kinds = [str(answer.WhichOneof("message")) for answer in answers]
    assert sorted(kinds) == ["invalid", *["result"] * (len(samples) - 1), "summary"]
    assert (answers[-1].summary.samples, answers[-1].summary.invalid) == (len(samples) - 1, 1)
    found = answers[kinds.index("invalid")].invalid
    require_in_readme("InvalidSample", found.field)
    return found


def test_a_wrong_token(service: EvaluatorProcess) -> None:
    error = failure(service, header(), ScoreRequest(sample=_GOOD), token="wrong")
    assert isinstance(error, errors.Unauthenticated)
    assert "authorization: Bearer TOKEN" in error.message


@pytest.mark.parametrize("answer", ["completion", "solution"])
def test_an_over_long_field(service: EvaluatorProcess, answer: str) -> None:
    long = with_fields(Sample(task_id=_TASK, sample=1), {answer: "#" * (1 << 20) + "\n"})
    found = invalid(service, long, _GOOD)
    assert (found.index, found.task_id, found.sample) == (0, _TASK, 1)
    assert found.field == f"sample.{answer}"
    assert "more than 1,048,576 bytes" in found.problem


def test_a_foreign_task_id(service: EvaluatorProcess) -> None:
    found = invalid(service, _GOOD, Sample(task_id="Mbpp/2", completion=""))
    assert (found.index, found.task_id, found.field) == (1, "Mbpp/2", "sample.task_id")
    assert found.problem == "`Mbpp/2` is not a task of humaneval"


def test_samples_of_which_none_can_be_graded(service: EvaluatorProcess) -> None:
    error = failure(service, header(), ScoreRequest(sample=Sample(task_id="Mbpp/2")))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "sample"
    assert "none of the 1 samples could be graded" in error.message


def test_a_stream_that_ends_after_the_header(service: EvaluatorProcess) -> None:
    error = failure(service, header())
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "sample"
    assert "at least one sample" in error.message


def test_a_stream_that_is_cut_short(service: EvaluatorProcess) -> None:
    error = failure(service, header(samples=2), ScoreRequest(sample=_GOOD))
    assert isinstance(error, errors.InvalidArgument)
    assert error.field == "header.samples"
    assert "said 2, but 1 samples came: the stream was cut short" in error.message


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
    found = invalid(service, _GOOD, _GOOD)
    assert (found.index, found.field) == (1, "sample.sample")


@pytest.mark.parametrize(
    ("sample", "field"),
    [
        (Sample(completion=""), "sample.task_id"),
        (Sample(task_id="HumanEval/164", completion=""), "sample.task_id"),
        (Sample(task_id=_TASK, sample=-1, completion=""), "sample.sample"),
    ],
)
def test_a_field_that_is_not_as_it_says(
    service: EvaluatorProcess, sample: Sample, field: str
) -> None:
    assert invalid(service, sample, _GOOD).field == field


def test_a_sample_without_an_answer(service: EvaluatorProcess) -> None:
    found = invalid(service, Sample(task_id=_TASK, sample=7), _GOOD)
    assert (found.sample, found.field) == (7, "sample.answer")


def test_an_invalid_sample_costs_no_quota(service: EvaluatorProcess) -> None:
    """Of a quota of one, the only good sample is graded."""
    with grpc.insecure_channel(service.address) as channel:
        bad = [Sample(task_id="Mbpp/2", completion=""), Sample(task_id=_TASK)]
        requests = [header(), *(ScoreRequest(sample=sample) for sample in [*bad, _GOOD])]
        call = EvaluatorServiceStub(channel).Score(
            iter(requests), timeout=300, metadata=(("authorization", "Bearer one"),)
        )
        summary = list(call)[-1].summary
    assert (summary.samples, summary.passed, summary.invalid) == (1, 1, 2)


def test_a_used_up_quota(service: EvaluatorProcess) -> None:
    given = [
        ScoreRequest(sample=Sample(task_id=_TASK, sample=number, completion=""))
        for number in range(2)
    ]
    error = failure(service, header(), *given, token="small")
    assert isinstance(error, errors.ResourceExhausted)
    assert error.retry_after is not None
    assert "the quota of errors-small is used up: 1 of 1 samples a day" in error.message


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
