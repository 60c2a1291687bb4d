"""Tokens with names, and quotas that hold over replicas."""

import hashlib
import json
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_client.sdk import errors
from rlvf_client.sdk.client import Evaluator
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess

from ...messages import with_fields
from .conftest import StartReplica

_TOKEN = {name: f"{name}-{uuid.uuid4().hex}" for name in ("alpha", "beta")}


@pytest.fixture
def names() -> dict[str, str]:
    """Names of two teams, used by this test alone: quotas outlive a test."""
    return {kind: f"{kind}-{uuid.uuid4().hex[:12]}" for kind in _TOKEN}


@pytest.fixture
def tokens_file(tmp_path: Path, names: dict[str, str]) -> Path:
    """Alpha may have ten samples a day, beta as many as it likes."""
    path = tmp_path / "tokens.yaml"
    callers = [
        {
            "name": name,
            "sha256": hashlib.sha256(_TOKEN[kind].encode()).hexdigest(),
            "samples_per_day": {"alpha": 10, "beta": 0}[kind],
        }
        for kind, name in names.items()
    ]
    path.write_text(json.dumps({"callers": callers}))
    return path


@pytest.fixture
def replicas(
    start_replica: StartReplica, tokens_file: Path
) -> tuple[EvaluatorProcess, EvaluatorProcess]:
    """Two evaluators that know the same tokens."""
    settings = {"tokens_file": tokens_file, "auth_token": "operators", "log_level": "debug"}
    return (
        start_replica(**settings, metrics_listen="127.0.0.1:0"),
        start_replica(**settings),
    )


@pytest.fixture(autouse=True)
def _no_midnight() -> Iterator[None]:
    """A quota that is renewed in the middle of a test is no failure."""
    before = datetime.now(UTC).date()
    yield
    if datetime.now(UTC).date() != before:
        pytest.skip("midnight passed, and the quotas were renewed")


def records(number: int, first: int = 0) -> list[dict[str, object]]:
    return [
        {"task_id": "HumanEval/53", "sample": sample, "completion": "    return x + y\n"}
        for sample in range(first, first + number)
    ]


def client(replica: EvaluatorProcess, kind: str) -> Evaluator:
    return Evaluator(replica.address, token=_TOKEN[kind])


def test_a_quota_holds_over_replicas_and_what_was_kept_costs_nothing(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess], names: dict[str, str]
) -> None:
    with client(replicas[0], "alpha") as one, client(replicas[1], "alpha") as other:
        assert one.quota().samples_used == 0
        one.score("humaneval", records(6), request_id="a")
        again = other.score("humaneval", records(6), request_id="a")
        assert again.kept == 6
        quota = other.quota()
        assert (quota.caller, quota.samples_per_day) == (names["alpha"], 10)
        assert quota.samples_used == 6
        assert timedelta() < quota.renewed_at - datetime.now(UTC) <= timedelta(days=1)
        assert (quota.renewed_at.hour, quota.renewed_at.minute) == (0, 0)
        with pytest.raises(errors.ResourceExhausted) as raised:
            other.score("humaneval", records(12), request_id="a")
        assert raised.value.retry_after is not None
        assert timedelta() < raised.value.retry_after <= timedelta(days=1)
        assert f"the quota of {names['alpha']} is used up: 10 of 10 samples a day" in str(
            raised.value
        )
        with pytest.raises(errors.ResourceExhausted):
            one.score("humaneval", records(3, first=50))
        assert one.quota().samples_used == 10


def test_a_team_without_a_limit_has_none(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess],
) -> None:
    with client(replicas[0], "beta") as team:
        assert team.score("humaneval", records(12)).passed == 12
        assert (team.quota().samples_per_day, team.quota().samples_used) == (0, 0)


def test_each_team_has_request_ids_of_its_own(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess],
) -> None:
    with client(replicas[0], "alpha") as alpha, client(replicas[0], "beta") as beta:
        alpha.score("humaneval", records(2), request_id="mine")
        assert beta.score("humaneval", records(2), request_id="mine").kept == 0


def test_a_quota_stops_a_stored_file_and_the_next_call_goes_on(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess],
    replica_store: ArtifactStore,
    tokens_file: Path,
    counted_executor: ExecutorProcess,
) -> None:
    samples = "".join(json.dumps(record) + "\n" for record in records(15)).encode()
    ref = replica_store.put_bytes(samples, JSONL)
    with client(replicas[0], "alpha") as team:
        with pytest.raises(errors.ResourceExhausted):
            team.score_artifact("humaneval", ref)
        assert team.quota().samples_used == 10
        raised_limit = tokens_file.read_text().replace(
            '"samples_per_day": 10', '"samples_per_day": 15'
        )
        tokens_file.write_text(raised_limit)
        # Five are left, and five samples: the ten before cost nothing again.
        assert team.score_artifact("humaneval", ref).score.passed == 15
        assert team.quota().samples_used == 15


