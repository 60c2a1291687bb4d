"""A team that spends all it can: for each way to take a service down that was found once, calls
that go on for as long as others are measured."""

import gzip
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_client import Evaluator
from rlvf_common.statistics.results import EvaluationResult, TaskResult, dump_result

TOKENS = {"good": "token-of-good", "hostile": "token-of-hostile"}
MAX_BYTES = 1 << 30
"""Half of what the evaluator's container on Kubernetes leaves the server beside two workers."""
WRONG_TOKEN = "1,000 messages of 60 MiB with a wrong token"
_METADATA = (("authorization", f"Bearer {TOKENS['hostile']}"),)
_WRONG = (("authorization", "Bearer wrong"),)
_LARGE = bytes(60 << 20)

Stub = evaluator_pb2_grpc.EvaluatorServiceStub
Call = Callable[[Stub, grpc.Channel], object]


def write_tokens(folder: Path) -> Path:
    """A file of tokens with both teams."""
    callers = [
        {"name": name, "sha256": hashlib.sha256(token.encode()).hexdigest()}
        for name, token in TOKENS.items()
    ]
    path = folder / "tokens.json"
    path.write_text(json.dumps({"callers": callers}))
    return path


class Prepared:
    """The artifacts of the hostile team."""

    def __init__(self, team: Evaluator, folder: Path) -> None:
        newlines = folder / "newlines.gz"
        newlines.write_bytes(gzip.compress(b"\n" * 100_000_000))
        self.newlines = team.upload(newlines)
        records = folder / "records.jsonl"
        line = json.dumps({"text": "def f(x):\n    return x + 1\n" * 40})
        records.write_text((line + "\n") * 25_000)
        self.records = team.upload(records)
        result = folder / "result.json"
        results = tuple(
            TaskResult(f"HumanEval/{task}", sample, "passed")
            for task in range(164)
            for sample in range(20)
        )
        result.write_bytes(dump_result(EvaluationResult(benchmark="humaneval", results=results)))
        self.result = team.upload(result, "application/json")


def hostile_calls(made: Prepared) -> dict[str, tuple[int, Call]]:
    """The calls by name: how many at one time, and one of them."""

    def score_newlines(stub: Stub, channel: grpc.Channel) -> object:
        request = evaluator_pb2.ScoreArtifactRequest(
            benchmark="humaneval",
            samples=made.newlines,
            request_id=hashlib.sha256(str(time.monotonic_ns()).encode()).hexdigest(),
        )
        return stub.ScoreArtifact(request, timeout=30, metadata=_METADATA)

    def contamination(stub: Stub, channel: grpc.Channel) -> object:
        request = evaluator_pb2.CheckContaminationRequest(
            training_set=made.records, benchmarks=["humaneval"]
        )
        return stub.CheckContamination(request, timeout=1, metadata=_METADATA)

    def trend(stub: Stub, channel: grpc.Channel) -> object:
        rungs = [
            evaluator_pb2.TrendRung(size=size, results=[made.result] * 100) for size in range(100)
        ]
        return stub.TestTrend(
            evaluator_pb2.TestTrendRequest(rungs=rungs), timeout=5, metadata=_METADATA
        )

    def extract(stub: Stub, channel: grpc.Channel) -> object:
        answer = "```python\n" + "x = (\n" * 40_000
        sample = evaluator_pb2.Sample(task_id="HumanEval/53", completion=answer)
        header = evaluator_pb2.ScoreHeader(benchmark="humaneval", extract=True)
        requests = [
            evaluator_pb2.ScoreRequest(header=header),
            evaluator_pb2.ScoreRequest(sample=sample),
        ]
        return list(stub.Score(iter(requests), timeout=10, metadata=_METADATA))

    def streams(stub: Stub, channel: grpc.Channel) -> object:
        def requests() -> Iterator[evaluator_pb2.ScoreRequest]:
            header = evaluator_pb2.ScoreHeader(benchmark="humaneval")
            yield evaluator_pb2.ScoreRequest(header=header)
            threading.Event().wait(10)

        return list(stub.Score(requests(), timeout=8, metadata=_METADATA))

    def large(stub: Stub, channel: grpc.Channel) -> object:
        # Of bytes, which are there once: serializing each message would measure the client.
        compare: Any = channel.unary_unary("/rlvf.evaluator.v1.EvaluatorService/Compare")
        return compare(_LARGE, timeout=30, metadata=_WRONG)

    return {
        "ScoreArtifact of 100 MB of newlines in gzip": (6, score_newlines),
        "CheckContamination of 27 MB, deadline 1 s": (8, contamination),
        "TestTrend of 100 rungs x 100 results": (8, trend),
        "Score with extract of 240,000 characters": (8, extract),
        "Score streams that send nothing": (300, streams),
        WRONG_TOKEN: (32, large),
    }


@contextmanager
def beside(address: str, at_once: int, calls: int, call: Call) -> Iterator[Counter[str]]:
    """Make the calls for as long as the block lasts, and at least so many."""
    ended: Counter[str] = Counter()
    stop = threading.Event()

    def repeat(number: int) -> None:
        # A connection each: one has a maximum of streams.
        options = [("grpc.use_local_subchannel_pool", 1)] if number % 50 == 0 else []
        with grpc.insecure_channel(address, options=options) as channel:
            stub = Stub(channel)
            while not stop.is_set() or ended.total() < calls:
                try:
                    call(stub, channel)
                    ended["OK"] += 1
                except grpc.RpcError as error:
                    ended[error.code().name] += 1
                    if error.code() is grpc.StatusCode.UNAVAILABLE:
                        stop.wait(0.1)

    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(repeat, number) for number in range(at_once)]
        try:
            yield ended
        finally:
            stop.set()
            for one in running:
                one.result()


@contextmanager
def all_beside(address: str, folder: Path) -> Iterator[dict[str, Counter[str]]]:
    """Make all kinds of hostile calls at the same time, for as long as the block lasts."""
    with Evaluator(address, token=TOKENS["hostile"]) as team:
        calls = hostile_calls(Prepared(team, folder))
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(beside(address, at_once, 0, call))
            for name, (at_once, call) in calls.items()
        }
