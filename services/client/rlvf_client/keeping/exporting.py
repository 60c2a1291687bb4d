"""Writes a finished run as a folder that others can load; `export_folder` describes its layout."""

import base64
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_api.hyperparameters import resolve_run
from rlvf_client.keeping.cards import (
    ExportedAdapter,
    ExportedData,
    data_card,
    export_card,
    model_card,
)
from rlvf_client.keeping.data_sets import describe_records, is_control, named_records
from rlvf_client.keeping.export_folder import (
    OPERATIONS_FILE,
    REPORT_FOLDER,
    ExportedFile,
    Manifest,
    describe_file,
    write_manifest,
)
from rlvf_client.keeping.report_file import Report, read_report
from rlvf_client.keeping.run_record import (
    RECORD_FILE,
    FinishedRun,
    read_record,
    write_record,
)
from rlvf_client.keeping.training_runs import TrainingRun, run_of, training_runs
from rlvf_common.storage.artifacts import BINARY, ArtifactStore
from rlvf_common.storage.reachability import digests_in, reachable
from rlvf_common.storage.stored_operations import StoredOperation, read_operation

__all__ = ["Exported", "export_run", "require_finished"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    adapters: int
    data_sets: int
    files: int
    size_bytes: int


def require_finished(folder: Path) -> FinishedRun:
    """The finished run of a run folder.

    Raises:
        FailedPrecondition: the folder has no report, or the report was changed.
    """
    finished = read_record(folder).finished
    if finished is None:
        raise FailedPrecondition(
            f"{folder} has no finished run; run the experiment to its end with this version"
        )
    finished.require_files(folder)
    return finished


def export_run(folder: Path, store: ArtifactStore, out: Path, *, licence: str | None) -> Exported:
    """Write the run of a run folder to `out`, which appears when it is complete. `licence` is the
    one that the cards state, as the hub writes it; None: that of the base for adapters, and
    `unknown` for data.

    Raises:
        FailedPrecondition: as `require_finished`, or an artifact is not in storage any more.
    """
    finished = require_finished(folder)
    report = read_report(folder / "report.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as parent:
        writer = _Writer(Path(parent, "whole"), store)
        adapters, sets = _write_run(writer, folder, finished, report, licence)
        write_manifest(writer.folder, Manifest(report.experiment, writer.files))
        if out.is_dir():
            out.rmdir()
        writer.folder.rename(out)
    size = sum(file.size_bytes for file in writer.files.values())
    return Exported(adapters, sets, len(writer.files), size)


@dataclass(slots=True)
class _Writer:
    """Writes files below a folder, and records their digests for the manifest."""

    folder: Path
    store: ArtifactStore
    files: dict[str, ExportedFile] = field(default_factory=dict)

    def text(self, name: str, text: str) -> None:
        """Write a text file, which is not an artifact."""
        self._path(name).write_text(text)
        self.note(name)

    def copy(self, name: str, source: Path) -> None:
        """Copy a file that is not an artifact."""
        shutil.copyfile(source, self._path(name))
        self.note(name)

    def note(self, name: str) -> None:
        """Record a file that was written by other means and is not an artifact."""
        self.files[name] = describe_file(self.folder / name)

    def artifact(self, name: str, ref: artifact_pb2.ArtifactRef) -> Path:
        """Write an artifact; return its path."""
        path = self._path(name)
        self.store.get_file(ref, path)
        self.files[name] = ExportedFile(ref.sha256, ref.size_bytes, ref.media_type or BINARY)
        return path

    @property
    def written(self) -> set[str]:
        """Digests of the artifacts so far."""
        return {file.sha256 for file in self.files.values() if file.media_type}

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _write_run(
    writer: _Writer, folder: Path, finished: FinishedRun, report: Report, licence: str | None
) -> tuple[int, int]:
    """Write all files; return the numbers of adapters and data sets."""
    request = finished.request
    operations = _operations(writer.store, finished.operations)
    runs = training_runs(operations)
    sets = _write_data(writer, request, runs, report, licence)
    adapters = list(_write_adapters(writer, request, runs, sets, report, licence))
    _write_results(writer, request)
    for name in finished.files:
        writer.copy(f"{REPORT_FOLDER}/{name}", folder / name)
    write_record(writer.folder / REPORT_FOLDER, finished)
    writer.note(f"{REPORT_FOLDER}/{RECORD_FILE}")
    writer.text("experiment.yaml", request.settings)
    lines = (json.dumps(_operation_record(one)) + "\n" for one in operations)
    writer.text(OPERATIONS_FILE, "".join(lines))
    _write_artifacts(writer, request, operations, runs)
    described = [data for data, _ in sets.values()]
    writer.text("README.md", export_card(adapters, described, report, licence))
    return len(adapters), len(sets)


def _operations(store: ArtifactStore, names: Sequence[str]) -> list[StoredOperation]:
    found = [read_operation(store, name) for name in names]
    return [one for one in found if one is not None and one.state.succeeded]


def _write_data(
    writer: _Writer,
    request: reporter_pb2.RenderReportRequest,
    runs: Sequence[TrainingRun],
    report: Report,
    licence: str | None,
) -> dict[str, tuple[ExportedData, artifact_pb2.ArtifactRef]]:
    """Write the data sets and their card; return the sets by digest."""
    sets = {}
    for records in named_records(request, runs, report):
        path = writer.artifact(f"data/{records.name}.jsonl", records.ref)
        sets[records.ref.sha256] = describe_records(records, path, report), records.ref
    if sets:
        writer.text("data/README.md", data_card([one for one, _ in sets.values()], report, licence))
    return sets


def _write_adapters(
    writer: _Writer,
    request: reporter_pb2.RenderReportRequest,
    runs: Sequence[TrainingRun],
    sets: Mapping[str, tuple[ExportedData, artifact_pb2.ArtifactRef]],
    report: Report,
    licence: str | None,
) -> Iterator[ExportedAdapter]:
    conditions = {one.training: one for one in report.conditions}
    for training in request.training:
        ref = training.run.adapter
        run = run_of(runs, training.run)
        if run is None:
            raise FailedPrecondition(
                f"the operation that trained {training.name} is not in storage any more; run the "
                "experiment again"
            )
        for name, file in writer.store.list_directory(ref).items():
            writer.artifact(f"adapters/{training.name}/{name}", file)
        summary = training.run.summary
        condition = conditions[training.name]
        data = sets[run.records.sha256][0] if run.records is not None else None
        completed = summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
        adapter = ExportedAdapter(
            name=training.name,
            sha256=ref.sha256,
            model=condition.model,
            base_weights_sha256=training.run.base_weights_sha256,
            hyperparameters=resolve_run(run.request),
            data=data,
            problems_sha256=run.request.problems.sha256,
            is_control=is_control(run, data, condition.run_of, report),
            steps=summary.steps,
            stopped="" if completed else summary.detail or "before its last step",
        )
        writer.text(f"adapters/{training.name}/README.md", model_card(adapter, report, licence))
        yield adapter


def _write_results(writer: _Writer, request: reporter_pb2.RenderReportRequest) -> None:
    for condition in request.conditions:
        benchmark = json.loads(writer.store.get_bytes(condition.result))["benchmark"]
        place = f"results/{benchmark}/{condition.name}"
        writer.artifact(f"{place}.json", condition.result)
        if condition.HasField("greedy"):
            writer.artifact(f"{place}.greedy.json", condition.greedy)
        if condition.HasField("completions"):
            writer.artifact(f"{place}.completions.jsonl", condition.completions)


def _write_artifacts(
    writer: _Writer,
    request: reporter_pb2.RenderReportRequest,
    operations: Sequence[StoredOperation],
    runs: Sequence[TrainingRun],
) -> None:
    """Write the artifacts that the operations and the report refer to, and that are not written
    yet."""
    messages = [request.SerializeToString()]
    for operation in operations:
        messages += [operation.request, operation.state.response]
    roots = set().union(*(digests_in([message]) for message in messages))
    checkpoints = {sha256 for run in runs for sha256 in run.checkpoints}
    needed = reachable(writer.store, roots, without=checkpoints)
    for sha256 in sorted(needed.keys() - writer.written):
        writer.artifact(f"artifacts/{sha256}", needed[sha256])


def _operation_record(operation: StoredOperation) -> dict[str, object]:
    return {
        "name": operation.name,
        "request": base64.b64encode(operation.request).decode(),
        "state": json.loads(operation.state.dump()),
    }
