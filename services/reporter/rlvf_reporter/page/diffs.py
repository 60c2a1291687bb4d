"""Finds the lines that two answers have in common."""

import difflib
from typing import NamedTuple

__all__ = ["MAX_CHARACTERS", "MAX_LINES", "Block", "beginning", "common_blocks"]

MAX_CHARACTERS = 4_000
"""Maximum length of an answer that is shown on the page and compared: the time of a diff grows with
its square."""
MAX_LINES = 120


class Block(NamedTuple):
    """`size` lines from line `before` of one answer equal those from line `after` of the other."""

    before: int
    after: int
    size: int


def beginning(answer: str) -> str:
    """The first lines of an answer; all lines of a short one."""
    lines = answer[:MAX_CHARACTERS].split("\n")[:MAX_LINES]
    if len(answer) > MAX_CHARACTERS and len(lines) > 1:
        # The last line may be incomplete.
        lines = answer[: answer.rfind("\n", 0, MAX_CHARACTERS)].split("\n")[:MAX_LINES]
    return "\n".join(lines)


def common_blocks(before: str, after: str) -> list[Block]:
    """The blocks of equal lines of the beginnings of two answers, in order."""
    old, new = beginning(before).split("\n"), beginning(after).split("\n")
    found = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [Block(*each) for each in found if each.size]
