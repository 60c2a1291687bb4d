"""Extracts the program from a model's answer: without reasoning, prose, fences and unused code.

Only the text after the reasoning counts. Preferred are, in this order: a fenced block to bare text;
a block that defines the entry point; a whole function to a stub or an import of it, anywhere; a
block labelled Python to one with another label; a complete block to an incomplete one; a later
block to an earlier one, unless it repeats that, because models correct themselves. Definitions that
the chosen block lacks are taken from the others. Code is never repaired; text that does not parse
is returned unchanged.
"""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from rlvf_common.problems.answers.bare_code import from_definition, longest_run
from rlvf_common.problems.answers.code_blocks import (
    Block,
    fenced_blocks,
    indented_blocks,
    inline_code,
    marked_up_blocks,
)
from rlvf_common.problems.answers.program_choice import best_program, is_data
from rlvf_common.problems.answers.python_source import line_numbers, parse, source_lines, tree_text
from rlvf_common.problems.answers.reasoning import after_reasoning
from rlvf_common.problems.answers.trimming import needed_statements, trim, trim_prefix

__all__ = [
    "extract_body",
    "extract_program",
    "line_numbers",
    "needed_statements",
    "parse",
    "source_lines",
    "tree_text",
    "trim",
    "trim_prefix",
]


def extract_program(answer: str, entry_point: str) -> str:
    """The program in `answer`, trimmed; "" if there is no code.

    `entry_point` is the requested function, or "" for a whole program, which is not trimmed.
    """
    answer = after_reasoning(answer)
    fenced = list(fenced_blocks(answer))
    unsure = ""
    for find in _finders(answer, entry_point, fenced):
        found = best_program(list(find()), entry_point)
        if found.is_sure:
            return trim(found.source, entry_point)
        unsure = unsure or found.source
    if unsure:
        return trim(unsure, entry_point)
    others = [block for block in fenced if not is_data(block.source)]
    return others[-1].source if others else from_definition(answer, entry_point)


def extract_body(answer: str) -> str:
    """The last block that is indented throughout, with its indentation, as models write to continue
    a given beginning of a function. "" if there is none."""
    answer = after_reasoning(answer)
    for find in (fenced_blocks, indented_blocks):
        for block in reversed(list(find(answer))):
            if block.indentation and not is_data(block.source):
                return textwrap.indent(block.source, block.indentation)
    return ""


def _finders(
    answer: str, entry_point: str, fenced: Sequence[Block]
) -> Iterator[Callable[[], Iterable[Block]]]:
    """Functions that find blocks in the answer, the most reliable first."""
    yield lambda: fenced
    yield lambda: marked_up_blocks(answer)
    yield lambda: [Block(run) for run in [longest_run(answer, entry_point)] if run]
    yield lambda: indented_blocks(answer)
    yield lambda: inline_code(answer)
