"""The lines that two answers have in common."""

import difflib
from typing import NamedTuple

__all__ = ["MAX_CHARACTERS", "MAX_LINES", "Block", "beginning", "common_blocks"]

MAX_CHARACTERS = 4_000
"""Length of an answer on the page, and of what is compared: the time that a diff takes grows with
the square of it."""
MAX_LINES = 120


class Block(NamedTuple):
    """`size` lines from line `before` of the one answer are those from line `after` of the
    other."""

    before: int
    after: int
    size: int


def beginning(answer: str) -> str:
    """The first lines of an answer, all where it is not a long one."""
    lines = answer[:MAX_CHARACTERS].split("\n")[:MAX_LINES]
    if len(answer) > MAX_CHARACTERS and len(lines) > 1:
        # The last line may be a part of one.
        lines = answer[: answer.rfind("\n", 0, MAX_CHARACTERS)].split("\n")[:MAX_LINES]
    return "\n".join(lines)


def common_blocks(before: str, after: str) -> list[Block]:
    """The blocks of equal lines of the beginnings of two answers, in order."""
    old, new = beginning(before).split("\n"), beginning(after).split("\n")
    found = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [Block(*each) for each in found if each.size]
