"""`CheckContamination`: compares a stored training set, line by line, with benchmarks."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.contamination import (
    MAX_OVERLAPS,
    BenchmarkIndex,
    TrainingRecord,
    parse_record,
)
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_evaluator.benchmarks import available_benchmarks
from rlvf_evaluator.problem_sets import find_benchmark

__all__ = ["check_contamination"]

LONGEST_LINE_BYTES = 64 << 20


def check_contamination(
    store: ArtifactStore,
    training_set: artifact_pb2.ArtifactRef,
    benchmarks: Sequence[str],
) -> evaluator_pb2.CheckContaminationResponse:
    """The overlaps of a stored training set with each of the named benchmarks, or with all that
    have data if none is named. Blocks.

    The training set is first copied to a temporary file, so that its digest is verified, and memory
    does not grow with its length.

    Raises:
        FailedPrecondition: it is missing, has no records, or a line has no text or is too long.
    """
    names = sorted(set(benchmarks))
    named = [find_benchmark(name, store) for name in names] or available_benchmarks()
    tallies = [_Tally(one.name, BenchmarkIndex(one.problems.values())) for one in named]
    records = 0
    with TemporaryDirectory(prefix="rlvf-contamination-") as folder:
        path = Path(folder, "training-set.jsonl")
        store.get_file(training_set, path)
        with path.open("rb") as file:
            for number, line in _lines(file):
                try:
                    record = parse_record(line, f"line {number}")
                except ValueError as error:
                    raise FailedPrecondition(f"{training_set.uri}, {error}") from None
                records += 1
                for tally in tallies:
                    tally.look(number, record)
    if not records:
        raise FailedPrecondition(f"{training_set.uri} has no records")
    return evaluator_pb2.CheckContaminationResponse(
        records=records, contaminations=[tally.message() for tally in tallies]
    )


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Non-empty lines with their numbers from 1."""
    number = 0
    while line := file.readline(LONGEST_LINE_BYTES + 1):
        number += 1
        if len(line) > LONGEST_LINE_BYTES:
            raise FailedPrecondition(f"line {number} has more than {LONGEST_LINE_BYTES:,} bytes")
        if line.strip():
            yield number, line


class _Tally:
    """The overlaps found with one benchmark so far."""

    def __init__(self, name: str, index: BenchmarkIndex) -> None:
        self._name = name
        self._index = index
        self._records = 0
        self._tasks: set[str] = set()
        self._overlaps: list[evaluator_pb2.Overlap] = []

    def look(self, line: int, record: TrainingRecord) -> None:
        matches = self._index.matches(record)
        self._records += bool(matches)
        for match in matches:
            self._tasks.add(match.task_id)
            if len(self._overlaps) < MAX_OVERLAPS:
                self._overlaps.append(
                    evaluator_pb2.Overlap(line=line, task_id=match.task_id, reason=match.reason)
                )

    def message(self) -> evaluator_pb2.Contamination:
        return evaluator_pb2.Contamination(
            benchmark=self._name,
            records=self._records,
            tasks=len(self._tasks),
            overlaps=self._overlaps,
        )
