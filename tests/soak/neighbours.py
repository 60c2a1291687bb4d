"""What a team waits for beside another one that spends all it can.

    python -m tests.soak.neighbours

For each way to take a service down that was found once: seconds of another team's `Score` of ten
samples, the slowest of five, beside the same on an idle service; the memory of the evaluator; and
how the hostile calls ended. Exits with 1 where a `Score` took 2 s or more, or where the evaluator
took half of its memory on Kubernetes (2 GiB) for callers without a token.
"""

import asyncio
import gzip
import hashlib
import json
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
import psutil

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_client import Evaluator, PartialScoreWarning
from rlvf_client.local_stack.stack import LocalStack
from rlvf_common.statistics.results import EvaluationResult, TaskResult, dump_result
from rlvf_evaluator.testing import EvaluatorProcess

_TOKENS = {"good": "token-of-good", "hostile": "token-of-hostile"}
_SAMPLES = [
    {"task_id": "HumanEval/53", "sample": sample, "completion": f"    return x + y  # {sample}\n"}
    for sample in range(10)
]
_MAX_SECONDS = 2.0
_MAX_BYTES = 1 << 30
_METADATA = (("authorization", f"Bearer {_TOKENS['hostile']}"),)
_WRONG = (("authorization", "Bearer wrong"),)
_WRONG_TOKEN = "1,000 messages of 60 MiB with a wrong token"
_LARGE = bytes(60 << 20)

Stub = evaluator_pb2_grpc.EvaluatorServiceStub
Call = Callable[[Stub, grpc.Channel], object]


def _own_samples(number: int) -> list[dict[str, object]]:
    """Ten samples that nothing is kept of."""
    return [{**one, "completion": f"{one['completion']}# {number}\n"} for one in _SAMPLES]


class _Prepared:
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


def _hostile(made: _Prepared) -> dict[str, tuple[int, Call]]:
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
        _WRONG_TOKEN: (32, large),
    }


@contextmanager
def _beside(address: str, at_once: int, calls: int, call: Call) -> Iterator[Counter[str]]:
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

    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(repeat, number) for number in range(at_once)]
        try:
            yield ended
        finally:
            stop.set()
            for one in running:
                one.result()


def _slowest(team: Evaluator, numbers: Sequence[int]) -> float:
    """Seconds of the slowest of these calls."""
    seconds = []
    for number in numbers:
        started = time.monotonic()
        assert team.score("humaneval", _own_samples(number)).passed == 10
        seconds.append(time.monotonic() - started)
    return max(seconds)


def _measure(evaluator: EvaluatorProcess, folder: Path) -> bool:
    process = psutil.Process(evaluator.pid)
    fine = True
    with ExitStack() as stack:
        good, hostile = (
            stack.enter_context(Evaluator(evaluator.address, token=_TOKENS[team]))
            for team in ("good", "hostile")
        )
        made = _Prepared(hostile, folder)
        good.score("humaneval", _own_samples(-1))
        print(f"idle: {_slowest(good, range(5)):.2f} s, {process.memory_info().rss >> 20} MiB")
        for number, (name, (at_once, call)) in enumerate(_hostile(made).items(), start=1):
            peak = 0
            over = threading.Event()

            def watch(over: threading.Event = over) -> None:
                nonlocal peak
                while not over.wait(0.05):
                    peak = max(peak, process.memory_info().rss)

            watching = threading.Thread(target=watch)
            watching.start()
            calls = 1_000 if name == _WRONG_TOKEN else 0
            with _beside(evaluator.address, at_once, calls, call) as ended:
                time.sleep(1.0)  # Until all of them are in work.
                slowest = _slowest(good, range(100 * number, 100 * number + 5))
            over.set()
            watching.join()
            statuses = ", ".join(f"{status} {count}" for status, count in ended.most_common())
            print(f"{name}: {slowest:.2f} s, at most {peak >> 20} MiB; {statuses}")
            fine &= slowest < _MAX_SECONDS and peak < _MAX_BYTES
    return fine


async def _run(folder: Path) -> bool:
    callers = [
        {"name": name, "sha256": hashlib.sha256(token.encode()).hexdigest()}
        for name, token in _TOKENS.items()
    ]
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps({"callers": callers}))
    async with LocalStack(folder / "home") as stack:
        await stack.ensure("storage", "executor")
        settings = stack.storage_settings().model_dump()
        with EvaluatorProcess(
            **settings, executor_address=stack.address("executor"), tokens_file=tokens
        ) as evaluator:
            return await asyncio.to_thread(_measure, evaluator, folder)


def main() -> None:
    warnings.simplefilter("ignore", PartialScoreWarning)
    with TemporaryDirectory() as folder:
        fine = asyncio.run(_run(Path(folder)))
    raise SystemExit(0 if fine else 1)


if __name__ == "__main__":
    main()
