"""The grid of a benchmark: the answers and verdicts of every task under every condition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from rlvf_reporter.evidence import Evidence
from rlvf_reporter.report import HeadToHead, Report

__all__ = ["Answer", "Cell", "Change", "Contrast", "Grid", "Task", "grids_of"]


class Change(StrEnum):
    """How a task changed in a comparison; the page's script reads the same letters."""

    IMPROVED = "+"
    REGRESSED = "-"
    BOTH_PASS = "1"
    BOTH_FAIL = "0"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a task, and its verdict."""

    run: str
    """Name of the condition that gave it."""
    sample: int
    verdict: str
    detail: str
    """Why it does not pass, such as the assertion that failed with the value that it saw."""
    text: str | None
    """None where the request does not name the condition's completions."""

    @property
    def passed(self) -> bool:
        """Whether the verdict is `passed`."""
        return self.verdict == "passed"


@dataclass(frozen=True, slots=True)
class Cell:
    """All answers of a column to a task, from all its runs."""

    answers: Sequence[Answer]

    @property
    def passed(self) -> int:
        """Number of answers that pass."""
        return sum(answer.passed for answer in self.answers)

    @property
    def share(self) -> float:
        """Share of the answers that pass, in [0, 1]; 0 where there are none."""
        return self.passed / len(self.answers) if self.answers else 0.0

    def first(self, *, passing: bool) -> Answer | None:
        """The first answer with that outcome, or else the first answer; None if there are none."""
        fitting = (answer for answer in self.answers if answer.passed is passing)
        return next(fitting, next(iter(self.answers), None))


@dataclass(frozen=True, slots=True)
class Contrast:
    """A comparison, with the numbers of the two columns that it compares."""

    comparison: HeadToHead
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Task:
    """A row: a cell for each column and a change for each contrast of the grid."""

    task_id: str
    prompt: str
    """Empty where the request does not name the benchmark's problems."""
    cells: Sequence[Cell]
    changes: Sequence[Change]

    @property
    def flipped(self) -> bool:
        """Whether any comparison says that it improved or regressed."""
        return Change.IMPROVED in self.changes or Change.REGRESSED in self.changes

    def sides(self, contrast: Contrast, change: Change) -> tuple[Answer | None, Answer | None]:
        """An answer of each side that shows the change."""
        before, after = self.cells[contrast.before], self.cells[contrast.after]
        return (
            before.first(passing=change in (Change.REGRESSED, Change.BOTH_PASS)),
            after.first(passing=change in (Change.IMPROVED, Change.BOTH_PASS)),
        )


@dataclass(frozen=True)
class Grid:
    """The tasks of one benchmark. A column is a condition, or all runs of one recipe."""

    benchmark: str
    columns: Sequence[str]
    contrasts: Sequence[Contrast]
    """The primary comparison first, then those with controls; noise floors last."""
    tasks: Sequence[Task] = field(repr=False)

    @cached_property
    def by_ease(self) -> Sequence[int]:
        """Numbers of the tasks from the one that most answers pass to the one that fewest do."""
        share = [sum(cell.share for cell in task.cells) for task in self.tasks]
        return sorted(range(len(self.tasks)), key=lambda number: -share[number])


def grids_of(report: Report, evidence: Evidence) -> list[Grid]:
    """A grid for each benchmark of a report that `assemble` made from the evidence."""
    return [_grid(name, evidence, report) for name in report.benchmarks]


def _grid(benchmark: str, evidence: Evidence, report: Report) -> Grid:
    answers: dict[str, dict[str, list[Answer]]] = {}
    for condition, result, completions in zip(
        report.conditions, evidence.results, evidence.completions, strict=True
    ):
        if condition.benchmark != benchmark:
            continue
        by_task = answers.setdefault(condition.run_of, {})
        for one in result.results:
            text = None if completions is None else completions.get((one.task_id, one.sample))
            answer = Answer(condition.name, one.sample, one.verdict, one.detail, text)
            by_task.setdefault(one.task_id, []).append(answer)
    columns = list(answers)
    contrasts = [
        Contrast(h, columns.index(h.baseline), columns.index(h.treatment))
        for h in sorted(
            report.comparisons_on(benchmark),
            key=lambda h: (not h.primary, not h.against_control, h.noise_floor),
        )
    ]
    return Grid(
        benchmark=benchmark,
        columns=columns,
        contrasts=contrasts,
        tasks=list(_tasks(answers, contrasts, evidence.prompts.get(benchmark, {}))),
    )


def _tasks(
    answers: Mapping[str, Mapping[str, Sequence[Answer]]],
    contrasts: Sequence[Contrast],
    prompts: Mapping[str, str],
) -> Iterator[Task]:
    moved = [
        dict.fromkeys(contrast.comparison.found.improved, Change.IMPROVED)
        | dict.fromkeys(contrast.comparison.found.regressed, Change.REGRESSED)
        for contrast in contrasts
    ]
    for task in dict.fromkeys(task for by_task in answers.values() for task in by_task):
        cells = [Cell(by_task.get(task, ())) for by_task in answers.values()]
        changes = [
            flips.get(task) or _unmoved(cells[contrast.before], cells[contrast.after])
            for contrast, flips in zip(contrasts, moved, strict=True)
        ]
        yield Task(task, prompts.get(task, ""), cells, changes)


def _unmoved(before: Cell, after: Cell) -> Change:
    """The change of a task that did not flip, as `rlvf_common.statistics.comparison` counts it."""
    both = before.share > 0.5 and after.share > 0.5
    return Change.BOTH_PASS if both else Change.BOTH_FAIL
