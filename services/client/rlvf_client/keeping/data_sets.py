"""Finds the data sets of an export: every file that a training read, and every whole selection."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_client.keeping.cards import ExportedData
from rlvf_client.keeping.report_file import Report
from rlvf_client.keeping.training_runs import TrainingRun, run_of

__all__ = ["NamedRecords", "describe_records", "is_control", "named_records"]

_ROUND = " round "
"""Marks the names that a run gives to the data of its further rounds."""


@dataclass(frozen=True, slots=True)
class NamedRecords:
    """Records under the name of their configuration."""

    name: str
    ref: artifact_pb2.ArtifactRef
    selected: str
    """Name of the set in the report that they are, or are part of."""


def named_records(
    request: reporter_pb2.RenderReportRequest, runs: Sequence[TrainingRun], report: Report
) -> list[NamedRecords]:
    """The sets of records of a run, each once. Those of an arm have its name, those of further
    rounds the report's. A whole selection is a set of its own where no training read all of it."""
    arms = {one.training: one.run_of for one in report.conditions if one.training}
    found: dict[str, NamedRecords] = {}
    selected = {ref.sha256: name for name, ref in _selected(request)}
    of_trainings = {name: data.name for data in request.data for name in data.trainings}
    for training in request.training:
        run = run_of(runs, training.run)
        if run is not None and run.records is not None:
            of = selected.get(run.records.sha256) or of_trainings[training.name]
            # Only data of a further round has a name of its own in the report.
            name = of if _ROUND in of else arms.get(training.name, training.name)
            found.setdefault(run.records.sha256, NamedRecords(name, run.records, of))
    for records in filter(None, (run.records for run in runs)):
        if known := selected.get(records.sha256):
            found.setdefault(records.sha256, NamedRecords(known, records, known))
    for data in request.data:
        whole = _whole(data)
        found.setdefault(
            whole.sha256, NamedRecords(f"all selected for {data.name}", whole, data.name)
        )
    taken: set[str] = set()
    return [_with_free_name(one, taken) for one in found.values()]


def _selected(
    request: reporter_pb2.RenderReportRequest,
) -> Iterator[tuple[str, artifact_pb2.ArtifactRef]]:
    """All sets of records that the report knows, with the name of the selection that they are part
    of."""
    for data in request.data:
        yield data.name, _whole(data)
        for rung in data.pairs.ladder:
            yield data.name, rung.pairs
            yield data.name, rung.curriculum


def _whole(data: reporter_pb2.TrainingData) -> artifact_pb2.ArtifactRef:
    is_pairs = data.WhichOneof("selected") == "pairs"
    return data.pairs.pairs if is_pairs else data.answers.answers


def _with_free_name(records: NamedRecords, taken: set[str]) -> NamedRecords:
    """The same records under a name that is free and fits a file."""
    plain = "-".join(records.name.split())
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}-{number}", number + 1
    taken.add(name)
    return NamedRecords(name, records.ref, records.selected)


def describe_records(records: NamedRecords, path: Path, report: Report) -> ExportedData:
    """What a card says of records, which are in the file `path`."""
    selected = next(one for one in report.data if one.name == records.selected)
    with path.open("rb") as file:
        sources = [str(json.loads(line).get("source", "")) for line in file]
    controls = {one.training for one in report.conditions if one.run_of in report.controls}
    return ExportedData(
        name=records.name,
        kind=selected.kind,
        file=path.name,
        records=len(sources),
        sources=tuple(dict.fromkeys(source for source in sources if source)),
        selected=selected,
        # Earlier reports did not say by which verdicts pairs were selected.
        verified=selected.verdicts in ("true", None) and controls.isdisjoint(selected.trainings),
    )


def is_control(run: TrainingRun, data: ExportedData | None, arm: str, report: Report) -> bool:
    """Whether a run of `arm` was trained without verification; `data` is what it read, None where
    it learned online."""
    shuffled = run.request.hyperparameters.shuffle_rewards
    return shuffled or arm in report.controls or (data is not None and not data.verified)
