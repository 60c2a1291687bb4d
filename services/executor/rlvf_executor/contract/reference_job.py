"""A job that computes expected values with a reference program: its encoding and its answer.

The server has it executed as a program (`PROGRAM`), in a jail. Its standard input is what
`encode_job` packs; its standard output is the answer.
"""

import contextlib
import json
from collections.abc import Sequence
from typing import NamedTuple

FIELD = "cases.reference_source"

# Run as `__main__`. It can import this package because the process has loaded a part of it already.
PROGRAM = "from rlvf_executor.judge import reference_program\nreference_program.main()\n"

VALUES = b"V"
BAD_TEST = b"B"


class Answer(NamedTuple):
    """The encoded list of expected values; or the field at fault and what is wrong with it."""

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

    With `only_not_none` expected values need not be plain data; with `with_digests` a large one is
    replaced by its digest (`cases.pack_expected`).
    """
    return json.dumps([source, entry_point, list(inputs), only_not_none, with_digests]).encode()


def decode_answer(stdout: bytes) -> Answer | None:
    """Unpacks the job's output; None if it did not write an answer, or if the reference itself
    wrote something."""
    kind, payload = stdout[:1], stdout[1:]
    if kind == VALUES:
        return Answer(payload)
    if kind == BAD_TEST:
        with contextlib.suppress(ValueError):
            match json.loads(payload):
                case [str(field), str(problem)]:
                    return Answer(b"", field, problem)
    return None
