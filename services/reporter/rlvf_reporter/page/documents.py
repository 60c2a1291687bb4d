"""Writes tasks, answers and records as JSON for the page's script, which shows texts as text and
never as markup.

The page carries every task with its verdicts, and texts up to a size, first those of tasks that
flipped. The document of a task has all its answers.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rlvf_common.problems.verdicts import VERDICTS
from rlvf_reporter.formatting import code
from rlvf_reporter.page.diffs import beginning, common_blocks
from rlvf_reporter.page.tasks import Answer, Cell, Change, Contrast, Grid, Task
from rlvf_reporter.training_data.examples import Example, Examples

if TYPE_CHECKING:
    from rlvf_reporter.page.drill_down import DrillDown

__all__ = ["MAX_TEXT_BYTES", "dump", "page_document", "task_document"]

MAX_TEXT_BYTES = 3_500_000
"""Maximum size of the prompts, answers and details on the page, as JSON."""
_CUT = "[... cut here]"
_LONGEST_DETAIL = 1_000

Json = None | bool | int | float | str | Sequence["Json"] | dict[str, "Json"]


def dump(document: Json) -> str:
    """JSON for a `script` element of an HTML page: `<`, `>` and `&` are escaped."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@dataclass
class _Room:
    """The budget for texts on the page."""

    left: int
    taken: set[int] = field(default_factory=set)
    """Identities of the answers whose texts and details are on the page."""
    prompts: set[int] = field(default_factory=set)
    """Identities of the tasks whose prompts are on the page."""

    def take(self, *texts: str) -> bool:
        """Take room for all of the texts; return whether there was enough."""
        size = sum(len(dump(text).encode()) for text in texts)
        if size > self.left:
            return False
        self.left -= size
        return True

    def take_prompt(self, task: Task) -> None:
        """Put a task's prompt on the page if there is room."""
        if id(task) not in self.prompts and self.take(code(task.prompt)):
            self.prompts.add(id(task))

    def take_answer(self, answer: Answer) -> None:
        """Put an answer on the page if there is room."""
        if id(answer) not in self.taken and self.take(_shortened(_text(answer)), _detail(answer)):
            self.taken.add(id(answer))


def page_document(drill_down: "DrillDown", *, room: int = MAX_TEXT_BYTES) -> Json:
    """The document of the page, with texts of at most `room` bytes of JSON."""
    left = _Room(room)
    sets = [_set(each, left) for each in drill_down.examples]
    grids = drill_down.grids
    for grid in grids:
        _take_flips(grid, left)
    for grid in grids:
        for task in grid.tasks:
            left.take_prompt(task)
    for grid in grids:
        for task in grid.tasks:
            for _, answer in _carried(task):
                left.take_answer(answer)
    return {
        "verdicts": list(VERDICTS),
        "benchmarks": [_grid(grid, left) for grid in grids],
        "sets": sets,
    }


def _set(examples: Examples, room: _Room) -> Json:
    found = ((_example(each), each) for each in examples.shown)
    return [one for one, each in found if room.take(each.prompt, *(s.text for s in each.sides))]


def _example(example: Example) -> Json:
    texts = [code(side.text) for side in example.sides]
    return {
        "place": example.place,
        "id": code(example.task_id),
        "prompt": _shortened(code(example.prompt)),
        "passes": example.passes,
        "samples": example.samples,
        "sides": [
            [side.role, side.sample, code(side.verdict), _shortened(text)]
            for side, text in zip(example.sides, texts, strict=True)
        ],
        "blocks": [list(block) for block in common_blocks(*texts)] if len(texts) == 2 else [],
    }


def _take_flips(grid: Grid, room: _Room) -> None:
    for number, contrast in enumerate(grid.contrasts):
        for task in grid.tasks:
            change = task.changes[number]
            if change in (Change.IMPROVED, Change.REGRESSED):
                room.take_prompt(task)
                for answer in task.sides(contrast, change):
                    if answer is not None:
                        room.take_answer(answer)


def _grid(grid: Grid, room: _Room) -> Json:
    return {
        "name": code(grid.benchmark),
        "columns": list(map(code, grid.columns)),
        "contrasts": [_contrast(each) for each in grid.contrasts],
        "ease": list(grid.by_ease),
        "tasks": [_task(grid, task, room) for task in grid.tasks],
    }


def _contrast(contrast: Contrast) -> Json:
    h = contrast.comparison
    return {
        "before": contrast.before,
        "after": contrast.after,
        "role": "control" if h.against_control else h.role.value,
    }


def _task(grid: Grid, task: Task, room: _Room) -> Json:
    carried = list(_carried(task))
    return {
        "id": code(task.task_id),
        "prompt": code(task.prompt) if id(task) in room.prompts else None,
        "changes": "".join(task.changes),
        "cells": [_cell(cell) for cell in task.cells],
        "answers": [
            _answer(column, answer, _shortened(_text(answer)), here=id(answer) in room.taken)
            for column, answer in carried
        ],
        "diffs": _diffs(grid, task, carried, room.taken),
    }


def task_document(grid: Grid, task: Task) -> Json:
    """One task with its prompt and all its answers, whole."""
    every = [(column, answer) for column, cell in enumerate(task.cells) for answer in cell.answers]
    return {
        "id": code(task.task_id),
        "prompt": code(task.prompt),
        "answers": [_answer(column, answer, _text(answer), here=True) for column, answer in every],
        "diffs": _diffs(grid, task, every, {id(answer) for _, answer in every}),
    }


def _carried(task: Task) -> Iterator[tuple[int, Answer]]:
    """The first answer of each cell that passes and the first that does not, with their columns."""
    for column, cell in enumerate(task.cells):
        shown = [cell.first(passing=True), cell.first(passing=False)]
        yield from ((column, one) for one in {id(one): one for one in shown if one}.values())


def _cell(cell: Cell) -> Json:
    """The number of answers that pass, the number of answers, and the numbers of their verdicts."""
    verdicts = {answer.verdict for answer in cell.answers}
    return [cell.passed, len(cell.answers), [VERDICTS.index(one) for one in sorted(verdicts)]]


def _answer(column: int, answer: Answer, text: str, *, here: bool) -> Json:
    """Column, run, sample, number of the verdict, detail and text. The last two are null where
    there was no room, and a text also where it is not known."""
    return [
        column,
        code(answer.run),
        answer.sample,
        VERDICTS.index(answer.verdict),
        _detail(answer) if here else None,
        text if here and answer.text is not None else None,
    ]


def _diffs(
    grid: Grid, task: Task, answers: Sequence[tuple[int, Answer]], here: set[int]
) -> list[Json]:
    """For each contrast: the places of two of the answers, and the blocks of lines that they have
    in common; null where an answer is missing."""
    places = {id(answer): place for place, (_, answer) in enumerate(answers)}
    found: list[Json] = []
    for contrast, change in zip(grid.contrasts, task.changes, strict=True):
        before, after = task.sides(contrast, change)
        if before is None or after is None:
            found.append(None)
            continue
        blocks: list[Json] = []
        if {id(before), id(after)} <= here:
            blocks = [list(block) for block in common_blocks(_text(before), _text(after))]
        found.append([places[id(before)], places[id(after)], blocks])
    return found


def _text(answer: Answer) -> str:
    return code(answer.text or "")


def _shortened(text: str) -> str:
    start = beginning(text)
    return text if start == text else f"{start}\n{_CUT}"


def _detail(answer: Answer) -> str:
    detail = code(answer.detail)
    return detail if len(detail) <= _LONGEST_DETAIL else detail[:_LONGEST_DETAIL] + "…"
