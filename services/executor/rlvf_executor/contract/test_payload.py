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
    credit: bool
    """Whether reports have the number of right cases."""
    fields: dict[str, object]
    """JSON values by name."""


def encode(
    kind: str, *, budgets_calls: bool = False, credit: bool = False, **fields: object
) -> bytes:
    """Packs a test."""
    return json.dumps([kind, budgets_calls, credit, fields]).encode()


def decode(payload: bytes) -> TestPayload:
    """Unpacks what `encode` packed."""
    return TestPayload(*json.loads(payload))


def counting(payload: bytes, first: int) -> bytes:
    """Packs a request to count the right cases from number `first` on, instead of judging."""
    return b"%d\n%b" % (first, payload)


def split(payload: bytes) -> tuple[int | None, bytes]:
    """Unpacks what `counting` packed; the number is None for a test that is to judge."""
    if payload.startswith(b"["):
        return None, payload
    first, _, test = payload.partition(b"\n")
    return int(first), test
