"""Converts LiveCodeBench (Jain et al. 2024, arXiv:2403.07974) to `Problem`s.

Schema of the hub's `livecodebench/code_generation_lite` (files `test.jsonl`, `test2.jsonl`, ...)
and `code_generation`: `question_id`, `question_content`, `contest_date`, `starter_code`; and, JSON
in strings, `metadata` (with `func_name` if a function is called), `public_test_cases` and
`private_test_cases` (`input` and `output` of each). The lite set packs the last of these: Base64 of
zlib of a pickle of the JSON text. There are no solutions.

LiveCodeBench's own harness (github.com/LiveCodeBench/LiveCodeBench, commit 15808c7,
`lcb_runner/evaluation/testing_util.py`) puts imports before every answer. It compares the output of
programs line by line, and returned values by `==`. This module does the same, except that:

* A program runs as `__main__` in a process of its own, not as the body of a function with replaced
  streams, and does not pass with an exit status other than 0.
* A method of `Solution` is called only if there is no global function of the name.
* The limit of 6 s for a test is of CPU time, and all tests together have at most 120 s of it.
"""

import base64
import json
import pickletools
import zlib
from datetime import datetime
from typing import Any

from rlvf_common.problems.benchmarks import Content, Record, Records, docstring
from rlvf_common.problems.benchmarks.programs import (
    LARGEST_SUITE_BYTES,
    TOO_LARGE,
    Found,
    collect,
    suite_bytes,
)
from rlvf_common.problems.kinds_of_test import AssertList, StandardStreams, StreamCase, Test
from rlvf_common.problems.problem import Problem

__all__ = ["read_live_code_bench"]

_CLASS = "Solution"
_CALL_CPU_SECONDS = 6.0
_MAX_CPU_SECONDS = 120.0
_LARGEST_UNPACKED_BYTES = 128 << 20
_LARGEST_CALLS_BYTES = 15 << 20
"""The executor accepts 16 MiB of assertions and set-up together."""
_MOST_OPCODES = 16
"""A pickle of one text has at most eight."""
_TEXT_OPCODES = frozenset(("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"))
_OTHER_OPCODES = frozenset(("PROTO", "FRAME", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "STOP"))

# The harness's imports before every answer, in its order: later names replace earlier ones.
_IMPORTED = (
    "string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random",
    "statistics", "itertools", "functools", "operator", "io", "sys", "json",
)  # fmt: skip
_IMPORTS = "\n".join(
    (
        *(f"from {name} import *" for name in (*_IMPORTED, "builtins", "typing")),
        f"import {', '.join(_IMPORTED)}",
        "sys.setrecursionlimit(50000)\n",
    )
)

# The harness' comparisons. The texts of a call are read in the test: literals of a million numbers
# would take gigabytes to compile.
_CALLS = """\
import json

def _given(text):
    return [json.loads(line) for line in text.split("\\n")]

def _same(output, expected):
    output = list(output) if isinstance(output, tuple) else output
    return output == json.loads(expected)
"""
_CHECKER = """\
from decimal import Decimal

def _lines(text):
    return [line.strip() for line in text.strip().split("\\n")]

def _same(output, expected):
    if output == expected:
        return True
    try:
        return [*map(Decimal, output.split())] == [*map(Decimal, expected.split())]
    except ArithmeticError:
        return False

def check(stdin, stdout, expected):
    output, expected = _lines(stdout), _lines(expected)
    return len(output) == len(expected) and all(map(_same, output, expected))
"""


def read_live_code_bench(records: Records, *, split: str = "test") -> Content:
    """LiveCodeBench's records, without problems whose tests are missing, too large or not JSON. The
    problems have no reference solutions."""
    named = ((f"livecodebench/{one['question_id']}", one) for one in records)
    return collect((task_id, _find(one, task_id, split)) for task_id, one in named)