def test_operations_of_another_team_are_not_found(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess], replica_store: ArtifactStore
) -> None:
    ref = replica_store.put_bytes(json.dumps(records(1)[0]).encode(), JSONL)
    request = evaluator_pb2.ScoreArtifactRequest(
        benchmark="humaneval", samples=ref, request_id="mine"
    )
    with grpc.insecure_channel(replicas[0].address) as channel:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
        names = {
            kind: stub.ScoreArtifact(
                request, timeout=60, metadata=(("authorization", f"Bearer {_TOKEN[kind]}"),)
            ).name
            for kind in _TOKEN
        }
        assert names["alpha"] != names["beta"]
        operations = operations_pb2_grpc.OperationsStub(channel)
        for method, message in (
            ("GetOperation", operations_pb2.GetOperationRequest),
            ("CancelOperation", operations_pb2.CancelOperationRequest),
            ("DeleteOperation", operations_pb2.DeleteOperationRequest),
            ("WaitOperation", operations_pb2.WaitOperationRequest),
        ):
            with pytest.raises(grpc.RpcError) as raised:
                getattr(operations, method)(
                    message(name=names["alpha"]),
                    timeout=60,
                    metadata=(("authorization", f"Bearer {_TOKEN['beta']}"),),
                )
            assert raised.value.code() is grpc.StatusCode.NOT_FOUND
        own = operations.GetOperation(
            operations_pb2.GetOperationRequest(name=names["alpha"]),
            timeout=60,
            metadata=(("authorization", f"Bearer {_TOKEN['alpha']}"),),
        )
        assert own.name == names["alpha"]


def test_the_tokens_name_goes_to_logs_metrics_and_the_executor_whatever_the_call_says(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess],
    names: dict[str, str],
    counted_executor: ExecutorProcess,
) -> None:
    before = len(counted_executor.events)
    requests = [
        evaluator_pb2.ScoreRequest(header=evaluator_pb2.ScoreHeader(benchmark="humaneval")),
        evaluator_pb2.ScoreRequest(sample=with_fields(evaluator_pb2.Sample(), records(1)[0])),
    ]
    with grpc.insecure_channel(replicas[0].address) as channel:
        stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
        metadata = (
            ("authorization", f"Bearer {_TOKEN['alpha']}"),
            ("x-rlvf-caller", "somebody-else"),
        )
        assert len(list(stub.Score(iter(requests), timeout=300, metadata=metadata))) == 2
    name = names["alpha"]
    metric = f'rlvf_score_samples_total{{caller="{name}",kept="false",verdict="passed"}}'
    assert replicas[0].metrics()[metric] == 1
    while name not in (callers := callers_of_gradings(counted_executor.events[before:])):
        # Its log is read on a thread.
        time.sleep(0.01)
    assert "somebody-else" not in callers


def callers_of_gradings(events: Iterable[dict[str, object]]) -> set[str]:
    return {str(event["caller"]) for event in events if event["event"] == "work"}


def test_a_new_token_counts_without_a_restart(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess], tokens_file: Path
) -> None:
    with Evaluator(replicas[0].address, token="new") as team:
        with pytest.raises(errors.Unauthenticated):
            team.quota()
        entry = {"name": "late", "sha256": hashlib.sha256(b"new").hexdigest()}
        callers = json.loads(tokens_file.read_text())["callers"]
        tokens_file.write_text(json.dumps({"callers": [*callers, entry]}))
        assert team.quota().caller == "late"


def test_the_operator_has_no_limit(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess],
) -> None:
    with Evaluator(replicas[0].address, token="operators") as operator:
        assert (operator.quota().caller, operator.quota().samples_per_day) == ("operator", 0)


def test_a_broken_file_of_tokens_is_one_clear_line(
    start_replica: StartReplica, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.yaml"
    file.write_text("callers: [{name: a}]")
    with pytest.raises(RuntimeError) as raised:
        start_replica(tokens_file=file)
    assert f"RLVF_TOKENS_FILE: {file}: callers.0.sha256" in str(raised.value)
    assert "Traceback" not in str(raised.value)


def test_a_team_lists_and_deletes_its_own_results(
    replicas: tuple[EvaluatorProcess, EvaluatorProcess],
) -> None:
    name = "scores/to-delete"
    with client(replicas[0], "alpha") as alpha, client(replicas[1], "beta") as beta:
        beta.score("humaneval", records(1), request_id="to-delete")
        [stored] = [one for one in beta.results() if one.name == name]
        assert (stored.kind, stored.benchmark) == ("score", "humaneval")
        assert name not in {one.name for one in alpha.results()}
        with pytest.raises(errors.NotFound):
            alpha.delete(name)
        beta.delete(name)
        assert name not in {one.name for one in beta.results()}
        assert beta.score("humaneval", records(1), request_id="to-delete").kept == 0
