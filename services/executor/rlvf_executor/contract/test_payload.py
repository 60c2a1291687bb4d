"""Encoding of a test, from the server to the judge's process: its kind, and what that kind needs.

The fields of each kind are the arguments of `prepare` of its module in `judge/kinds/`.
"""

import json
from typing import NamedTuple


class TestPayload(NamedTuple):
    """A test of one kind."""

    kind: str
    """The name of its module in `judge/kinds/`."""
    budgets_calls: bool
    """Whether each call of the candidate has a CPU budget of its own."""
    fields: dict[str, object]
    """JSON values by name."""


def encode(kind: str, *, budgets_calls: bool = False, **fields: object) -> bytes:
    """Packs a test."""
    return json.dumps([kind, budgets_calls, fields]).encode()


def decode(payload: bytes) -> TestPayload:
    """Unpacks what `encode` packed."""
    return TestPayload(*json.loads(payload))
