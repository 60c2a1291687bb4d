"""What a team waits for beside another one that spends all it can.

    python -m tests.soak.neighbours

For each way to take a service down that was found once: seconds of another team's `Score` of ten
samples, the slowest of five, beside the same on an idle service; the memory of the evaluator's
server; and how the hostile calls ended. Exits with 1 where a `Score` took 2 s or more, or where the
server took 1 GiB: half of what its container on Kubernetes leaves it beside two workers.
"""

import asyncio
import threading
import time
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from rlvf_client import Evaluator, PartialScoreWarning
from rlvf_client.local_stack.stack import LocalStack
from tests.processes.evaluator import EvaluatorProcess

from .hostile_team import (
    MAX_BYTES,
    TOKENS,
    WRONG_TOKEN,
    Prepared,
    beside,
    hostile_calls,
    write_tokens,
)

_SAMPLES = [
    {"task_id": "HumanEval/53", "sample": sample, "completion": f"    return x + y  # {sample}\n"}
    for sample in range(10)
]
_MAX_SECONDS = 2.0


def _own_samples(number: int) -> list[dict[str, object]]:
    """Ten samples that nothing is kept of."""
    return [{**one, "completion": f"{one['completion']}# {number}\n"} for one in _SAMPLES]


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
            stack.enter_context(Evaluator(evaluator.address, token=TOKENS[team]))
            for team in ("good", "hostile")
        )
        made = Prepared(hostile, folder)
        good.score("humaneval", _own_samples(-1))
        print(f"idle: {_slowest(good, range(5)):.2f} s, {process.memory_info().rss >> 20} MiB")
        for number, (name, (at_once, call)) in enumerate(hostile_calls(made).items(), start=1):
            peak = 0
            over = threading.Event()

            def watch(over: threading.Event = over) -> None:
                nonlocal peak
                while not over.wait(0.05):
                    peak = max(peak, process.memory_info().rss)

            watching = threading.Thread(target=watch)
            watching.start()
            calls = 1_000 if name == WRONG_TOKEN else 0
            with beside(evaluator.address, at_once, calls, call) as ended:
                time.sleep(1.0)  # Until all of them are in work.
                slowest = _slowest(good, range(100 * number, 100 * number + 5))
            over.set()
            watching.join()
            statuses = ", ".join(f"{status} {count}" for status, count in ended.most_common())
            print(f"{name}: {slowest:.2f} s, at most {peak >> 20} MiB; {statuses}")
            fine &= slowest < _MAX_SECONDS and peak < MAX_BYTES
    return fine


async def _run(folder: Path) -> bool:
    tokens = write_tokens(folder)
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
