"""Finds the environments with packages that an executor offers; in the server."""

import csv
import hashlib
import os
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

from rlvf_api.errors import FailedPrecondition
from rlvf_executor.contract.slots import PYTHON, Environment

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


class Installed(NamedTuple):
    """An environment with its packages."""

    environment: Environment
    packages: dict[str, str]
    """Versions by the packages' names, sorted by name."""
    sha256: str
    """Digest of all files: of each its digest in pip's record of the installation, or, if it has
    none, that of its content."""


def find(folder: str) -> tuple[Installed, ...]:
    """The environments in the subfolders of `folder`, sorted by name; none if there is no such
    folder.

    Raises:
        FailedPrecondition: a subfolder's name is not a valid name of an environment, or it has no
            packages.
    """
    root = Path(folder)
    subfolders = sorted(path for path in root.glob("*") if path.is_dir()) if folder else []
    return tuple(map(_installed, subfolders))


def _installed(folder: Path) -> Installed:
    where = f"RLVF_EXECUTOR_ENVIRONMENTS: {folder}"
    if not _NAME.fullmatch(folder.name) or folder.name == PYTHON:
        raise FailedPrecondition(
            f"{where}: an environment's name has lower-case letters, digits and hyphens, begins "
            f"with a letter, and is not {PYTHON!r}; rename the folder"
        )
    found = sorted(distributions(path=[str(folder)]), key=lambda one: one.name.lower())
    if not found:
        raise FailedPrecondition(
            f"{where} has no packages; install some with `pip install --target`, or remove the "
            "folder"
        )
    packages = {one.name.lower(): one.version for one in found}
    # A link would lead out of the directory that a jail mounts.
    environment = Environment(folder.name, os.path.realpath(folder))
    return Installed(environment, packages, _sha256(folder, found))


def _sha256(folder: Path, packages: list[Distribution]) -> str:
    recorded = {
        name: content
        for package in packages
        for name, content, *_ in csv.reader((package.read_text("RECORD") or "").splitlines())
    }
    digest = hashlib.sha256()
    for name in sorted(_files(folder)):
        content = recorded.get(name) or _sha256_of(folder / name)
        for part in (name, content):
            digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    """The paths, relative to a folder, of all files in it except those that Python generates."""
    for directory, subfolders, names in os.walk(folder):
        if "__pycache__" in subfolders:
            subfolders.remove("__pycache__")
        for name in names:
            yield os.path.relpath(f"{directory}/{name}", folder)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
