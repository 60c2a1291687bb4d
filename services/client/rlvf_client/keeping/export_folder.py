"""The layout of an exported folder, and its `manifest.json` with the digests of all files.

README.md              what was found; with the data sets as configurations for `datasets`
adapters/RUN/          adapters in PEFT's format, each with a model card
data/                  data sets, JSON Lines, with a dataset card
report/                report.json, report.md, report.html
results/BENCHMARK/     results and answers of each condition
experiment.yaml        the settings, as run
operations.jsonl       the steps that are done, for a home that goes on from there
artifacts/             other artifacts that the steps refer to
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from rlvf_api.errors import FailedPrecondition

__all__ = [
    "MANIFEST_FILE",
    "OPERATIONS_FILE",
    "REPORT_FOLDER",
    "ExportedFile",
    "Manifest",
    "check_file",
    "describe_file",
    "read_manifest",
    "write_manifest",
]

MANIFEST_FILE = "manifest.json"
OPERATIONS_FILE = "operations.jsonl"
REPORT_FOLDER = "report"
_FORMAT = "rlvf.export.v1"
_MAX_MANIFEST_BYTES = 64 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[!-~]{1,256}")


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an exported folder."""

    sha256: str
    size_bytes: int
    media_type: str = ""
    """Media type of an artifact; empty where the file is not one, such as a card."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an exported folder holds."""

    experiment: str
    files: Mapping[str, ExportedFile]
    """All files but the manifest, by their POSIX path in the folder."""


def describe_file(path: Path, media_type: str = "") -> ExportedFile:
    """Digest and size of a file as it is on disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return ExportedFile(digest, file.tell(), media_type)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder."""
    record = {
        "format": _FORMAT,
        "experiment": manifest.experiment,
        "files": {name: asdict(manifest.files[name]) for name in sorted(manifest.files)},
    }
    (folder / MANIFEST_FILE).write_text(json.dumps(record, indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder that somebody else wrote.

    Raises:
        FailedPrecondition: there is no manifest, it is not well-formed, or it names a file outside
            the folder.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file() or path.is_symlink():
        raise FailedPrecondition(
            f"{folder} has no {MANIFEST_FILE}; name a folder that `rlvf export` wrote"
        )
    if path.stat().st_size > _MAX_MANIFEST_BYTES:
        raise FailedPrecondition(f"{path} has more than {_MAX_MANIFEST_BYTES:,} bytes")
    try:
        return _parse(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FailedPrecondition(f"{path} is not a manifest of an export: {error!r}") from None


def _parse(record: Any) -> Manifest:
    if record["format"] != _FORMAT:
        raise FailedPrecondition(
            f"the export is of the format {str(record['format'])[:60]!r}, not {_FORMAT}"
        )
    files = {}
    for name, entry in record["files"].items():
        _check_name(name)
        file = ExportedFile(entry["sha256"], entry["size_bytes"], entry["media_type"])
        if _SHA256.fullmatch(file.sha256) is None:
            raise FailedPrecondition(f"the manifest has no valid digest of {name!r}")
        if type(file.size_bytes) is not int or file.size_bytes < 0:
            raise FailedPrecondition(f"the manifest has no valid size of {name!r}")
        if file.media_type and _MEDIA_TYPE.fullmatch(file.media_type) is None:
            raise FailedPrecondition(f"the manifest has no valid media type of {name!r}")
        files[name] = file
    return Manifest(str(record["experiment"]), files)


def _check_name(name: str) -> None:
    """Raise FailedPrecondition unless a name is a path of a file in the folder."""
    parts = name.split("/")
    if (
        not name.isprintable()
        or "\\" in name
        or PurePosixPath(name).is_absolute()
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise FailedPrecondition(f"the manifest names a file outside the folder: {name!r}")


def check_file(folder: Path, name: str, file: ExportedFile) -> Path:
    """The path of a file that the manifest names.

    Raises:
        FailedPrecondition: it is missing, does not match the manifest, or is a link or below one.
    """
    path = folder / name
    ways = [path, *path.parents[: name.count("/")]]
    if any(way.is_symlink() for way in ways):
        raise FailedPrecondition(f"{path} is a link, or below one; an export has no links")
    if not path.is_file():
        raise FailedPrecondition(f"{path} is missing; the export is not complete")
    if path.stat().st_size != file.size_bytes or describe_file(path).sha256 != file.sha256:
        raise FailedPrecondition(f"{path} does not match its digest; the export was changed")
    return path
