"""Encoding of a test of whole programs, from the server to a supervisor."""

import json
import struct
from typing import NamedTuple

from rlvf_executor.contract.rules import StreamRule

_LENGTH = struct.Struct(">I")


class Case(NamedTuple):
    """One run of the program."""

    stdin: bytes
    expected_stdout: bytes


class Suite(NamedTuple):
    """A whole test."""

    rule: StreamRule
    cases: tuple[Case, ...]
    checker_source: str = ""
    """Decides instead of the comparison if it is set."""


def encode(suite: Suite) -> bytes:
    """Packs a suite for the supervisor: a JSON header, then all inputs and outputs."""
    sizes = [[len(case.stdin), len(case.expected_stdout)] for case in suite.cases]
    header = json.dumps([suite.rule, suite.checker_source, sizes]).encode()
    parts = [part for case in suite.cases for part in case]
    return b"".join((_LENGTH.pack(len(header)), header, *parts))


def decode(payload: bytes) -> Suite:
    """Unpacks what `encode` packed."""
    (size,) = _LENGTH.unpack_from(payload)
    position = _LENGTH.size + size
    rule, checker_source, sizes = json.loads(payload[_LENGTH.size : position])
    cases = []
    for stdin_bytes, expected_bytes in sizes:
        middle = position + stdin_bytes
        end = middle + expected_bytes
        cases.append(Case(payload[position:middle], payload[middle:end]))
        position = end
    return Suite(StreamRule.read(rule), tuple(cases), checker_source)
