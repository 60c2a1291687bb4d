"""The run folders that a home knows: `HOME/runs` has a link to each, like the roots of Nix's store.

A run folder that is removed or moved leaves a dangling link.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

__all__ = ["KnownRun", "known_runs", "remember_run"]

_FOLDER = "runs"


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run folder, and the link to it."""

    link: Path
    experiment: str
    folder: Path

    @property
    def exists(self) -> bool:
        """Whether the folder is still there."""
        return self.folder.is_dir()


def remember_run(home: Path, folder: Path, experiment: str) -> None:
    """Make a home know the folder of a run of an experiment."""
    whole = folder.absolute()
    digest = hashlib.sha256(str(whole).encode()).hexdigest()[:8]
    link = home / _FOLDER / f"{experiment}-{digest}"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(whole)


def known_runs(home: Path) -> list[KnownRun]:
    """The run folders that a home knows, including those that are gone, sorted by name."""
    links = sorted((home / _FOLDER).glob("*"))
    return [
        KnownRun(link, link.name.rpartition("-")[0], link.readlink())
        for link in links
        if link.is_symlink()
    ]
