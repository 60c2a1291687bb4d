"""Computes expected values: runs a reference program in the jail, on every input of a suite.

It runs as a program of its own (`PROGRAM`), whose standard input is what `encode_job` packs and
whose standard output is the answer. The reference is the caller's own: its answer is taken at its
word.
"""

import contextlib
import io
import json
import sys
from collections.abc import Sequence
from types import CodeType
from typing import NamedTuple

from rlvf_executor.contract import wire
from rlvf_executor.contract.report import BadTest
from rlvf_executor.judge import caller_code
from rlvf_executor.judge.kinds import cases

FIELD = "cases.reference_source"

# What is run as `__main__`; it finds this package because the process has loaded a part of it.
PROGRAM = "from rlvf_executor.judge import reference_program\nreference_program.main()\n"

_VALUES = b"V"
_BAD_TEST = b"B"


class Answer(NamedTuple):
    """The encoded list of expected values; or the field at fault, and what is wrong with it."""

    encoded: bytes
    field: str = ""
    problem: str = ""


def encode_job(
    *,
    source: str,
    entry_point: str,
    inputs: Sequence[str],
    only_not_none: bool,
    with_digests: bool,
) -> bytes:
    """Packs a job.

    With `only_not_none` an expected value need not be plain data; with `with_digests` a large one
    is replaced by its digest (`cases.pack_expected`).
    """
    return json.dumps([source, entry_point, list(inputs), only_not_none, with_digests]).encode()


def decode_answer(stdout: bytes) -> Answer | None:
    """Unpacks what `main` wrote; None where it did not get that far, or the reference itself wrote
    something else."""
    kind, payload = stdout[:1], stdout[1:]
    if kind == _VALUES:
        return Answer(payload)
    if kind == _BAD_TEST:
        with contextlib.suppress(ValueError):
            match json.loads(payload):
                case [str(field), str(problem)]:
                    return Answer(b"", field, problem)
    return None


def main() -> None:
    """Does the job on standard input, in the reference's own process."""
    output = sys.stdout.buffer
    source, entry_point, inputs, *options = json.loads(sys.stdin.buffer.read())
    sys.stdin, sys.stdout = io.StringIO(), io.StringIO()
    try:
        code = caller_code.compile_source(source, FIELD)
        answer = _VALUES + _values(code, entry_point, inputs, *options)
    except BadTest as error:
        answer = _BAD_TEST + json.dumps([error.field, error.problem]).encode()
    output.write(answer)
    output.flush()


def _values(
    code: CodeType,
    entry_point: str,
    inputs: list[str],
    only_not_none: bool,
    with_digests: bool,
) -> bytes:
    parsed = cases.parse_inputs(inputs)
    namespace: dict[str, object] = {}
    try:
        exec(code, namespace)
    except Exception as error:
        problem = f"raised while it was loaded: {caller_code.last_line(error)}"
        raise BadTest(FIELD, problem) from None
    function = namespace.get(entry_point)
    if not callable(function):
        raise BadTest(FIELD, f"does not define the function {entry_point}")
    packed = []
    for index, arguments in enumerate(parsed):
        try:
            # As a candidate is given them: a set that is built anew may have another order.
            arguments = cases.as_received(arguments)
        except wire.NotPlainData as error:
            raise BadTest(f"{cases.INPUTS_FIELD}[{index}]", f"cannot be sent: {error}") from None
        try:
            value = function(*arguments)
        except Exception as error:
            problem = f"raised on inputs[{index}]: {caller_code.last_line(error)}"
            raise BadTest(FIELD, problem) from None
        if only_not_none:
            value = True if value is not None else None
        try:
            packed.append(cases.pack_expected(value, with_digests=with_digests))
        except wire.NotPlainData as error:
            problem = f"returned on inputs[{index}]: {error}"
            raise BadTest(FIELD, problem) from None
    try:
        return wire.encode(packed)
    except wire.NotPlainData as error:
        raise BadTest(FIELD, f"returned too much: {error}") from None
