"""Result files of other harnesses as samples for `rlvf score`: their answers are graded here."""

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
    """The file of samples to grade, and what another harness found of them. The file is `samples`
    itself, or, where that is a result file of another harness, a file of the answers in it that
    exists as long as the context lasts.

    There are no flags where the harness has no verdicts on the benchmark, or several answers to a
    task: a flag is for a task.

    Raises:
        InvalidArgument: the file is such a result, but has an error or no answers.
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
