"""Finds and removes what a home's storage has and nothing needs any more, for `rlvf gc`.

Kept are:

* every operation that is not done, with its checkpoints, and what its training has stored;
* the operations that the record of an existing run folder names (`known_runs`, `run_record`), of a
  report or of a run that has none yet; for those that failed also the checkpoints, from which the
  same request goes on;
* operations of which this home has no record: of `rlvf evaluate`, of other clients, of runs of
  older versions; and all those of an experiment that has a run folder without a finished run;
* calibrations, quotas, verdicts of `Score` by request, and references and graded answers of
  trainings;
* the artifacts that any of these need, and those that the artifacts need (`reachability`).

Everything else is garbage: results of settings or code that a later run replaced, what belongs to a
run folder that was removed, and what a step needed only while it ran.
"""

import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rlvf_client.keeping.known_runs import KnownRun, known_runs
from rlvf_client.keeping.run_record import RECORD_FILE, read_record
from rlvf_common.storage.artifacts import ARTIFACTS, ArtifactStore
from rlvf_common.storage.reachability import digests_in, digests_of_document, reachable
from rlvf_common.storage.stored_operations import (
    StoredOperation,
    operation_names,
    read_operation,
)

__all__ = ["Garbage", "find_garbage", "remove_garbage"]

_OF_EXPERIMENT = re.compile(r"operations/[a-z-]+/(?P<experiment>.+)-[0-9a-f]{32}")
_DIGEST = re.compile("[0-9a-f]{64}")
_TRAINING = re.compile(r"training/(?P<operation>[^/]+)-[0-9a-f]{12}/")
# The folder of a home into which inference fetches adapters.
_COPIES = "adapters"
# Documents that name artifacts.
_WITH_REFERENCES = ("operations/", "training/")
_WITHOUT = ("training/references/", "training/rollouts/")
_TRAINER = "operations/trainer/"
# A training's id begins with at most this many characters of its operation's.
_LONGEST_TRAINING_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Garbage:
    """What can be removed. Documents and artifacts have their bytes by key of object storage."""

    documents: Mapping[str, int]
    artifacts: Mapping[str, int]
    copies: Mapping[Path, int]
    """Bytes of the adapters that inference has fetched, by folder."""
    runs: tuple[KnownRun, ...]
    """Runs whose folders are gone."""
    steps: Mapping[str, int]
    """Number of operations that can be removed, by their experiment."""
    stored_bytes: int
    """Bytes of everything in storage, and of all adapters that inference has fetched."""

    @property
    def size_bytes(self) -> int:
        """Bytes of everything that can be removed."""
        parts = (self.documents, self.artifacts, self.copies)
        return sum(size for part in parts for size in part.values())


@dataclass(frozen=True, slots=True)
class _Kept:
    """The operations that are kept."""

    done: frozenset[str]
    """Operations that have ended for good."""
    resumable: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.done | self.resumable


def find_garbage(home: Path, store: ArtifactStore, keep: Collection[str] = ()) -> Garbage:
    """What is garbage in a home, while nothing runs there. `keep`: experiments to keep although
    their run folders are gone.

    Raises:
        FailedPrecondition: the record of a run cannot be read.
    """
    runs = known_runs(home)
    records = {run: read_record(run.folder) for run in runs if run.exists}
    sizes = store.sizes()
    operations = [
        operation
        for name in sorted(operation_names(sizes))
        if (operation := read_operation(store, name)) is not None
    ]
    recorded = set().union(*(record.operations for record in records.values()))
    # What a run without a report needs is known only when it runs again.
    unknown = {run.experiment for run, record in records.items() if record.finished is None}
    known = {run.experiment for run in runs} - unknown - set(keep)
    kept = _kept(operations, recorded, known)
    documents = {
        key: size
        for key, size in sizes.items()
        if not key.startswith(ARTIFACTS) and not _is_kept(key, kept)
    }
    roots: set[str] = set()
    for key in sizes.keys() - documents.keys():
        if key.startswith(_WITH_REFERENCES) and not key.startswith(_WITHOUT):
            roots |= digests_of_document(key, store.read_document(key) or b"")
    for record in records.values():
        path = record.folder / RECORD_FILE
        if path.is_file():
            roots |= digests_in([path.read_bytes()])
    needed = reachable(store, roots)
    copies = {
        folder: _size_of(folder)
        for folder in sorted((home / _COPIES).glob("*"))
        # The folder also has inference's file of digests of weights.
        if _DIGEST.fullmatch(folder.name)
    }
    return Garbage(
        documents=documents,
        artifacts={
            key: size
            for key, size in sizes.items()
            if key.startswith(ARTIFACTS) and key.removeprefix(ARTIFACTS) not in needed
        },
        copies={folder: size for folder, size in copies.items() if folder.name not in needed},
        runs=tuple(run for run in runs if not run.exists and run.experiment in known),
        steps=Counter(
            _experiment(operation.name)
            for operation in operations
            if operation.name not in kept.all
        ),
        stored_bytes=sum(sizes.values()) + sum(copies.values()),
    )


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _kept(
    operations: Iterable[StoredOperation],
    recorded: Collection[str],
    known: Collection[str],
) -> _Kept:
    done: set[str] = set()
    resumable: set[str] = set()
    for operation in operations:
        name, state = operation.name, operation.state
        is_kept = not state.done or name in recorded or _experiment(name) not in known
        if is_kept:
            (done if state.final else resumable).add(name)
    return _Kept(frozenset(done), frozenset(resumable))


def _experiment(operation: str) -> str:
    """The experiment with whose name an operation's begins; empty where it belongs to none."""
    found = _OF_EXPERIMENT.fullmatch(operation)
    return found["experiment"] if found else ""


def _is_kept(key: str, kept: _Kept) -> bool:
    """Whether a document is needed."""
    if key.startswith("operations/"):
        name = "/".join(key.split("/")[:3])
        is_checkpoint = key.startswith(f"{name}/checkpoints/")
        return name in kept.resumable or (name in kept.done and not is_checkpoint)
    training = _TRAINING.match(key)
    if training is None:
        return True
    return any(
        name.removeprefix(_TRAINER)[:_LONGEST_TRAINING_PREFIX] == training["operation"]
        for name in kept.resumable
        if name.startswith(_TRAINER)
    )


def remove_garbage(garbage: Garbage, store: ArtifactStore) -> None:
    """Remove garbage. After an interruption, the rest is still garbage, or an operation that is not
    done; no operation is left that is done but lacks its results."""
    # The attempts of an operation first: without them it is not done.
    for key in sorted(garbage.documents, key=lambda key: "/attempts/" not in key):
        store.delete_document(key)
    for key in garbage.artifacts:
        store.delete_artifact(key.removeprefix(ARTIFACTS))
    for folder in garbage.copies:
        shutil.rmtree(folder)
    for run in garbage.runs:
        run.link.unlink(missing_ok=True)
