"""What a supervisor tells a process in a jail at its start, and what it hears when that is done."""

from typing import NamedTuple

PACKAGE_ROOT = "/rlvf"
"""Where this package is inside the jail."""

BIND_NOW = "LD_BIND_NOW"
"""The loader's variable for binding all symbols when a library is loaded (ld.so(8))."""


class Surroundings(NamedTuple):
    """What the supervisor built around the process; JSON in its arguments."""

    namespaces: bool
    """Inside nsjail: PID namespaces and mounts can be made."""
    own_user: bool
    """Programs run as a user of their own."""
    read_only: tuple[str, ...]
    """Without namespaces: the paths that Landlock lets programs read."""
    preimported: tuple[str, ...]
    tuned: bool
    """Whether it makes itself faster to fork (`tuning/`)."""


class Ready(NamedTuple):
    """Sent once to the supervisor, as JSON."""

    python_version: str
