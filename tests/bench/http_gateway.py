"""Verdicts per second over HTTP beside those over gRPC.

    make bench-http      # or: python -m tests.bench.http_gateway --rounds N

The same programs, HumanEval's references, go to the same executor and evaluator: by gRPC, and
through an HTTP gateway. Three ways of calling are measured: `Score` as one stream and as one
request, a batch of programs likewise, and single programs, eight at a time. The two sides take
turns, so that whatever else the machine does meets both, and the fastest round of each counts:
other work only adds to a time. Requests are made before the clock runs. The client over HTTP is
aiohttp's: it takes a third of the time of httpx, as much as gRPC's. The last line is JSON; its
ratios are HTTP's speed divided by gRPC's, of the fastest rounds and of the medians.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import grpc
from google.protobuf import json_format

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf.http_gateway.v1 import http_gateway_pb2
from rlvf_client.local_stack.stack import LocalStack
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import grade_request
from rlvf_common.rpc.channels import open_blocking_channel, open_channel
from rlvf_common.rpc.concurrency import for_each
from rlvf_evaluator.benchmarks import find_named_benchmark

_AT_ONCE = 8
_SECONDS = 600.0
_JSON = {"content-type": "application/json"}
_PROBLEMS = list(find_named_benchmark("humaneval").problems.values())
_SAMPLES = [
    evaluator_pb2.Sample(task_id=one.task_id, sample=number, completion=one.canonical_solution)
    for number in range(4)
    for one in _PROBLEMS
][:500]
_GRADINGS = [grade_request(one, program(one, one.canonical_solution)) for one in _PROBLEMS]
_ITEMS = [
    executor_pb2.GradeBatchRequest.Item(id=str(number), request=request)
    for number, request in enumerate(_GRADINGS)
]
_SCORE_BODY = json_format.MessageToJson(
    http_gateway_pb2.ScoreRequest(
        header=evaluator_pb2.ScoreHeader(benchmark="humaneval"), samples=_SAMPLES
    )
)
_BATCH_BODY = json_format.MessageToJson(http_gateway_pb2.GradeRequest(items=_ITEMS))
_SINGLE_BODIES = [json_format.MessageToJson(request) for request in _GRADINGS]

Side = Callable[[], Awaitable[int]]
"""Does the work once; the answer is how many passed."""


def _score_by_grpc(channel: grpc.Channel) -> int:
    stub = evaluator_pb2_grpc.EvaluatorServiceStub(channel)
    header = evaluator_pb2.ScoreHeader(benchmark="humaneval")
    messages = [evaluator_pb2.ScoreRequest(header=header)]
    messages += [evaluator_pb2.ScoreRequest(sample=sample) for sample in _SAMPLES]
    *_, last = stub.Score(iter(messages), timeout=_SECONDS)
    passed: int = last.summary.passed
    return passed


def _batch_by_grpc(channel: grpc.Channel) -> int:
    stub = executor_pb2_grpc.ExecutorServiceStub(channel)
    messages = [executor_pb2.GradeBatchRequest(items=_ITEMS[at : at + 100]) for at in (0, 100)]
    answers = stub.GradeBatch(iter(messages), timeout=_SECONDS)
    passed = executor_pb2.VERDICT_PASSED
    return sum(item.response.verdict == passed for one in answers for item in one.items)


async def _singly_by_grpc(channel: grpc.aio.Channel) -> int:
    stub = executor_pb2_grpc.ExecutorServiceStub(channel)
    verdicts = []

    async def grade(request: executor_pb2.GradeRequest) -> None:
        verdicts.append((await stub.Grade(request, timeout=_SECONDS)).verdict)

    await for_each(_GRADINGS, grade, at_once=_AT_ONCE)
    return verdicts.count(executor_pb2.VERDICT_PASSED)


async def _score_over_http(client: aiohttp.ClientSession) -> int:
    answer = await _post(client, "/v1/score", _SCORE_BODY)
    passed: int = answer["summary"]["passed"]
    return passed


async def _batch_over_http(client: aiohttp.ClientSession) -> int:
    answer = await _post(client, "/v1/grade", _BATCH_BODY)
    return sum(one["response"]["verdict"] == "VERDICT_PASSED" for one in answer["items"])


async def _singly_over_http(client: aiohttp.ClientSession) -> int:
    verdicts = []
    path = "/rlvf.executor.v1.ExecutorService/Grade"

    async def grade(body: str) -> None:
        verdicts.append((await _post(client, path, body))["verdict"])

    await for_each(_SINGLE_BODIES, grade, at_once=_AT_ONCE)
    return verdicts.count("VERDICT_PASSED")


async def _post(client: aiohttp.ClientSession, path: str, body: str) -> dict[str, Any]:
    async with client.post(path, data=body, headers=_JSON) as answer:
        if answer.status != HTTPStatus.OK:
            raise SystemExit(f"{path}: {answer.status} {await answer.text()}")
        found: dict[str, Any] = await answer.json()
        return found


async def _measure(
    count: int, by_grpc: Side, over_http: Side, rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds of both sides in each round after a first that does not count."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(1 + rounds):
        for side, found in zip((by_grpc, over_http), seconds, strict=True):
            began = time.perf_counter()
            passed = await side()
            if passed != count:
                raise SystemExit(f"{passed} of {count} references passed")
            if number:
                found.append(time.perf_counter() - began)
    return seconds


async def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home:
        async with LocalStack(Path(home)) as stack:
            await stack.ensure("storage", "executor", "evaluator", "http-gateway")
            evaluator = open_blocking_channel(stack.address("evaluator"))
            executor = open_blocking_channel(stack.address("executor"))
            url = f"http://{stack.address('http-gateway')}"
            async with (
                open_channel(stack.address("executor")) as channel,
                aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(_SECONDS)) as client,
            ):
                ways: dict[str, tuple[int, Side, Side]] = {
                    "score": (
                        len(_SAMPLES),
                        lambda: asyncio.to_thread(_score_by_grpc, evaluator),
                        lambda: _score_over_http(client),
                    ),
                    "batch": (
                        len(_ITEMS),
                        lambda: asyncio.to_thread(_batch_by_grpc, executor),
                        lambda: _batch_over_http(client),
                    ),
                    "single": (
                        len(_GRADINGS),
                        lambda: _singly_by_grpc(channel),
                        lambda: _singly_over_http(client),
                    ),
                }
                for name, (count, by_grpc, over_http) in ways.items():
                    by, over = await _measure(count, by_grpc, over_http, rounds)
                    medians = statistics.median(by) / statistics.median(over)
                    figures[f"{name}_grpc_per_s"] = round(count / min(by), 1)
                    figures[f"{name}_http_per_s"] = round(count / min(over), 1)
                    figures[f"{name}_ratio"] = round(min(by) / min(over), 3)
                    figures[f"{name}_ratio_of_medians"] = round(medians, 3)
                    print(name, figures[f"{name}_ratio"], file=sys.stderr)
            evaluator.close()
            executor.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main())
