"""Answers that another harness has graded, to be graded here."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rlvf_api.errors import InvalidArgument
from rlvf_client.cli.reported import Flags
from rlvf_client.harnesses.files import read_foreign, write_answers
from rlvf_client.harnesses.records import ForeignFile

__all__ = ["graded_elsewhere"]


@contextmanager
def graded_elsewhere(samples: Path, benchmark: str) -> Iterator[tuple[Path, Flags | None]]:
    """The file of samples to grade, and what another harness found of them: `samples` itself, or
    where it is a result file of another harness the answers in it, as long as the context lasts.

    There are no flags where that harness had other verdicts than on the benchmark, or several
    answers to a task, since a flag is one for each task.

    Raises:
        InvalidArgument: the file is such a result with something wrong, or without answers.
    """
    try:
        foreign = read_foreign(samples)
    except ValueError as error:
        raise InvalidArgument("--samples", str(error)) from None
    if foreign is None:
        yield samples, None
        return
    if not foreign.answers:
        raise InvalidArgument(
            str(samples),
            f"has verdicts of {foreign.harness} without the answers; give its file of samples",
        )
    with tempfile.TemporaryDirectory(prefix="rlvf-") as folder:
        answers = Path(folder) / f"answers-of-{samples.stem}.jsonl"
        write_answers(foreign, answers)
        yield answers, _flags(foreign, benchmark)


def _flags(foreign: ForeignFile, benchmark: str) -> Flags | None:
    for result in foreign.results:
        if result.benchmark == benchmark and len(result.results) == len(result.rates()):
            return Flags(foreign.harness, {one.task_id: one.passed for one in result.results})
    return None
