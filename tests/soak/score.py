"""Many completions through the evaluator, which is killed (-9) in the middle: its memory stays
flat, and no verdict is lost, given twice, changed, or graded again after it was given.

    make soak-score [HOSTILE=1]        # or: python -m tests.soak.score --samples N [--hostile]

Storage, executor and evaluator are real. With `--hostile` another team spends all it can meanwhile
(`tests.soak.hostile_team`); then it is not counted how many samples were graded again, because
the other team's are among them. Ends with status 1 when something is not as it must be.
The last line is JSON.
"""

import argparse
import asyncio
import json
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rlvf.evaluator.v1.evaluator_pb2 import Sample
from rlvf_client import PartialScoreWarning
from rlvf_client.local_stack.stack import LocalStack
from rlvf_client.sdk.client import Evaluator
from rlvf_client.sdk.errors import Unavailable
from rlvf_common.rollouts.grading_window import MOST_ITEMS
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_evaluator.benchmarks import BENCHMARKS
from rlvf_evaluator.kept import CHUNK_VERDICTS
from tests.messages import with_fields
from tests.processes.evaluator import EvaluatorProcess
from tests.processes.executor import ExecutorProcess
from tests.soak.hostile_team import MAX_BYTES, TOKENS, all_beside, write_tokens

MOST_BYTES = 400_000_000
_PROBLEMS = BENCHMARKS["humaneval"].problems
_TASKS = tuple(_PROBLEMS)
_ID = "soak"


def record(index: int) -> dict[str, str | int]:
    """Right and wrong answers in turn; no two programs are the same."""
    task = _TASKS[index % len(_TASKS)]
    body = _PROBLEMS[task].canonical_solution if is_right(index) else "    return 'wrong'\n"
    sample = index // len(_TASKS)
    return {"task_id": task, "sample": sample, "completion": f"{body}\n# {index}\n"}


def is_right(index: int) -> bool:
    """Whether the answer of that index passes."""
    return (index + index // len(_TASKS)) % 2 == 0


@dataclass
class Answers:
    """What one call has answered."""

    given: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    summarised: int = 0


def call(client: Evaluator, samples: int, answers: Answers) -> Iterator[int]:
    """One call of `Score`; how many have been answered, after each answer."""
    numbers = {task: number for number, task in enumerate(_TASKS)}
    messages = (with_fields(Sample(), record(index)) for index in range(samples))
    for response in client.stream("humaneval", messages, request_id=_ID, expected=samples):
        if response.HasField("summary"):
            answers.summarised = response.summary.samples
            continue
        result = response.result
        index = result.sample * len(_TASKS) + numbers[result.task_id]
        if index in answers.given:
            answers.faults.append(f"{index} was answered twice")
        if (result.verdict == "passed") != is_right(index):
            answers.faults.append(f"{index} is {result.verdict}: {result.detail}")
        answers.given.add(index)
        if result.kept:
            answers.kept.add(index)
        yield len(answers.given)


def peak_bytes(process: EvaluatorProcess) -> int:
    """The most memory that the process has held."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def gradings(executor: ExecutorProcess) -> int:
    """How many programs the executor has graded."""
    return int(
        sum(
            value
            for name, value in executor.metrics().items()
            if name.startswith("rlvf_executor_executions_total{")
        )
    )


def soak(
    storage: StorageSettings, samples: int, artifact_samples: int, folder: Path, *, hostile: bool
) -> list[str]:
    """Runs the soak and prints it; returns what was wrong."""
    faults: list[str] = []
    peaks: dict[str, int] = {}
    seconds: dict[str, float] = {}
    hostile_calls: dict[str, Counter[str]] = {}
    with (
        ExecutorProcess(metrics_listen="127.0.0.1:0") as executor,
        EvaluatorProcess(
            **storage.model_dump(),
            executor_address=executor.address,
            tokens_file=write_tokens(folder),
        ) as evaluator,
        Evaluator(evaluator.address, token=TOKENS["good"]) as client,
        ExitStack() as neighbours,
    ):
        client.score("humaneval", [record(0)])  # Calibrated.
        if hostile:
            hostile_calls = neighbours.enter_context(all_beside(evaluator.address, folder))
        before = gradings(executor)

        first, second, third = Answers(), Answers(), Answers()
        started = time.monotonic()
        try:
            for answered in call(client, samples, first):
                if answered == samples // 3:
                    peaks["until_killed"] = peak_bytes(evaluator)
                    evaluator.kill()
        except Unavailable:
            evaluator.start()
            # Which waits for the connection; a stream does not.
            client.quota()
        for answered in call(client, samples, second):
            if answered % (samples // 10) == 0:
                mib = peak_bytes(evaluator) >> 20
                print(f"{answered} answered: at most {mib} MiB", flush=True)
        seconds["graded"] = time.monotonic() - started
        repeated = gradings(executor) - before - samples
        peaks["resumed"] = peak_bytes(evaluator)

        started = time.monotonic()
        for _ in call(client, samples, third):
            pass
        seconds["kept"] = time.monotonic() - started
        peaks["kept"] = peak_bytes(evaluator)
        if not hostile and gradings(executor) - before - samples != repeated:
            faults.append("what was kept was graded again")

        started = time.monotonic()
        lines = "".join(json.dumps(record(index)) + "\n" for index in range(artifact_samples))
        ref = ArtifactStore.connect(storage).put_bytes(lines.encode(), JSONL)
        found = client.score_artifact("humaneval", ref).score
        seconds["artifact"] = time.monotonic() - started
        peaks["artifact"] = peak_bytes(evaluator)
        if found.passed != sum(map(is_right, range(artifact_samples))):
            faults.append(f"the file: {found.passed} of {found.samples} passed")

    for answers in (first, second, third):
        faults += answers.faults[:10]
    for answers in (second, third):
        if not len(answers.given) == answers.summarised == samples:
            faults.append(f"{len(answers.given)} answers, {answers.summarised} in the summary")
    if not first.given <= second.kept:
        faults.append(f"{len(first.given - second.kept)} were answered before and graded again")
    if len(third.kept) != samples:
        faults.append(f"{samples - len(third.kept)} were not kept")
    if not hostile and not 0 <= repeated <= CHUNK_VERDICTS + 2 * MOST_ITEMS:
        faults.append(f"{repeated} were graded again")
    most = MAX_BYTES if hostile else MOST_BYTES
    faults += [f"{name}: {peak:,} bytes" for name, peak in peaks.items() if peak > most]
    figures = {
        "samples": samples,
        "answered_before_the_kill": len(first.given),
        "kept_by_then": len(second.kept),
        "graded_again": None if hostile else repeated,
        "artifact_samples": artifact_samples,
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "peak_megabytes": {name: round(peak / 1e6, 1) for name, peak in peaks.items()},
        "hostile_calls": hostile_calls,
        "faults": faults,
    }
    print(json.dumps(figures))
    return faults


async def run(samples: int, artifact_samples: int, *, hostile: bool) -> list[str]:
    """The soak, with object storage of its own."""
    with tempfile.TemporaryDirectory(prefix="rlvf-soak-") as home:
        async with LocalStack(Path(home)) as stack:
            await stack.ensure("storage")
            return await asyncio.to_thread(
                soak,
                stack.storage_settings(),
                samples,
                artifact_samples,
                Path(home),
                hostile=hostile,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--artifact-samples", type=int, default=20_000)
    parser.add_argument("--hostile", action="store_true", help="beside a hostile team")
    given = parser.parse_args()
    warnings.simplefilter("ignore", PartialScoreWarning)
    if asyncio.run(run(given.samples, given.artifact_samples, hostile=given.hostile)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
