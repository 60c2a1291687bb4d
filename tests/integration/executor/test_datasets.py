"""HumanEval, HumanEval+, MBPP and MBPP+, graded over gRPC.

Every reference solution passes, and nothing passes that solves nothing. `make test` takes every
twentieth task; `make test-datasets` all of them, which takes five minutes on two cores.

The data sets' own fault: Mbpp/255 of MBPP+ has inputs that ask for up to 1.7 million tuples of 77,
more than a gigabyte. `rlvf_common/problems/benchmarks/evalplus.py` leaves those inputs out.
"""

import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import from_status
from rlvf_common.problems.benchmarks import Content, read_humaneval
from rlvf_common.problems.benchmarks.evalplus import read_humaneval_plus, read_mbpp_plus
from rlvf_common.problems.benchmarks.mbpp import read_mbpp
from rlvf_common.problems.benchmarks.sources import read_file
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import program, stub_completion
from rlvf_common.rollouts.grading import grade_request

from .conftest import Stub
from .forgeries import FORGERIES

# EvalPlus gives each case at least a second; some references need twenty for all of theirs.
CPU_SECONDS = 100.0
SIZES = {"HumanEval": 164, "HumanEval+": 164, "MBPP": 974, "MBPP+": 378}


@pytest.fixture(scope="module", params=SIZES)
def tasks(request: pytest.FixtureRequest, test_data: Path) -> list[Problem]:
    """One benchmark."""
    content: Content
    if request.param == "HumanEval":
        content = read_file(test_data / "HumanEval.jsonl.gz", read_humaneval)
    elif request.param == "HumanEval+":
        content = read_file(test_data / "HumanEvalPlus.jsonl.gz", read_humaneval_plus)
    elif request.param == "MBPP+":
        content = read_file(test_data / "MbppPlus.jsonl.gz", read_mbpp_plus)
    else:
        content = read_file(
            test_data / "mbpp.jsonl",
            lambda records: read_mbpp(records, split=None, challenge=True),
        )
    assert len(content.problems) == SIZES[request.param]
    every = 1 if os.environ.get("RLVF_TEST_DATASETS") == "all" else 20
    return [
        replace(problem, cpu_seconds=CPU_SECONDS, call_cpu_seconds=0.0)
        for problem in content.problems[::every]
    ]


async def verdicts(
    stub: Stub, tasks: Iterable[Problem], programs: Iterable[str]
) -> dict[str, executor_pb2.GradeResponse]:
    """The response for each program, by task."""

    async def requests() -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        for task, source in zip(tasks, programs, strict=True):
            item = executor_pb2.GradeBatchRequest.Item(
                id=task.task_id, request=grade_request(task, source)
            )
            yield executor_pb2.GradeBatchRequest(items=[item])

    responses = {}
    async for message in stub.GradeBatch(requests(), timeout=1200):
        for answer in message.items:
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


async def test_every_reference_passes(stub: Stub, tasks: list[Problem]) -> None:
    references = [program(task, task.canonical_solution) for task in tasks]
    responses = await verdicts(stub, tasks, references)
    wrong = {
        task: f"{executor_pb2.Verdict.Name(response.verdict)} {response.detail}"
        for task, response in responses.items()
        if response.verdict != executor_pb2.VERDICT_PASSED
    }
    assert wrong == {}
    assert len(responses) == len(tasks)


@pytest.mark.parametrize("answer", ["empty", "stub"])
async def test_an_answer_that_does_nothing_passes_nothing(
    stub: Stub, tasks: list[Problem], answer: str
) -> None:
    programs = [program(task, "" if answer == "empty" else stub_completion(task)) for task in tasks]
    assert passed(await verdicts(stub, tasks, programs)) == []


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_answer_passes_nothing(stub: Stub, tasks: list[Problem], name: str) -> None:
    programs = [FORGERIES[name].replace("NAME", task.entry_point) for task in tasks]
    assert passed(await verdicts(stub, tasks, programs)) == []
