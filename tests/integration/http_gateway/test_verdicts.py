"""The verdicts over HTTP are those over gRPC."""

import grpc
import httpx
import pytest
from google.protobuf import json_format

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.http_gateway.v1 import http_gateway_pb2
from rlvf_evaluator.benchmarks import find_named_benchmark

_COMPLETIONS = 500
_LOOPS, _RAISES = "    while True: pass\n", "    raise ValueError(1)\n"


def _samples() -> list[evaluator_pb2.Sample]:
    """References, references without their last line, stubs, and two that loop among some that
    raise."""
    problems = list(find_named_benchmark("humaneval").problems.values())
    answers = [
        [problem.canonical_solution for problem in problems],
        [problem.canonical_solution.rstrip().rpartition("\n")[0] for problem in problems],
        ["    pass\n" for _ in problems],
        [_LOOPS] * 2 + [_RAISES] * (len(problems) - 2),
    ]
    return [
        evaluator_pb2.Sample(task_id=problem.task_id, sample=number, completion=completion)
        for number, completions in enumerate(answers)
        for problem, completion in zip(problems, completions, strict=True)
    ][:_COMPLETIONS]


@pytest.mark.slow
def test_500_completions_get_the_same_verdicts(
    client: httpx.Client, channels: dict[str, grpc.Channel]
) -> None:
    header = evaluator_pb2.ScoreHeader(benchmark="humaneval", samples=_COMPLETIONS)
    samples = _samples()
    request = http_gateway_pb2.ScoreRequest(header=header, samples=samples)
    answer = client.post(
        "/v1/score",
        content=json_format.MessageToJson(request),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    over_http = json_format.Parse(answer.text, http_gateway_pb2.ScoreResponse())

    messages = [evaluator_pb2.ScoreRequest(header=header)]
    messages += [evaluator_pb2.ScoreRequest(sample=sample) for sample in samples]
    stub = evaluator_pb2_grpc.EvaluatorServiceStub(channels["evaluator"])
    *results, last = stub.Score(iter(messages), timeout=600)

    def verdicts(found: list[evaluator_pb2.TaskResult]) -> dict[tuple[str, int], tuple[str, str]]:
        return {(one.task_id, one.sample): (one.verdict, one.detail) for one in found}

    ours = verdicts(list(over_http.results))
    assert len(ours) == _COMPLETIONS
    assert ours == verdicts([one.result for one in results])
    assert {verdict for verdict, _ in ours.values()} == {"passed", "failed", "error", "timeout"}
    assert over_http.summary == last.summary
