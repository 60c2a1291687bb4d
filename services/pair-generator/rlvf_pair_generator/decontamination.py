"""Keeps problems that an evaluation benchmark also has out of the training data.

Three signs of overlap, each sufficient: the same task id, the same entry point, or ten consecutive
words in common between the prompts. Word n-grams of 8 to 13 are usual; shorter ones exclude more.
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from rlvf_common.problems import Problem

__all__ = ["NGRAM_WORDS", "Overlap", "find_overlaps"]

NGRAM_WORDS = 10
"""Length of the word sequences that two prompts may not share."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Overlap:
    """A problem that is also in a benchmark."""

    task_id: str
    benchmark_task_id: str
    reason: str
    """`task id`, `entry point` or `10-gram`; the first of them that applies."""


def find_overlaps(problems: Sequence[Problem], benchmark: Sequence[Problem]) -> list[Overlap]:
    """The problems that overlap a benchmark problem, in their order, each once."""
    tasks = {problem.task_id for problem in benchmark}
    by_entry_point: dict[str, str] = {}
    by_ngram: dict[str, str] = {}
    for problem in benchmark:
        if problem.entry_point:
            by_entry_point.setdefault(problem.entry_point, problem.task_id)
        for ngram in _ngrams(problem):
            by_ngram.setdefault(ngram, problem.task_id)
    overlaps = []
    for problem in problems:
        if problem.task_id in tasks:
            overlaps.append(Overlap(problem.task_id, problem.task_id, "task id"))
        elif (other := by_entry_point.get(problem.entry_point)) is not None:
            overlaps.append(Overlap(problem.task_id, other, "entry point"))
        elif (shared := _first_shared(problem, by_ngram)) is not None:
            overlaps.append(Overlap(problem.task_id, by_ngram[shared], f"{NGRAM_WORDS}-gram"))
    return overlaps


def _first_shared(problem: Problem, ngrams: Container[str]) -> str | None:
    return next((ngram for ngram in _ngrams(problem) if ngram in ngrams), None)


def _ngrams(problem: Problem) -> Iterator[str]:
    """Every run of ten words of the prompt, in order; a shorter prompt is one run."""
    words = _WORD.findall(problem.prompt.lower())
    for start in range(max(1, len(words) - NGRAM_WORDS + 1)):
        yield " ".join(words[start : start + NGRAM_WORDS])
