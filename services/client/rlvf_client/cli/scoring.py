"""Grades a file of completions with the evaluator's Score stream, for `rlvf score`."""

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from rlvf_api.errors import InvalidArgument
from rlvf_api.samples import ignore, read_file, require_enough
from rlvf_client.progress.console import Stage
from rlvf_client.sdk.client import Evaluator, PartialScoreWarning
from rlvf_client.sdk.types import Score
from rlvf_common.statistics.results import (
    AnswerShares,
    CalibrationRecord,
    EvaluationResult,
    ExecutorRecord,
    ReportedRecord,
    TaskResult,
    dump_result,
)

# From this share of unparseable answers on, a remark is made.
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

    score: Score
    verdicts: list[TaskResult]
    """In the order of the samples."""
    samples_sha256: str
    """Digest of the file."""
    options: Options
    fenced: int
    """Answers with a Markdown fence that were graded unchanged."""


def check_samples(path: Path, options: Options) -> None:
    """Read a file of samples once, before any service is started.

    Raises:
        OSError: the file cannot be read.
        InvalidArgument: as `read_file`; or it is not a regular file, or has too few samples of a
            task for pass@k.
    """
    if not path.is_file():
        with path.open("rb"):  # Raises if it is missing or a folder.
            raise InvalidArgument(str(path), "must be a regular file: it is read several times")
    # The tasks are not known here: `53` and `HumanEval/53` may be the same one.
    read = read_file(path, on_invalid=ignore)
    names = (one.sample.task_id.rpartition("/")[2] for one in read)
    require_enough(Counter(names), options.k, "--k")


def score(
    evaluator: Evaluator, benchmark: str, samples: Path, stage: Stage, options: Options
) -> Scored:
    """Grade a file of samples; the arguments are those of `Evaluator.score`.

    Raises:
        InvalidArgument, OSError: as `read_file`.
        EvaluatorError: the evaluator refused or failed.
    """
    counts: Counter[str] = Counter()

    def tell(done: int, total: int) -> None:
        told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        stage.update(done, total, f"graded: {told}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PartialScoreWarning)  # `remarks` says it.
        found = evaluator.score(
            benchmark,
            samples,
            k=options.k,
            extract=options.extract,
            progress=tell,
            on_verdict=lambda verdict: counts.update([verdict]),
        )
    with samples.open("rb") as file:
        samples_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    verdicts = [
        TaskResult(one.task_id, one.sample, one.verdict, one.detail, one.cpu_ms)
        for one in found.results
    ]
    return Scored(
        found, verdicts, samples_sha256, options, 0 if options.extract else _fenced(samples)
    )


def _fenced(samples: Path) -> int:
    """Answers with a Markdown fence."""
    read = read_file(samples, on_invalid=ignore)
    return sum("```" in (one.sample.solution or one.sample.completion) for one in read)


def remarks(scored: Scored) -> list[str]:
    """Remarks on the answers for people, one line each."""
    lines = []
    found = scored.score
    if found.invalid:
        lines.append(
            f"INVALID: {found.invalid} of {found.invalid + found.samples} samples were not graded, "
            "and the score is not one of all of them: "
            + _first(f"{one.place}: {one.problem}" for one in found.invalid_samples)
        )
    if found.unreadable:
        lines.append(
            f"unreadable: {found.unreadable} of {len(scored.verdicts)} answers have bytes or "
            "characters that are not text; each was graded as U+FFFD "
            f"({_first(found.unreadable_at)})"
        )
    answers = found.summary.answers
    if found.summary.HasField("answers") and answers.unparseable_percent >= _MANY_PERCENT:
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


def _first(told: Iterable[str]) -> str:
    """The first three of them."""
    shown = list(islice(told, 4))
    return ", ".join(shown[:3]) + (", ..." if len(shown) > 3 else "")


def write_result(out: Path, scored: Scored, reported: ReportedRecord | None = None) -> None:
    """Write the result file of a scoring, with the record of an earlier one (`reported`)."""
    summary = scored.score.summary
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
        unreadable=scored.score.unreadable,
        invalid=tuple(scored.score.invalid_samples),
        k=tuple(scored.options.k),
    )
    out.write_bytes(dump_result(result))
