"""The types of what a starter check is given."""

from collections.abc import Callable
from typing import Any, TypeAlias

Candidate: TypeAlias = Callable[..., Any]
"""An answer to a problem: a function or a class. Each check knows what it passes and expects, so
the types stay open."""

Program: TypeAlias = Callable[[str], str]
"""An answer that is a whole program: its standard output for a standard input."""