def _find(record: Record, task_id: str, split: str) -> Found | str:
    """The problem, or why it is omitted."""
    unpacked = _unpacked(record["private_test_cases"])
    if unpacked is None:
        return f"its private tests have more than {_LARGEST_UNPACKED_BYTES >> 20} MiB"
    private = _cases(unpacked)
    if not private:
        return "it has no private tests, and its prompt has the public ones"
    cases = (*_cases(record["public_test_cases"]), *private)
    test: Test
    starter = record["starter_code"].strip()
    if name := json.loads(record["metadata"]).get("func_name"):
        if not name.isidentifier():
            raise ValueError(f"`func_name` must be the name of a function, not {name!r:.60}")
        if not all(map(_is_call, cases)):
            return "the arguments or the result of a test are not JSON"
        entry_point = _CLASS if f"class {_CLASS}" in starter else name
        assertions = tuple(
            f"assert _same({name}(*_given({one.stdin!r})), {one.stdout!r})" for one in cases
        )
        if sum(len(one.encode()) for one in assertions) > _LARGEST_CALLS_BYTES:
            return f"its tests have more than {_LARGEST_CALLS_BYTES >> 20} MiB"
        test = AssertList(assertions, _CALLS, function=name, method_of=_CLASS)
        task = f"Use this:\n{starter}"
    else:
        entry_point = ""
        test = StandardStreams(cases, checker=_CHECKER)
        if suite_bytes(test) > LARGEST_SUITE_BYTES:
            return TOO_LARGE
        task = "Read from standard input and write to standard output."
    problem = Problem(
        task_id=task_id,
        prompt=docstring(f"{record['question_content'].strip()}\n\n{task}") + _IMPORTS,
        entry_point=entry_point,
        test=test,
        canonical_solution="",
        source="livecodebench",
        split=split,
        released=datetime.fromisoformat(record["contest_date"]).date().isoformat(),
        cpu_seconds=min(_CALL_CPU_SECONDS * len(cases), _MAX_CPU_SECONDS),
        call_cpu_seconds=_CALL_CPU_SECONDS,
    )
    return problem, []


def _cases(text: str) -> tuple[StreamCase, ...]:
    return tuple(StreamCase(one["input"], one["output"]) for one in json.loads(text))


def _is_call(case: StreamCase) -> bool:
    """Whether each line of the input is an argument in JSON, and the output a result."""
    try:
        for text in (*case.stdin.split("\n"), case.stdout):
            json.loads(text)
    except ValueError:
        return False
    return True


def _unpacked(tests: str) -> str | None:
    """The JSON text of private tests; None if it is too large.

    Raises:
        ValueError: it is neither JSON nor a packed text.
    """
    if tests.lstrip()[:1] in ("", "["):
        return tests or "[]"
    try:
        packed = base64.b64decode(tests, validate=True)
        unpacker = zlib.decompressobj()
        pickled = unpacker.decompress(packed, _LARGEST_UNPACKED_BYTES)
        if not unpacker.eof:
            if len(pickled) < _LARGEST_UNPACKED_BYTES:
                raise ValueError("the compressed data end too early")
            return None
        return _pickled_text(pickled)
    except (ValueError, zlib.error) as error:
        raise ValueError(f"`private_test_cases` cannot be unpacked: {error}") from None


def _pickled_text(pickled: bytes) -> str:
    """The text of a pickle that holds one text and nothing else. Its opcodes are read, never run.

    Raises:
        ValueError: it holds something else.
    """
    texts: list[Any] = []
    for count, (opcode, argument, _) in enumerate(pickletools.genops(pickled)):
        if count == _MOST_OPCODES:
            raise ValueError("the pickle has more than one text")
        if opcode.name in _TEXT_OPCODES:
            texts.append(argument)
        elif opcode.name not in _OTHER_OPCODES:
            raise ValueError(f"the pickle has more than one text: {opcode.name}")
    if len(texts) != 1:
        raise ValueError(f"the pickle has {len(texts)} texts, expected one")
    return str(texts[0])
