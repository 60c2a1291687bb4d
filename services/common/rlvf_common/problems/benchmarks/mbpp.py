"""Converts MBPP (Austin et al. 2021, arXiv:2108.07732), full and sanitized, to `Problem`s.

The prompt is that of MBPP+'s records (github.com/evalplus/evalplus): a docstring with the text and
the first assertion, which names the function. The tests are `test_list`; published scores do not
use `challenge_test_list`.
"""

import ast
from collections.abc import Iterable

from rlvf_common.problems.answers.python_source import build_tree
from rlvf_common.problems.benchmarks import Content, Record, Records, cpu_limit, docstring
from rlvf_common.problems.kinds_of_test import AssertList
from rlvf_common.problems.problem import Problem

__all__ = ["read_mbpp", "read_mbpp_sanitized", "split_of"]

# github.com/google-research/google-research/tree/master/mbpp: the ids of each split.
_SPLITS = {
    "prompt": range(1, 11),
    "test": range(11, 511),
    "validation": range(511, 601),
    "train": range(601, 975),
}

# CPU time of the only slow reference solution, in seconds, measured by our executor on one core in
# 2026; all others of the test split take less than 0.01.
_REFERENCE_SECONDS = {123: 2.7}


def split_of(number: int) -> str:
    """The split of a task.

    Raises:
        ValueError: MBPP has no such task.
    """
    for name, numbers in _SPLITS.items():
        if number in numbers:
            return name
    raise ValueError(f"MBPP has no task {number}")


def read_mbpp(records: Records, *, split: str | None = "test", challenge: bool = False) -> Content:
    """MBPP's `mbpp.jsonl`, one split or all (None). With `challenge` the challenge tests count too.

    Raises:
        ValueError: a record's assertions call no function that its reference defines, or MBPP has
            no such task.
    """
    problems = []
    for record in records:
        assertions = [*record["test_list"], *(record["challenge_test_list"] if challenge else ())]
        problem = _problem(record, record["text"], record["test_setup_code"], assertions, "mbpp")
        if split in (None, problem.split):
            problems.append(problem)
    return Content(tuple(problems))


def read_mbpp_sanitized(records: Records, *, split: str | None = "test") -> Content:
    """The `sanitized-mbpp.json` of 427 verified tasks; arguments and errors as in `read_mbpp`."""
    problems = [
        _problem(
            record,
            record["prompt"],
            "\n".join(record["test_imports"]),
            record["test_list"],
            "mbpp-sanitized",
        )
        for record in records
    ]
    return Content(tuple(problem for problem in problems if split in (None, problem.split)))


def _problem(
    record: Record, text: str, setup: str, assertions: Iterable[str], source: str
) -> Problem:
    first = record["test_list"][0]
    return Problem(
        task_id=f"Mbpp/{record['task_id']}",
        prompt=docstring(f"{text.strip()}\n{first.strip()}"),
        entry_point=_function_under_test(record["code"], first),
        test=AssertList(tuple(assertion.strip() for assertion in assertions), setup),
        canonical_solution=record["code"],
        source=source,
        split=split_of(int(record["task_id"])),
        cpu_seconds=cpu_limit(_REFERENCE_SECONDS.get(int(record["task_id"]))),
    )


def _function_under_test(code: str, assertion: str) -> str:
    """The first function in the assertion that the reference defines.

    Raises:
        ValueError: there is none.
    """
    defined = {node.name for node in build_tree(code).body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(build_tree(assertion.strip())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in defined
        ):
            return node.func.id
    raise ValueError(f"no function of the reference is called in {assertion!r}")
