"""Finds problems that occur in a training set under two ids.

Such a problem would be sampled twice, make pairs twice, and count twice as evidence. Two problems
are the same if their prompts are equal except for white space and, in prompts of some words, the
name of the requested function. Case and punctuation count, because problems may differ only in
them.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rlvf_common.problems.contamination import SHORT_WORDS
from rlvf_common.problems.problem import Problem

__all__ = ["Duplicate", "find_duplicates"]

_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A problem with the prompt of an earlier one."""

    task_id: str
    duplicate_of: str
    """The task id of the first problem with this prompt."""


def find_duplicates(problems: Iterable[Problem]) -> list[Duplicate]:
    """The problems that occur earlier under another id, in order."""
    first: dict[bytes, str] = {}
    duplicates = []
    for problem in problems:
        original = first.setdefault(_fingerprint(problem), problem.task_id)
        if original != problem.task_id:
            duplicates.append(Duplicate(problem.task_id, original))
    return duplicates


def _fingerprint(problem: Problem) -> bytes:
    tokens = _WORD_OR_SIGN.findall(problem.prompt)
    # No token is empty, so the place of the name cannot be confused with a word.
    nameless = ["" if token == problem.entry_point else token for token in tokens]
    # A prompt without text differs from others only by the function's name.
    says_more = sum(token.isalnum() for token in nameless) >= SHORT_WORDS
    wording = nameless if says_more else tokens
    return hashlib.sha256("\n".join(wording).encode("utf-8", "surrogatepass")).digest()
