"""Recognises blocks of an answer that only repeat parts of another block, to explain them."""

import re
import textwrap
from collections.abc import Sequence

__all__ = ["is_quotation"]

_LEFT_OUT = re.compile(r"\s*(?:#\s*)?(?:\.\.\.|…)")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def is_quotation(text: str, source: str) -> bool:
    """Whether the lines of `text` are a part of `source`, or parts in order with lines of `...`
    between them. Comments, empty lines and the common indentation do not count.

    The same lines are no quotation, nor is a definition without its decorators, which is a change.
    """
    lines = _lines(source)
    parts = _parts(textwrap.dedent(text))
    if not parts or sum(map(len, parts)) >= len(lines):
        return False
    first = parts[0][0]
    margins = {line.removesuffix(first) for line in lines if line.endswith(first)}
    return any(_has(lines, parts, margin) for margin in margins if not margin.strip())


def _lines(text: str) -> list[str]:
    lines = (_COMMENT.sub("", line).rstrip() for line in text.splitlines())
    return [line for line in lines if line]


def _parts(text: str) -> list[list[str]]:
    """The lines of a text, split where something was omitted."""
    parts: list[list[str]] = [[]]
    for line in text.splitlines():
        if _LEFT_OUT.match(line):
            parts.append([])
        else:
            parts[-1] += _lines(line)
    return [part for part in parts if part]


def _has(lines: Sequence[str], parts: Sequence[Sequence[str]], margin: str) -> bool:
    """Whether the lines contain the parts in order, each line after the margin."""
    text = "".join(f"\n{line}" for line in lines) + "\n"
    end = 0
    for number, part in enumerate(parts):
        wanted = "".join(f"\n{margin}{line}" for line in part)
        start = text.find(f"{wanted}\n", end)
        if start < 0 or (number == 0 and _is_decorator(text, start)):
            return False
        end = start + len(wanted)
    return True


def _is_decorator(text: str, end: int) -> bool:
    """Whether the line that ends there is a decorator."""
    return text[text.rfind("\n", 0, end) + 1 : end].lstrip().startswith("@")
