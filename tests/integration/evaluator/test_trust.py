"""Comparisons of several runs, trends and contamination, through gRPC, with real object storage."""

import json
import re
import tracemalloc
from pathlib import Path

import grpc
import pytest

from rlvf.artifact.v1.artifact_pb2 import ArtifactRef
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument, NotFound, from_rpc_error
from rlvf_common import starter
from rlvf_common.problems.problem import dump_problems
from rlvf_common.statistics.results import EvaluationResult, TaskResult, dump_result
from rlvf_common.storage.artifacts import JSON, JSONL, ArtifactStore
from rlvf_evaluator.benchmarks import BENCHMARKS
from rlvf_evaluator.contamination import check_contamination

from .conftest import Stub

HUMANEVAL = BENCHMARKS["humaneval"].problems


def _store(store: ArtifactStore, passing: int, *, tasks: int = 50) -> ArtifactRef:
    results = tuple(
        TaskResult(f"t{task:02}", 0, "passed" if task < passing else "failed")
        for task in range(tasks)
    )
    return store.put_bytes(dump_result(EvaluationResult("mine", results)), JSON)


async def test_several_runs_a_side_are_compared(evaluator: Stub, store: ArtifactStore) -> None:
    request = evaluator_pb2.CompareRequest(
        baseline=_store(store, 20),
        treatment=_store(store, 24),
        more_baselines=[_store(store, 21)],
        more_treatments=[_store(store, 25), _store(store, 23)],
    )
    comparison = (await evaluator.Compare(request, timeout=60)).comparison
    assert comparison.tasks == 50
    assert comparison.delta == pytest.approx(24 / 50 - 20.5 / 50)
    assert list(comparison.run_deltas) == pytest.approx([0.07, 0.09, 0.05])
    assert comparison.improved == ["t20", "t21", "t22", "t23"]
    assert comparison.ci95.low < comparison.delta < comparison.ci95.high
    assert 0 < comparison.smallest_detectable < 1
    assert "2 and 3 runs" in comparison.sentence


async def test_a_trend_is_found(evaluator: Stub, store: ArtifactStore) -> None:
    rungs = [
        evaluator_pb2.TrendRung(size=size, results=[_store(store, passing)])
        for size, passing in ((0, 30), (500, 26), (1000, 22), (2052, 18))
    ]
    response = await evaluator.TestTrend(evaluator_pb2.TestTrendRequest(rungs=rungs), timeout=60)
    assert response.slope == pytest.approx(-4 / 50)
    assert response.ci95.low < response.slope < response.ci95.high < 0
    assert response.p_value < 0.001
    assert (response.tasks, list(response.differences)) == (50, [])
    assert list(response.pass_at_1) == pytest.approx([0.6, 0.52, 0.44, 0.36])
    assert response.sentence.startswith("pass@1 on mine falls by 8.0 pp a rung from 0 to 2,052")


@pytest.mark.parametrize(
    ("sizes", "field"),
    [
        ([0, 1], "rungs"),
        ([0, 1, 1], "rungs[2].size"),
        ([0, -1, 1], "rungs[1].size"),
        ([0, 1, float("nan")], "rungs[2].size"),
    ],
)
async def test_what_is_no_ladder_is_refused_by_its_field(
    evaluator: Stub, store: ArtifactStore, sizes: list[float], field: str
) -> None:
    rungs = [evaluator_pb2.TrendRung(size=size, results=[_store(store, 9)]) for size in sizes]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await evaluator.TestTrend(evaluator_pb2.TestTrendRequest(rungs=rungs), timeout=60)
    error = from_rpc_error(caught.value)
    assert isinstance(error, InvalidArgument)
    assert str(error).startswith(f"{field}:") or f"{field} " in str(error)


async def test_a_rung_of_other_tasks_is_refused(evaluator: Stub, store: ArtifactStore) -> None:
    rungs = [
        evaluator_pb2.TrendRung(size=size, results=[_store(store, 9, tasks=tasks)])
        for size, tasks in enumerate((50, 50, 49))
    ]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await evaluator.TestTrend(evaluator_pb2.TestTrendRequest(rungs=rungs), timeout=60)
    error = from_rpc_error(caught.value)
    assert isinstance(error, FailedPrecondition)
    assert "lacks 1 of the tasks" in str(error)


def _disguised(task_id: str) -> dict[str, str]:
    """A preference pair on a HumanEval problem whose function has another name."""
    problem = HUMANEVAL[task_id]

    def renamed(text: str) -> str:
        return re.sub(rf"\b{problem.entry_point}\b", "mystery", text)

    return {
        "prompt": renamed(problem.prompt).rstrip(),
        "chosen": renamed(problem.canonical_solution),
        "rejected": "    pass\n",
    }


def _training_set(store: ArtifactStore, records: list[dict[str, str]]) -> ArtifactRef:
    lines = "".join(json.dumps(record) + "\n" for record in records)
    return store.put_bytes(lines.encode(), JSONL)


