"""The type of the function that a starter check is given."""

from collections.abc import Callable
from typing import Any, TypeAlias

Candidate: TypeAlias = Callable[..., Any]
"""An answer to a problem. Each check knows what it passes and expects, so the types stay open."""
