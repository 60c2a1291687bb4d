"""Requests of the service that name benchmarks."""

import asyncio
import threading
from typing import Any, cast

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.sampling import InferenceClient
from rlvf_common.rpc.workers import Workers
from rlvf_common.storage.operations import OperationRunner
from rlvf_common.storage.quotas import Quotas
from rlvf_evaluator import service
from rlvf_evaluator.calibration.calibrate import Calibrator
from rlvf_evaluator.service import EvaluatorServicer

from ..doubles import StoreInMemory

_CONTEXT = cast("Any", None)


def _servicer(store: StoreInMemory) -> EvaluatorServicer:
    """With a store, and nothing else."""
    return EvaluatorServicer(
        store,
        cast("InferenceClient", None),
        cast("Grader", None),
        cast("Calibrator", None),
        cast("OperationRunner", None),
        cast("Quotas", None),
        cast("Workers", None),
    )


class _SlowStore(StoreInMemory):
    """Has no problem sets, and says so when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_for: list[str] = []
        self.asked = asyncio.Event()
        self.go_on = threading.Event()
        self._loop = asyncio.get_running_loop()

    def find(self, sha256: str) -> artifact_pb2.ArtifactRef | None:
        self.asked_for.append(sha256)
        self._loop.call_soon_threadsafe(self.asked.set)
        self.go_on.wait()
        return None


def _names(count: int) -> list[str]:
    return [f"sha256-{number:064x}" for number in range(count)]


async def test_a_request_names_at_most_a_hundred_benchmarks() -> None:
    servicer = _servicer(StoreInMemory())
    listed = await servicer.ListBenchmarks(
        evaluator_pb2.ListBenchmarksRequest(names=_names(100)), _CONTEXT
    )
    assert len(listed.benchmarks) == 100
    assert all("there is no problem set" in one.unavailable for one in listed.benchmarks)
    with pytest.raises(InvalidArgument, match="names: are more than 100"):
        await servicer.ListBenchmarks(
            evaluator_pb2.ListBenchmarksRequest(names=_names(101)), _CONTEXT
        )
    digest = "a" * 64
    training_set = artifact_pb2.ArtifactRef(uri=f"s3://bucket/blobs/sha256/{digest}", sha256=digest)
    with pytest.raises(InvalidArgument, match="benchmarks: are more than 100"):
        await servicer.CheckContamination(
            evaluator_pb2.CheckContaminationRequest(
                training_set=training_set, benchmarks=_names(101)
            ),
            _CONTEXT,
        )


async def test_no_benchmark_is_read_after_its_call_has_ended() -> None:
    store = _SlowStore()
    call = asyncio.create_task(
        _servicer(store).ListBenchmarks(
            evaluator_pb2.ListBenchmarksRequest(names=_names(3)), _CONTEXT
        )
    )
    await store.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    store.go_on.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert store.asked_for == [f"{0:064x}"]


async def test_named_benchmarks_are_sorted_and_have_their_tasks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    servicer = _servicer(StoreInMemory())
    request = evaluator_pb2.ListBenchmarksRequest(names=["starter", "humaneval", "starter"])
    listed = await servicer.ListBenchmarks(request, _CONTEXT)
    assert [one.name for one in listed.benchmarks] == ["humaneval", "starter"]
    assert listed.benchmarks[0].task_ids[:2] == ["HumanEval/0", "HumanEval/1"]
    monkeypatch.setattr(service, "MAX_MESSAGE_BYTES", 1_000)
    with pytest.raises(InvalidArgument, match="names: their task ids have more than 1,000 bytes"):
        await servicer.ListBenchmarks(request, _CONTEXT)
