"""What the commands `export`, `import` and `gc` do."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.cli.group import Answer
from rlvf_client.cli.outputs import require_folder
from rlvf_client.cli.services import endpoints
from rlvf_client.experiment.checking import nearest
from rlvf_client.experiment.config import load_experiment
from rlvf_client.experiment.profiles import LOCAL, profile_in_force
from rlvf_client.keeping.exporting import export_run, require_finished
from rlvf_client.keeping.garbage import Garbage, find_garbage, remove_garbage
from rlvf_client.keeping.importing import import_folder, imported_experiment
from rlvf_client.keeping.known_runs import remember_run
from rlvf_client.local_stack.stack import LocalStack
from rlvf_client.progress.console import Reporter
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = ["collect_garbage", "export", "import_"]

RUNS = Path("runs")
"""Default folder of run folders, each named after its experiment."""


def run_folder(name_or_folder: str) -> Path:
    """The run folder that a person names: by its path, or by the experiment whose default folder it
    is.

    Raises:
        InvalidArgument: there is no such folder; or the experiment is a file with an error.
    """
    given = Path(name_or_folder)
    if given.is_dir():
        return given
    folder = RUNS / (load_experiment(name_or_folder).name if given.is_file() else name_or_folder)
    if not folder.is_dir():
        near = nearest(folder.name, [one.name for one in RUNS.glob("*") if one.is_dir()])
        raise InvalidArgument(
            "experiment", f"{name_or_folder} has no run in {folder}; name the run's folder{near}"
        )
    return folder


@asynccontextmanager
async def _store(home: Path, reporter: Reporter) -> AsyncIterator[ArtifactStore]:
    async with endpoints(home, reporter) as services:
        await services.ensure("storage")
        yield await asyncio.to_thread(ArtifactStore.connect, services.storage_settings())


async def export(name_or_folder: str, home: Path, out: Path, licence: str | None) -> Answer:
    """Write a finished run to the new folder `out`; errors as `require_finished` and
    `export_run`."""
    folder = run_folder(name_or_folder)
    require_finished(folder)
    _require_new(out)
    reporter = Reporter()
    async with _store(home, reporter) as store:
        with reporter.stage("export"):
            done = await asyncio.to_thread(export_run, folder, store, out, licence=licence)
    text = (
        f"{out}: {done.adapters} adapters and {done.data_sets} data sets, {done.files} files, "
        f"{_size(done.size_bytes)}"
    )
    return Answer(text, {"folder": str(out), **asdict(done)})


async def import_(folder: Path, home: Path, out: Path | None) -> Answer:
    """Import an exported folder into this home; errors as `import_folder`."""
    experiment = imported_experiment(folder)
    out = out or RUNS / experiment
    _require_new(out)
    reporter = Reporter()
    async with _store(home, reporter) as store:
        with reporter.stage("import"):
            done = await asyncio.to_thread(import_folder, folder, store, out)
    is_whole = done.operations is not None
    if is_whole and profile_in_force() is None:
        remember_run(home, out, experiment)
    known = f", {done.known} of them known here before" if done.known else ""
    first = (
        f"{out}: the run of {experiment}, with {done.artifacts} artifacts and {done.operations} "
        f"steps that are done{known}"
        if is_whole
        else f"{done.artifacts} artifacts of {experiment}, without its run: the bucket of this "
        "storage has another name than that of the export"
    )
    lines = [first, *(f"adapter {name}: {digest}" for name, digest in done.adapters.items())]
    text = "\n".join(line if line.isprintable() else repr(line) for line in lines)
    folder_there = str(out) if is_whole else None
    return Answer(text, {"folder": folder_there, "experiment": experiment, **asdict(done)})


def _require_new(out: Path) -> None:
    """Raise InvalidArgument unless `out` is a folder that can be made, or an empty one."""
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise InvalidArgument("--out", f"{out} is there already; name a new folder")
    require_folder(out.parent)


async def collect_garbage(
    home: Path, keep: Collection[str], tell: Callable[[str], None], confirm: Callable[[], bool]
) -> Answer:
    """Report what nothing in a home needs, by `tell`, and remove it if `confirm` returns true.

    Raises:
        FailedPrecondition: something uses the home, or services elsewhere are named.
    """
    if (profile := profile_in_force()) is not None:
        raise FailedPrecondition(
            f"gc is for the storage of a local stack, but {profile.title} names services "
            f"elsewhere, whose operator removes what is old; for the local stack: --profile {LOCAL}"
        )
    if not (home / "storage").is_dir():
        return Answer(f"there is nothing in {home}", {"size_bytes": 0, "removed": False})
    # No other command may share this stack: what is found must not be in use before it is removed.
    async with LocalStack(home, is_shared=False) as stack:
        await stack.ensure("storage")
        store = await asyncio.to_thread(ArtifactStore.connect, stack.storage_settings())
        garbage = await asyncio.to_thread(find_garbage, home, store, keep)
        tell(_garbage_text(garbage))
        record = {
            "size_bytes": garbage.size_bytes,
            "stored_bytes": garbage.stored_bytes,
            "artifacts": len(garbage.artifacts),
            "documents": len(garbage.documents),
            "copies": len(garbage.copies),
            "removed": False,
        }
        if not garbage.size_bytes:
            return Answer("nothing to remove", record)
        if not await asyncio.to_thread(confirm):
            return Answer("nothing was removed; --yes removes it", record)
        await asyncio.to_thread(remove_garbage, garbage, store)
        freed = await stack.give_back_room(garbage.size_bytes)
    room = (
        f"the disk has {_size(freed)} more"
        if freed
        else "object storage frees so little only together with what is removed later"
    )
    text = f"removed {_size(garbage.size_bytes)}; {room}"
    return Answer(text, record | {"removed": True, "freed_bytes": freed})


def _garbage_text(garbage: Garbage) -> str:
    lines = [f"{run.experiment}: its run folder {run.folder} is gone" for run in garbage.runs]
    lines += [
        f"{experiment or 'other'}: {steps} step{'s' * (steps > 1)} that no run folder needs"
        for experiment, steps in sorted(garbage.steps.items())
    ]
    copies = f", {len(garbage.copies)} fetched adapters" if garbage.copies else ""
    lines.append(
        f"to remove: {_size(garbage.size_bytes)} of {_size(garbage.stored_bytes)}: "
        f"{len(garbage.artifacts)} artifacts, {len(garbage.documents)} documents{copies}"
    )
    return "\n".join(lines)


def _size(count: int) -> str:
    """A number of bytes in the largest fitting unit, for people."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
