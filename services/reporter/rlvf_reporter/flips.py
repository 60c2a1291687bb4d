"""The tasks that flipped in a comparison: prompt, an answer of each side, and their diff."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.statistics.results import TaskResult
from rlvf_reporter.evidence import Completions, Evidence
from rlvf_reporter.report import HeadToHead

__all__ = ["MAX_SHOWN", "Flip", "FlippedTasks", "Line", "Shown", "flipped_tasks"]

MAX_SHOWN = 40
"""Tasks of one comparison that are shown; the list of their names is complete."""
MAX_SHOWN_IN_ALL = 200
"""Tasks of all comparisons: about a megabyte of a page."""
_LONGEST_CHARACTERS = 4_000
_LONGEST_LINES = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer of a condition to a task."""

    condition: str
    sample: int
    verdict: str
    detail: str
    passed: int
    """Answers of all runs of the condition to the task that pass, of `samples`."""
    samples: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of both answers side by side; None where one has no such line."""

    kind: Literal["same", "changed"]
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Flip:
    """A task that only one of two conditions passes."""

    task_id: str
    improved: bool
    prompt: str
    """Empty where the benchmark's problems were not named."""
    before: Shown
    after: Shown
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class FlippedTasks:
    """Those of one comparison."""

    comparison: HeadToHead
    shown: Sequence[Flip]
    left_out: int
    """How many more there are."""


@dataclass(frozen=True, slots=True)
class _Run:
    name: str
    results: Mapping[str, Sequence[TaskResult]]
    completions: Completions


def flipped_tasks(
    request: reporter_pb2.RenderReportRequest,
    evidence: Evidence,
    comparisons: Sequence[HeadToHead],
) -> Iterator[FlippedTasks]:
    """The flipped tasks of every comparison whose answers are known, the primary one first, then
    those with controls."""
    runs: dict[tuple[str, str], list[_Run]] = {}
    for condition, result, completions in zip(
        request.conditions, evidence.results, evidence.completions, strict=True
    ):
        if completions is not None:
            by_task: dict[str, list[TaskResult]] = {}
            for one in result.results:
                by_task.setdefault(one.task_id, []).append(one)
            key = (result.benchmark, condition.run_of or condition.name)
            runs.setdefault(key, []).append(_Run(condition.name, by_task, completions))
    room = MAX_SHOWN_IN_ALL
    for comparison in sorted(comparisons, key=lambda h: (not h.primary, not h.against_control)):
        before = runs.get((comparison.benchmark, comparison.baseline), [])
        after = runs.get((comparison.benchmark, comparison.treatment), [])
        moved = [(task, True) for task in comparison.found.improved]
        moved += [(task, False) for task in comparison.found.regressed]
        if not (before and after and moved and room):
            continue
        prompts = evidence.prompts.get(comparison.benchmark, {})
        shown = [
            _flip(task, improved, prompts.get(task, ""), before, after)
            for task, improved in _spread(moved)[: min(room, MAX_SHOWN)]
        ]
        room -= len(shown)
        yield FlippedTasks(comparison, shown, len(moved) - len(shown))


def _spread(moved: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Improved and regressed tasks in turn, so that both are among the first."""
    improved, regressed = ([one for one in moved if one[1] is way] for way in (True, False))
    pairs = list(zip(improved, regressed, strict=False))
    rest = improved[len(pairs) :] + regressed[len(pairs) :]
    return [one for pair in pairs for one in pair] + rest


def _flip(
    task: str, improved: bool, prompt: str, before: Sequence[_Run], after: Sequence[_Run]
) -> Flip:
    first, text_before = _shown(before, task, passing=not improved)
    then, text_after = _shown(after, task, passing=improved)
    return Flip(task, improved, prompt, first, then, _lines(text_before, text_after))


def _shown(runs: Sequence[_Run], task: str, *, passing: bool) -> tuple[Shown, str]:
    """The first answer with that outcome, or else the first one."""
    answers = [(run, one) for run in runs for one in run.results[task]]
    run, one = next(
        (each for each in answers if (each[1].verdict == "passed") is passing), answers[0]
    )
    passed = sum(each.verdict == "passed" for _, each in answers)
    shown = Shown(run.name, one.sample, one.verdict, one.detail, passed, len(answers))
    return shown, run.completions.get((task, one.sample), "")


def _lines(before: str, after: str) -> list[Line]:
    old, new = _cut(before), _cut(after)
    lines: list[Line] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line("same", line, line) for line in old[i:j]]
            continue
        for number in range(max(j - i, m - k)):
            lines.append(
                Line(
                    "changed",
                    old[i + number] if i + number < j else None,
                    new[k + number] if k + number < m else None,
                )
            )
    return lines


def _cut(answer: str) -> list[str]:
    """The answer's lines; of a long one the first."""
    lines = answer[:_LONGEST_CHARACTERS].split("\n")
    is_whole = len(answer) <= _LONGEST_CHARACTERS and len(lines) <= _LONGEST_LINES
    return lines if is_whole else [*lines[:_LONGEST_LINES], "[... cut here]"]
