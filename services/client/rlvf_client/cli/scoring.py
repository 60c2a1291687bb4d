"""Grades a file of completions by the evaluator's Score stream."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import InvalidArgument, Unavailable
from rlvf_api.samples import Tasks, read_file, require_enough
from rlvf_client.experiment.progress import Stage
from rlvf_client.sdk.client import Evaluator, derived_request_id
from rlvf_common.statistics.results import (
    AnswerShares,
    CalibrationRecord,
    EvaluationResult,
    ExecutorRecord,
    ReportedRecord,
    TaskResult,
    dump_result,
)

# From this share on, the answers as a whole are suspect.
_MANY_PERCENT = 10.0


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is scored."""

    k: Sequence[int] = ()
    """k of pass@k; empty: the service's default."""
    extract: bool = False
    """Whether programs are extracted from the answers."""


class Scored(NamedTuple):
    """The result of grading a file of samples."""

    summary: evaluator_pb2.ScoreSummary
    verdicts: list[TaskResult]
    """In the order of the samples."""
    samples_sha256: str
    """Digest of the file."""
    options: Options
    unreadable: Sequence[str]
    """Places of the answers with bytes or characters that are not text."""
    fenced: int
    """Answers with a Markdown fence that were graded unchanged."""


def check_samples(path: Path, options: Options) -> None:
    """Read a file of samples once, before any service is started.

    Raises:
        InvalidArgument, OSError: as `read_file`; or it is not a regular file, or has too few
        samples
            of a task for pass@k.
    """
    if not path.is_file():
        with path.open("rb"):  # Raises if it is missing or a folder.
            raise InvalidArgument(str(path), "must be a regular file: it is read several times")
    # The tasks are not known here: `53` and `HumanEval/53` may be the same one.
    names = (one.sample.task_id.rpartition("/")[2] for one in read_file(path))
    require_enough(Counter(names), options.k, "--k")


def score(
    evaluator: Evaluator, benchmark: str, samples: Path, stage: Stage, options: Options
) -> Scored:
    """Grade a file of samples.

    The whole file is checked against the tasks of the benchmark before the first sample is sent.
    Verdicts of an earlier call with the same file are reused.

    Raises:
        InvalidArgument, OSError: as `read_file`.
        EvaluatorError: the evaluator refused or failed.
    """
    order: list[tuple[str, int]] = []
    unreadable: list[str] = []
    fenced = 0

    def checked(tasks: Tasks | None) -> Iterator[evaluator_pb2.Sample]:
        nonlocal fenced
        for one in read_file(samples, tasks):
            order.append((one.sample.task_id, one.sample.sample))
            if one.unreadable:
                unreadable.append(one.place)
            fenced += "```" in (one.sample.solution or one.sample.completion)
            yield one.sample

    tasks = evaluator.tasks(benchmark)
    request_id = derived_request_id(benchmark, checked(tasks), extract=options.extract)
    require_enough(Counter(task_id for task_id, _ in order), options.k, "--k")
    with samples.open("rb") as file:
        samples_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    verdicts: dict[tuple[str, int], TaskResult] = {}
    summary: evaluator_pb2.ScoreSummary | None = None
    for response in evaluator.resumed_stream(
        benchmark,
        lambda: (one.sample for one in read_file(samples, tasks)),
        k=options.k,
        extract=options.extract,
        request_id=request_id,
        expected=len(order),
    ):
        if response.HasField("summary"):
            summary = response.summary
            continue
        result = response.result
        verdicts[result.task_id, result.sample] = TaskResult(
            result.task_id, result.sample, result.verdict, result.detail, result.cpu_ms
        )
        stage.update(len(verdicts), len(order), "graded")
    if summary is None or len(verdicts) != len(order):
        raise Unavailable(f"the stream ended after {len(verdicts)} of {len(order)} verdicts")
    return Scored(
        summary,
        [verdicts[key] for key in order],
        samples_sha256,
        options,
        unreadable,
        0 if options.extract else fenced,
    )


def remarks(scored: Scored) -> list[str]:
    """Remarks on the answers for people, a line each."""
    lines = []
    if scored.unreadable:
        shown = ", ".join(scored.unreadable[:3]) + (", ..." if len(scored.unreadable) > 3 else "")
        lines.append(
            f"unreadable: {len(scored.unreadable)} of {len(scored.verdicts)} answers have bytes or "
            f"characters that are not text; each was graded as U+FFFD ({shown})"
        )
    answers = scored.summary.answers
    if scored.summary.HasField("answers") and answers.unparseable_percent >= _MANY_PERCENT:
        what = "the program extracted from" if scored.options.extract else "the program of"
        lines.append(
            f"unparseable: {what} {answers.unparseable_percent:.0f}% of the answers is not Python"
        )
        if scored.fenced:
            lines[-1] += (
                f"; {scored.fenced} of {len(scored.verdicts)} have a Markdown fence (```): use "
                "--extract to extract the program from each answer"
            )
    return lines


def write_result(out: Path, scored: Scored, reported: ReportedRecord | None = None) -> None:
    """Write the result file of a scoring, with the record of an earlier one (`reported`)."""
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
        extracted=summary.extracted,
        unreadable=len(scored.unreadable),
        k=tuple(scored.options.k),
    )
    out.write_bytes(dump_result(result))
