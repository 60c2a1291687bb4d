"""Computes expected values: runs a reference program on every input of a suite.

Runs as an executed program in the jail (`reference_job.py`). The reference is the caller's own, so
its answer is trusted.
"""

import io
import json
import sys
from types import CodeType

from rlvf_executor.contract import wire
from rlvf_executor.contract.reference_job import BAD_TEST, FIELD, VALUES
from rlvf_executor.contract.report import BadTest
from rlvf_executor.judge import caller_code
from rlvf_executor.judge.kinds import cases


def main() -> None:
    """Runs the job on standard input, in the reference's own process."""
    output = sys.stdout.buffer
    source, entry_point, inputs, *options = json.loads(sys.stdin.buffer.read())
    sys.stdin, sys.stdout = io.StringIO(), io.StringIO()
    try:
        code = caller_code.compile_source(source, FIELD)
        answer = VALUES + _values(code, entry_point, inputs, *options)
    except BadTest as error:
        answer = BAD_TEST + json.dumps([error.field, error.problem]).encode()
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
        problem = f"raised while it was loaded: {caller_code.exception_line(error)}"
        raise BadTest(FIELD, problem) from None
    function = namespace.get(entry_point)
    if not callable(function):
        raise BadTest(FIELD, f"does not define the function {entry_point}")
    packed = []
    for index, arguments in enumerate(parsed):
        try:
            # Decoded as for a candidate, because a rebuilt set may have another order.
            arguments = cases.as_received(arguments)
        except wire.NotPlainData as error:
            raise BadTest(f"{cases.INPUTS_FIELD}[{index}]", f"cannot be sent: {error}") from None
        try:
            value = function(*arguments)
        except Exception as error:
            problem = f"raised on inputs[{index}]: {caller_code.exception_line(error)}"
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
        raise BadTest(FIELD, f"returned too much data: {error}") from None
