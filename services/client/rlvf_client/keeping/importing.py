"""Imports a folder of `rlvf export` into this home: its artifacts, the steps that are done, and its
run folder. Nothing in it is executed, and nothing outside it is read.

Digests show that the folder is unchanged, not who wrote it: whoever imports it trusts its numbers
like those of their own run.
"""

import base64
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import any_pb2
from google.protobuf.message import DecodeError

from rlvf_api.errors import FailedPrecondition
from rlvf_client.keeping.export_folder import (
    OPERATIONS_FILE,
    REPORT_FOLDER,
    Manifest,
    check_file,
    read_manifest,
)
from rlvf_client.keeping.run_record import RECORD_FILE, read_record, write_record
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.stored_operations import State, StoredOperation, restore_operation

__all__ = ["Imported", "import_folder", "imported_experiment"]

_EXPERIMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was imported."""

    artifacts: int
    operations: int | None
    """Number of steps that are done. None: they name artifacts of a bucket whose name differs from
    this storage's, so neither they nor the run folder were imported."""
    known: int
    """How many of these steps this home had already; they were left unchanged."""
    adapters: dict[str, str]
    """Digests by name."""


def imported_experiment(folder: Path) -> str:
    """Name of the experiment of an exported folder. Raises FailedPrecondition as `read_manifest`,
    or where the name is not valid."""
    name = read_manifest(folder).experiment
    if _EXPERIMENT.fullmatch(name) is None:
        raise FailedPrecondition(f"{folder} is of an experiment without a valid name: {name!r}")
    return name


def import_folder(folder: Path, store: ArtifactStore, out: Path) -> Imported:
    """Import a folder; `out` becomes its run folder. Everything is checked before anything is
    stored. Where the storage's bucket has another name, only the artifacts are imported.

    Raises:
        FailedPrecondition: the folder does not match its manifest, or is not an export.
    """
    manifest = read_manifest(folder)
    paths = {name: check_file(folder, name, file) for name, file in manifest.files.items()}
    operations = _operations(paths)
    report = _report_files(paths, manifest)
    finished = read_record(folder / REPORT_FOLDER).finished
    if finished is None or set(finished.files) != set(report) or not finished.request.conditions:
        raise FailedPrecondition(f"{folder / REPORT_FOLDER} is not the report of a finished run")
    finished.require_files(folder / REPORT_FOLDER)
    artifacts = 0
    for name, file in manifest.files.items():
        if file.media_type:
            ref = store.put_file(paths[name], file.media_type)
            if ref.sha256 != file.sha256:
                raise FailedPrecondition(f"{paths[name]} was changed while it was read")
            artifacts += 1
    adapters = {one.name: one.run.adapter.sha256 for one in finished.request.training}
    result = finished.request.conditions[0].result
    here = store.find(result.sha256)
    if here is None or here.uri != result.uri:
        return Imported(artifacts, None, 0, adapters)
    new = sum(restore_operation(store, operation) for operation in operations)
    out.mkdir(parents=True, exist_ok=True)
    for name, path in report.items():
        shutil.copyfile(path, out / name)
    write_record(out, finished)
    return Imported(artifacts, len(operations), len(operations) - new, adapters)


def _report_files(paths: dict[str, Path], manifest: Manifest) -> dict[str, Path]:
    """The files of the report by their names, without the record of the run."""
    record = f"{REPORT_FOLDER}/{RECORD_FILE}"
    if record not in manifest.files:
        raise FailedPrecondition(f"the export has no {record}")
    found = {
        name.removeprefix(f"{REPORT_FOLDER}/"): path
        for name, path in paths.items()
        if name.startswith(f"{REPORT_FOLDER}/") and name != record
    }
    if any("/" in name for name in found):
        raise FailedPrecondition("the export's report has folders")
    return found


def _operations(paths: dict[str, Path]) -> list[StoredOperation]:
    if OPERATIONS_FILE not in paths:
        return []
    operations = []
    with paths[OPERATIONS_FILE].open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                operations.append(_operation(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError, DecodeError):
                raise FailedPrecondition(
                    f"{paths[OPERATIONS_FILE]}, line {number}: is not a finished step"
                ) from None
    return operations


def _operation(line: bytes) -> StoredOperation:
    """The operation of a line. Of its state only the result is kept."""
    record = json.loads(line)
    request = base64.b64decode(record["request"], validate=True)
    state = State.parse(json.dumps(record["state"]).encode())
    for message in (request, state.response, *([state.metadata] if state.metadata else [])):
        if not any_pb2.Any.FromString(message).type_url:
            raise ValueError("is no message")
    if state.error:
        raise ValueError("has failed")
    done = State(1, done=state.done, metadata=state.metadata, response=state.response)
    operation = StoredOperation(record["name"], request, done)
    operation.require_success()
    return operation
