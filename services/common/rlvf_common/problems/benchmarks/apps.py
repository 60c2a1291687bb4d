"""Converts APPS (Hendrycks et al. 2021, arXiv:2105.09938) to `Problem`s.

Schema of the hub's `codeparrot/apps`: `problem_id`, `question`, `solutions` and `input_output`
(JSON in strings), `starter_code`. Most problems are whole programs on standard streams; those with
a `fn_name` call a function, or a method of a class `Solution`.

APPS' own harness (github.com/hendrycks/apps, `eval/testing_util.py`) puts imports before every
answer, restores integer keys of dictionaries, which JSON lacks, calls the method if an answer has a
class `Solution` and else the function, independently of the starter code, and compares loosely.
This module does the same, except that it never compares as sets, nor integers with a tolerance, and
that a program with an exit status other than 0 does not pass.
"""

import json
from typing import Any

from rlvf_common.problems.benchmarks import Content, Record, Records, docstring
from rlvf_common.problems.benchmarks.programs import (
    LARGEST_SUITE_BYTES,
    NO_SOLUTION,
    NO_TESTS,
    TOO_LARGE,
    Found,
    collect,
    python_3,
    suite_bytes,
)
from rlvf_common.problems.kinds_of_test import (
    AssertList,
    StandardStreams,
    StreamCase,
    Test,
    Tolerance,
)
from rlvf_common.problems.problem import Problem

__all__ = ["read_apps"]

_CLASS = "Solution"
_CALL_CPU_SECONDS = 4.0
"""The timeout of one test in APPS' own harness, there for wall time."""
_MAX_CPU_SECONDS = 120.0

# What the harness imports for every answer, without numpy, which programs do not have; also the
# types in the starter code of LeetCode's problems, and the modules that LeetCode imports. The
# prompt shows them all.
_IMPORTS = """
import bisect
import collections
import fractions
import functools
import heapq
import itertools
import math
import operator
import random
import re
import string
import sys
import time
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from functools import lru_cache
from heapq import *
from itertools import accumulate, combinations, permutations, product
from math import ceil, cos, exp, fabs, floor, gcd, log, log2, sin, sqrt, tan
from typing import Dict, List, Optional, Set, Tuple
"""

# APPS' own comparison: tuples equal lists, and an expected value may be wrapped in a list.
_SAME = """\
def _lists(value):
    return [_lists(one) for one in value] if isinstance(value, (list, tuple)) else value

def _same(output, expected):
    output = _lists(output)
    return output == expected or bool(expected) and type(expected) is list and output == expected[0]
"""


def read_apps(records: Records, *, split: str = "test") -> Content:
    """APPS' records, without problems that lack tests or a solution in Python 3."""
    named = ((f"apps/{one.get('problem_id', one.get('id'))}", one) for one in records)
    return collect((task_id, _find(one, task_id, split)) for task_id, one in named)


def _find(record: Record, task_id: str, split: str) -> Found | str:
    """The problem and further solutions, or why it is omitted."""
    tests: dict[str, Any] = _json(record["input_output"]) or {}
    pairs = list(zip(tests.get("inputs", []), tests.get("outputs", []), strict=False))
    if not pairs:
        return NO_TESTS
    solutions = python_3(_json(record["solutions"]) or [])
    if not solutions:
        return NO_SOLUTION
    test: Test
    if name := str(tests.get("fn_name") or ""):
        entry_point = _CLASS if f"class {_CLASS}" in record["starter_code"] else name
        assertions = tuple(_assertion(name, *pair) for pair in pairs)
        test = AssertList(assertions, _SAME, function=name, method_of=_CLASS)
        task = f"Use this:\n{record['starter_code'].strip()}"
    else:
        entry_point = ""
        # The harness compares tokens that are numbers by numpy.allclose, with these tolerances.
        cases = tuple(StreamCase(_text(given), _text(expected)) for given, expected in pairs)
        test = StandardStreams(cases, float_tolerance=Tolerance(1e-8, 1e-5))
        if suite_bytes(test) > LARGEST_SUITE_BYTES:
            return TOO_LARGE
        task = "Read from standard input and write to standard output."
    problem = Problem(
        task_id=task_id,
        prompt=docstring(f"{record['question'].strip()}\n\n{task}") + _IMPORTS,
        entry_point=entry_point,
        test=test,
        canonical_solution=solutions[0],
        source="apps",
        split=split,
        cpu_seconds=min(_CALL_CPU_SECONDS * len(pairs), _MAX_CPU_SECONDS),
        call_cpu_seconds=_CALL_CPU_SECONDS,
    )
    return problem, solutions[1:]


def _assertion(called: str, arguments: Any, expected: Any) -> str:
    given = arguments if isinstance(arguments, list) else [arguments]
    text = ", ".join(repr(_numbered(one)) for one in given)
    wanted = [_numbered(one) for one in expected] if isinstance(expected, list) else expected
    return f"assert _same({called}({text}), {_numbered(wanted)!r})"


def _numbered(value: Any) -> Any:
    """A dictionary with integer keys, if JSON has turned them into text."""
    if not isinstance(value, dict):
        return value
    try:
        return {int(key): one for key, one in value.items()}
    except ValueError:
        return value


def _text(lines: Any) -> str:
    """Input or output as text: some problems have a list of lines."""
    return "\n".join(map(str, lines)) if isinstance(lines, list) else str(lines)


def _json(text: str) -> Any:
    """The value; None if there is none, as in problems without tests."""
    try:
        return json.loads(text)
    except ValueError:
        return None
