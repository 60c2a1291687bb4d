"""What team B sees when it reaches for what is team A's."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc

from rlvf.artifact.v1 import artifact_pb2, artifact_pb2_grpc
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_api.errors import InvalidArgument, NotFound, from_rpc_error
from rlvf_client import Evaluator
from rlvf_common.rpc.settings import StorageSettings
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

_RECORDS = [
    {"task_id": "HumanEval/53", "sample": sample, "completion": "    return x + y\n"}
    for sample in range(3)
]


@dataclass(frozen=True)
class _Scene:
    """Two teams, and what team A has."""

    address: str
    names: dict[str, str]
    tokens: dict[str, str]
    samples: artifact_pb2.ArtifactRef
    result: artifact_pb2.ArtifactRef
    operation: str
    request_id: str
    bucket: str

    def metadata(self, team: str = "b") -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.tokens[team]}"),)


@pytest.fixture(scope="module")
def scene(
    replica_storage: StorageSettings,
    counted_executor: ExecutorProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[_Scene]:
    suffix = uuid.uuid4().hex[:8]
    names = {team: f"team-{team}-{suffix}" for team in "ab"}
    tokens = {team: f"{team}-{uuid.uuid4().hex}" for team in "ab"}
    folder = tmp_path_factory.mktemp("teams")
    callers = [
        {
            "name": names[team],
            "sha256": hashlib.sha256(tokens[team].encode()).hexdigest(),
            "samples_per_day": 1_000,
            "scopes": ["score"],
        }
        for team in "ab"
    ]
    (folder / "tokens.json").write_text(json.dumps({"callers": callers}))
    (folder / "samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in _RECORDS))
    request_id = f"secret-run-{suffix}"
    with EvaluatorProcess(
        **replica_storage.model_dump(),
        executor_address=counted_executor.address,
        tokens_file=folder / "tokens.json",
    ) as process:
        with Evaluator(process.address, token=tokens["a"]) as team:
            team.score("humaneval", _RECORDS, request_id=request_id)
            samples = team.upload(folder / "samples.jsonl")
            scored = team.score_artifact("humaneval", samples, request_id=request_id)
            assert scored.score.passed == 3
        operation = hashlib.sha256(f"{names['a']}/{request_id}".encode()).hexdigest()
        yield _Scene(
            process.address,
            names,
            tokens,
            samples,
            scored.result,
            f"operations/evaluator/{operation}",
            request_id,
            replica_storage.s3_bucket,
        )


def _operations(channel: grpc.Channel) -> operations_pb2_grpc.OperationsStub:
    return operations_pb2_grpc.OperationsStub(channel)


def _evaluator(channel: grpc.Channel) -> evaluator_pb2_grpc.EvaluatorServiceStub:
    return evaluator_pb2_grpc.EvaluatorServiceStub(channel)


def _ref(scene: _Scene, key: str, bucket: str = "") -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(
        uri=f"s3://{bucket or scene.bucket}/{key}", sha256="0" * 64, size_bytes=1 << 20
    )


def _changed(ref: artifact_pb2.ArtifactRef, **values: object) -> artifact_pb2.ArtifactRef:
    changed = artifact_pb2.ArtifactRef()
    changed.CopyFrom(ref)
    for name, value in values.items():
        setattr(changed, name, value)
    return changed


_Attempt = Callable[[grpc.Channel, _Scene], object]


def _read(reference: Callable[[_Scene], artifact_pb2.ArtifactRef]) -> list[_Attempt]:
    """All ways to read an artifact."""

    def download(channel: grpc.Channel, scene: _Scene) -> object:
        stub = artifact_pb2_grpc.ArtifactServiceStub(channel)
        request = artifact_pb2.DownloadArtifactRequest(artifact=reference(scene))
        return list(stub.DownloadArtifact(request, timeout=60, metadata=scene.metadata()))

    def compare(channel: grpc.Channel, scene: _Scene) -> object:
        request = evaluator_pb2.CompareRequest(
            baseline=reference(scene), treatment=reference(scene)
        )
        return _evaluator(channel).Compare(request, timeout=60, metadata=scene.metadata())

    def contamination(channel: grpc.Channel, scene: _Scene) -> object:
        request = evaluator_pb2.CheckContaminationRequest(
            training_set=reference(scene), benchmarks=["humaneval"]
        )
        return _evaluator(channel).CheckContamination(
            request, timeout=60, metadata=scene.metadata()
        )

    def score(channel: grpc.Channel, scene: _Scene) -> object:
        request = evaluator_pb2.ScoreArtifactRequest(
            benchmark="humaneval", samples=reference(scene), request_id=uuid.uuid4().hex
        )
        started = _evaluator(channel).ScoreArtifact(request, timeout=60, metadata=scene.metadata())
        wait = operations_pb2.WaitOperationRequest(name=started.name)
        ended = _operations(channel).WaitOperation(wait, timeout=60, metadata=scene.metadata())
        return ended.error

    return [download, compare, contamination, score]


_SECRET_KEYS: dict[str, Callable[[_Scene], str]] = {
    "quota": lambda scene: f"quotas/{scene.names['a']}/2026-11-29/1000/000000",
    "kept verdicts": lambda scene: f"scores/{scene.names['a']}/{scene.request_id}/benchmark",
    "owner": lambda scene: f"{scene.operation}/owner",
    "request": lambda scene: f"{scene.operation}/request",
    "state": lambda scene: f"{scene.operation}/attempts/1/end",
}


@pytest.mark.parametrize("what", _SECRET_KEYS)
@pytest.mark.parametrize("way", range(4))
def test_nothing_but_artifacts_is_read(scene: _Scene, what: str, way: int) -> None:
    attempt = _read(lambda scene: _ref(scene, _SECRET_KEYS[what](scene)))[way]
    with (
        grpc.insecure_channel(scene.address) as channel,
        pytest.raises(grpc.RpcError) as refused,
    ):
        attempt(channel, scene)
    error = from_rpc_error(refused.value)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.field.endswith(".uri")


@pytest.mark.parametrize("way", range(4))
@pytest.mark.parametrize(
    "reference",
    [
        lambda scene: _changed(scene.samples, size_bytes=scene.samples.size_bytes - 1),
        lambda scene: _changed(scene.samples, size_bytes=scene.samples.size_bytes + 1),
        lambda scene: _changed(scene.samples, size_bytes=0),
        lambda scene: _ref(scene, f"blobs/sha256/{'0' * 64}"),
        lambda scene: _changed(
            scene.samples, uri=f"s3://another-bucket/blobs/sha256/{scene.samples.sha256}"
        ),
    ],
    ids=["shorter", "longer", "empty", "guessed", "another bucket"],
)
def test_an_error_tells_nothing_of_an_object(
    scene: _Scene, reference: Callable[[_Scene], artifact_pb2.ArtifactRef], way: int
) -> None:
    with grpc.insecure_channel(scene.address) as channel:
        try:
            status = _read(reference)[way](channel, scene)
            message, code = status.message, status.code  # type: ignore[attr-defined]
        except grpc.RpcError as error:
            message = str(from_rpc_error(error))
            code = from_rpc_error(error).code.value[0]
    assert code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert message.endswith(("does not exist", "does not match its reference"))
    assert f" {scene.samples.size_bytes}" not in message
    assert "return x + y" not in message


def test_operations_of_another_team_are_not_found(scene: _Scene) -> None:
    with grpc.insecure_channel(scene.address) as channel:
        stub, metadata = _operations(channel), scene.metadata()
        for name in (scene.operation, f"operations/evaluator/{scene.request_id}"):
            for method, request in (
                (stub.GetOperation, operations_pb2.GetOperationRequest(name=name)),
                (stub.WaitOperation, operations_pb2.WaitOperationRequest(name=name)),
                (stub.CancelOperation, operations_pb2.CancelOperationRequest(name=name)),
                (stub.DeleteOperation, operations_pb2.DeleteOperationRequest(name=name)),
            ):
                with pytest.raises(grpc.RpcError) as refused:
                    method(request, timeout=10, metadata=metadata)
                error = from_rpc_error(refused.value)
                assert error.code is grpc.StatusCode.NOT_FOUND
        listed = stub.ListOperations(
            operations_pb2.ListOperationsRequest(), timeout=10, metadata=metadata
        )
        assert scene.operation not in {one.name for one in listed.operations}
        mine = stub.GetOperation(
            operations_pb2.GetOperationRequest(name=scene.operation),
            timeout=10,
            metadata=scene.metadata("a"),
        )
        assert mine.done


def test_a_request_id_of_another_team_is_free(scene: _Scene) -> None:
    with Evaluator(scene.address, token=scene.tokens["b"]) as team:
        score = team.score("humaneval", _RECORDS, request_id=scene.request_id)
        assert (score.kept, score.passed) == (0, 3)
        assert team.quota().caller == scene.names["b"]


def test_a_claimed_name_does_not_count(scene: _Scene) -> None:
    request = evaluator_pb2.GetQuotaRequest()
    claimed = (*scene.metadata(), ("x-rlvf-caller", scene.names["a"]))
    with grpc.insecure_channel(scene.address) as channel:
        quota = _evaluator(channel).GetQuota(request, timeout=10, metadata=claimed)
    assert quota.caller == scene.names["b"]


def test_what_a_token_does_not_permit_is_refused(scene: _Scene) -> None:
    request = evaluator_pb2.EvaluateRequest(benchmark="humaneval")
    with (
        grpc.insecure_channel(scene.address) as channel,
        pytest.raises(grpc.RpcError) as refused,
    ):
        _evaluator(channel).Evaluate(request, timeout=10, metadata=scene.metadata())
    assert from_rpc_error(refused.value).code is grpc.StatusCode.PERMISSION_DENIED


def test_a_digest_of_a_token_is_no_token(scene: _Scene) -> None:
    digest = hashlib.sha256(scene.tokens["a"].encode()).hexdigest()
    request = evaluator_pb2.GetQuotaRequest()
    with grpc.insecure_channel(scene.address) as channel:
        for token in (digest, "", scene.names["a"]):
            metadata = (("authorization", f"Bearer {token}"),)
            with pytest.raises(grpc.RpcError) as refused:
                _evaluator(channel).GetQuota(request, timeout=10, metadata=metadata)
            assert from_rpc_error(refused.value).code is grpc.StatusCode.UNAUTHENTICATED


def test_a_team_finds_its_own_operation_by_its_request_id_and_nobody_elses(scene: _Scene) -> None:
    request = operations_pb2.GetOperationRequest(name=f"operations/evaluator/{scene.request_id}")
    with grpc.insecure_channel(scene.address) as channel:
        get = _operations(channel).GetOperation
        assert get(request, timeout=10, metadata=scene.metadata("a")).name == scene.operation
        with pytest.raises(grpc.RpcError) as refused:
            get(request, timeout=10, metadata=scene.metadata("b"))
    assert from_rpc_error(refused.value).code is grpc.StatusCode.NOT_FOUND


def test_a_stored_file_is_found_by_its_digest_alone(scene: _Scene) -> None:
    with Evaluator(scene.address, token=scene.tokens["b"]) as team:
        assert team.find(scene.samples.sha256) == scene.samples
        with pytest.raises(NotFound, match="there is no file 000"):
            team.find("0" * 64)
        with pytest.raises(InvalidArgument, match="64 hexadecimal digits"):
            team.find("../operations")


def test_what_a_team_gives_to_another_is_read(scene: _Scene, tmp_path: Path) -> None:
    with Evaluator(scene.address, token=scene.tokens["b"]) as team:
        team.download(scene.samples, tmp_path / "given.jsonl")
        assert team.compare(scene.result, scene.result).delta == 0.0
    lines = (tmp_path / "given.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == _RECORDS


def test_uploads_are_checked(scene: _Scene) -> None:
    header = artifact_pb2.UploadArtifactRequest(
        header=artifact_pb2.UploadHeader(media_type="text/plain")
    )
    chunk = artifact_pb2.UploadArtifactRequest(chunk=b"x")
    odd = artifact_pb2.UploadArtifactRequest(
        header=artifact_pb2.UploadHeader(media_type="text/\N{SNOWMAN}")
    )
    with grpc.insecure_channel(scene.address) as channel:
        stub = artifact_pb2_grpc.ArtifactServiceStub(channel)
        for requests, field in (
            ([], "header"),
            ([chunk], "header"),
            ([odd], "header.media_type"),
            ([header, header], "chunk"),
        ):
            with pytest.raises(grpc.RpcError) as refused:
                stub.UploadArtifact(iter(requests), timeout=10, metadata=scene.metadata())
            error = from_rpc_error(refused.value)
            assert (error.code, error.field) == (grpc.StatusCode.INVALID_ARGUMENT, field)
        empty = stub.UploadArtifact(iter([header]), timeout=10, metadata=scene.metadata())
        assert empty.artifact.sha256 == hashlib.sha256(b"").hexdigest()
