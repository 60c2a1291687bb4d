"""Finds code in prose without marks of where it begins and ends."""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from rlvf_common.problems.answers.python_names import Definition, definition
from rlvf_common.problems.answers.python_source import (
    can_go_on,
    line_numbers,
    source_lines,
    tree_or_stumble,
)

__all__ = ["end_of_beginning", "from_definition", "last_definition", "longest_run"]

_MAX_PARSED = 100
"""Maximum text that is parsed to find the longest run, in multiples of the answer. Only an answer
of thousands of incomplete beginnings needs more."""
_BEGINS_CODE = re.compile(r"(import|from|def|class|async|@|if|for|while|with|try|[A-Za-z_]\w*\s*=)")


def longest_run(answer: str, entry_point: str) -> str:
    """The longest run of lines that parses and defines the entry point; else the longest with a
    stub or an import of it, or "".

    A run begins where code can begin, and ends before a line that no later line can make valid. If
    it does not parse, it is cut before the line of the syntax error, and tried again.
    """
    lines = source_lines(answer)
    offsets = [0, *accumulate(map(len, lines))]
    parsed, most = 0, _MAX_PARSED * len(answer)
    best = unsure = ""
    within: set[int] = set()
    for start, line in enumerate(lines):
        if parsed >= most:
            break
        # A run that begins with a statement of another run is a part of it.
        if start in within or not _BEGINS_CODE.match(line):
            continue
        end = end_of_beginning(lines, start)
        parsed += (offsets[end] - offsets[start]) * (end - start).bit_length()
        while (size := offsets[end] - offsets[start]) > len(best) and parsed < most:
            parsed += size
            run = "".join(lines[start:end])
            tree, stumbled = tree_or_stumble(run)
            if tree is not None:
                within.update(start + number for number in _first_lines(tree))
                found = _definition(tree, entry_point)
                if found > Definition.STUB:
                    best = run
                elif found and len(run) > len(unsure):
                    unsure = run
                break
            end = min(end - 1, start + stumbled)
    return best or unsure


def _first_lines(tree: ast.Module) -> Iterator[int]:
    """The first lines of statements at module level, from 0; those of decorators too."""
    for node in tree.body:
        if node.col_offset == 0:
            yield from range(line_numbers(node).start - 1, node.lineno)


def end_of_beginning(lines: Sequence[str], start: int) -> int:
    """The end of the longest run of lines from `start` on that is a program, or that further lines
    could complete to one."""

    def is_over(count: int) -> bool:
        return not can_go_on("".join(lines[start : start + count]))

    count, most = 1, len(lines) - start
    while count < most and not is_over(count):
        count *= 2
    tried = range(count // 2 + 1, min(count, most) + 1)
    return start + count // 2 + bisect_left(tried, True, key=is_over)


def _definition(tree: ast.Module, entry_point: str) -> Definition:
    if entry_point:
        return definition(tree, entry_point)
    # Prose of single words parses too.
    is_program = any(not isinstance(node, ast.Expr) for node in tree.body) or any(
        isinstance(node, ast.Call) for node in ast.walk(tree)
    )
    return Definition.WHOLE if is_program else Definition.NONE


def from_definition(answer: str, entry_point: str) -> str:
    """From the last definition of the entry point to the end: code that is incomplete or wrong."""
    start = last_definition(answer, entry_point) if entry_point else None
    return "" if start is None else answer[start:]


def last_definition(text: str, name: str) -> int | None:
    """Where the last definition of a function begins, found without a syntax tree."""
    found = None
    for match in re.finditer(rf"^(async\s+)?def\s+{re.escape(name)}\b", text, re.MULTILINE):
        found = match.start()
    if found is None:
        bound = rf"^(class\s+{re.escape(name)}\b|{re.escape(name)}\s*(:[^=\n]*)?=)"
        other = re.search(bound, text, re.MULTILINE)
        found = other.start() if other else None
    return found
