"""`ScoreArtifact`: what the result has of samples that cannot be graded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf_common.problems.benchmarks import Content
from rlvf_common.problems.kinds_of_test import AssertList
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rpc.workers import Workers
from rlvf_common.statistics.results import CalibrationRecord, parse_result
from rlvf_evaluator.artifact_scoring import ArtifactScoring
from rlvf_evaluator.benchmarks import BENCHMARKS, Benchmark
from rlvf_evaluator.calibration.calibrate import Calibrator
from rlvf_evaluator.tally import LARGEST_PROGRAM_BYTES

from ..doubles import OperationInMemory, StoreInMemory

_TASK = "own/" + "t" * 120
_PROBLEM = Problem(_TASK, '"""Double n."""\n', "double", AssertList(("assert double(1) == 2",)), "")
ResultT = TypeVar("ResultT")


class _FileStore(StoreInMemory):
    """Reads and writes files, too."""

    def get_file(self, ref: artifact_pb2.ArtifactRef, path: Path) -> None:
        path.write_bytes(self.get_bytes(ref))

    def put_file(self, path: Path, media_type: str) -> artifact_pb2.ArtifactRef:
        return self.put_bytes(path.read_bytes(), media_type)


class _Grader(Grader):
    """Passes everything."""

    def __init__(self) -> None:
        pass

    def of(self, policy_sha256: str) -> Self:
        return self

    @property
    def capacity(self) -> int:
        return 8

    async def capabilities(self) -> executor_pb2.GetCapabilitiesResponse:
        return executor_pb2.GetCapabilitiesResponse()

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        return Grade("passed", "", 1.0)


class _Sound(Calibrator):
    """Finds everything sound."""

    def __init__(self) -> None:
        pass

    async def require_sound(self, benchmark: Benchmark) -> CalibrationRecord:
        return CalibrationRecord(1, 0, 0, 0, 0, True, "", "a" * 64, "b" * 64)


class _Here(Workers):
    """Works in this process."""

    async def run(self, work: Callable[..., ResultT], *arguments: object) -> ResultT:
        return work(*arguments)


async def test_of_a_task_with_a_long_id_what_cannot_be_graded_is_listed_and_the_rest_graded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = Benchmark("own", "Own", "NOASSERTION", "", lambda: Content((_PROBLEM,)))
    monkeypatch.setitem(BENCHMARKS, "own", own)
    solutions = ["#" * (LARGEST_PROGRAM_BYTES + 1), "def double(n): return 2 * n"]
    lines = "".join(json.dumps({"task_id": _TASK, "solution": one}) + "\n" for one in solutions)
    operation = OperationInMemory()
    operation.store = _FileStore()
    samples = operation.store.put_bytes(lines.encode(), "application/jsonl")
    request = evaluator_pb2.ScoreArtifactRequest(benchmark="own", samples=samples)
    found = await ArtifactScoring(_Grader(), _Sound(), _Here()).run(request, operation)
    assert (found.summary.samples, found.summary.passed, found.summary.invalid) == (1, 1, 1)
    result = parse_result(operation.store.get_bytes(found.result), where="it")
    [passed] = result.results
    assert (passed.task_id, passed.sample, passed.verdict) == (_TASK, 1, "passed")
    [invalid] = result.invalid
    assert invalid.place == f"{samples.uri}, line 1"
    assert "more than 1,048,576 bytes" in invalid.problem
    [verdict] = operation.store.get_bytes(found.verdicts).splitlines()
    assert json.loads(verdict)["task_id"] == _TASK
