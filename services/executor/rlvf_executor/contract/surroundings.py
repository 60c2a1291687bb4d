"""The description of a jail that a supervisor passes to a process in it, and the answer when the
process is ready."""

from typing import NamedTuple

PACKAGE_ROOT = "/rlvf"
"""Where this package is inside the jail."""

PACKAGES = "/packages"
"""Where an environment's packages are inside the jail."""

BIND_NOW = "LD_BIND_NOW"
"""The loader's variable for binding all symbols when a library is loaded (ld.so(8))."""


class Surroundings(NamedTuple):
    """The jail around the process; JSON in its arguments."""

    namespaces: bool
    """Whether it is inside nsjail, where it can make PID namespaces and mounts."""
    own_user: bool
    """Whether programs run as a user of their own."""
    read_only: tuple[str, ...]
    """Without namespaces: the paths that Landlock lets programs read."""
    preimported: tuple[str, ...]
    packages: str
    """The directory of packages that can be imported; empty if there is none."""
    tuned: bool
    """Whether to make itself faster to fork (`tuning/`)."""


class Ready(NamedTuple):
    """Sent once to the supervisor, as JSON."""

    python_version: str