async def test_hidden_humaneval_problems_are_found_in_a_training_set(
    evaluator: Stub, store: ArtifactStore
) -> None:
    hidden = set(HUMANEVAL)
    clean = {
        "prompt": "def shelf_width(books):\n    # Sum of the widths.",
        "chosen": "    return sum(book.width for book in books)\n",
        "rejected": "    return len(books)\n",
    }
    records = [clean]
    for task_id in sorted(hidden):
        records += [_disguised(task_id), clean]
    request = evaluator_pb2.CheckContaminationRequest(
        training_set=_training_set(store, records), benchmarks=["humaneval"]
    )
    response = await evaluator.CheckContamination(request, timeout=120)
    assert response.records == len(records)
    [found] = response.contaminations
    by_line = {
        line: {overlap.task_id for overlap in found.overlaps if overlap.line == line}
        for line in range(1, len(records) + 1)
    }
    assert all(not by_line[line] for line in range(1, len(records) + 1, 2))
    for line, task_id in zip(range(2, len(records) + 1, 2), sorted(hidden), strict=True):
        assert task_id in by_line[line]
    assert found.records == len(hidden)


async def test_answers_without_their_prompts_are_found_by_solution(
    evaluator: Stub, store: ArtifactStore
) -> None:
    text = "def mystery(x):\n" + HUMANEVAL["HumanEval/39"].canonical_solution
    request = evaluator_pb2.CheckContaminationRequest(
        training_set=_training_set(store, [{"text": text}]), benchmarks=["humaneval"]
    )
    response = await evaluator.CheckContamination(request, timeout=120)
    [overlap] = response.contaminations[0].overlaps
    assert (overlap.line, overlap.task_id, overlap.reason) == (1, "HumanEval/39", "solution")


async def test_starter_train_split_is_clean_against_every_benchmark(
    evaluator: Stub, store: ArtifactStore
) -> None:
    problems = starter.load("train")
    request = evaluator_pb2.CheckContaminationRequest(
        training_set=store.put_bytes(dump_problems(problems), JSONL),
        benchmarks=["starter", "humaneval"],
    )
    response = await evaluator.CheckContamination(request, timeout=120)
    assert response.records == len(problems)
    assert [found.benchmark for found in response.contaminations] == ["humaneval", "starter"]
    assert [list(found.overlaps) for found in response.contaminations] == [[], []]


async def test_mbpp_hardly_overlaps_humaneval_by_chance(
    evaluator: Stub, store: ArtifactStore, test_data: Path
) -> None:
    """974 short problems of the same kind: what is found is found by name."""
    records = [json.loads(line) for line in (test_data / "mbpp.jsonl").read_text().splitlines()]
    training = [{"prompt": record["text"], "solution": record["code"]} for record in records]
    request = evaluator_pb2.CheckContaminationRequest(
        training_set=_training_set(store, training), benchmarks=["humaneval"]
    )
    response = await evaluator.CheckContamination(request, timeout=120)
    reasons = {overlap.reason for overlap in response.contaminations[0].overlaps}
    assert reasons == {"entry point"}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b'{"text": "x"}\n{"text": 1}\n', "line 2: has no text"),
        (b'{"text": "x"}\n\n{"te', "line 3: not JSON"),
        (b"\n", "has no records"),
    ],
)
async def test_a_line_without_text_is_named(
    evaluator: Stub, store: ArtifactStore, data: bytes, complaint: str
) -> None:
    request = evaluator_pb2.CheckContaminationRequest(training_set=store.put_bytes(data, JSONL))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await evaluator.CheckContamination(request, timeout=120)
    error = from_rpc_error(caught.value)
    assert isinstance(error, FailedPrecondition)
    assert complaint in str(error)


async def test_an_unknown_benchmark_is_named(evaluator: Stub, store: ArtifactStore) -> None:
    request = evaluator_pb2.CheckContaminationRequest(
        training_set=_training_set(store, [{"text": "x"}]), benchmarks=["humanevil"]
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await evaluator.CheckContamination(request, timeout=60)
    error = from_rpc_error(caught.value)
    assert isinstance(error, NotFound)
    assert "humanevil" in str(error)


def test_memory_does_not_grow_with_the_training_set(store: ArtifactStore, tmp_path: Path) -> None:
    """Twenty times the records, which all overlap, in the same memory."""

    def peak(copies: int) -> int:
        line = json.dumps({"task_id": "HumanEval/1", "text": "x" * 500}) + "\n"
        (tmp_path / "t.jsonl").write_text(line * copies)
        ref = store.put_file(tmp_path / "t.jsonl", JSONL)
        tracemalloc.start()
        check_contamination(store, ref, ["humaneval"])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    # 1,000 overlaps are listed in both.
    peak(10)
    assert peak(24_000) < 1.2 * peak(1_200) + (1 << 20)
