"""Having a reference program compute expected values: the job, and its answer.

The job is executed as a program (`PROGRAM`); its standard input is what `encode_job` packs, and its
standard output is the answer.
"""

import contextlib
import json
from collections.abc import Sequence
from typing import NamedTuple

FIELD = "cases.reference_source"

# What is run as `__main__`; it finds this package because the process has loaded a part of it.
PROGRAM = "from rlvf_executor.judge import reference_program\nreference_program.main()\n"

VALUES = b"V"
BAD_TEST = b"B"


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
    if kind == VALUES:
        return Answer(payload)
    if kind == BAD_TEST:
        with contextlib.suppress(ValueError):
            match json.loads(payload):
                case [str(field), str(problem)]:
                    return Answer(b"", field, problem)
    return None
