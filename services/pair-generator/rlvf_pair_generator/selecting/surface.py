"""Surface features of an answer, which say nothing about whether it is right."""

import math
import re
from typing import NamedTuple

from rlvf_common.problems.answers.python_source import syntax_tree

__all__ = ["Surface", "surface_of"]

_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")
_PROSE = re.compile(r"\s*(?:[-*] |\d+\. )?[A-Z]?[a-z']+(?: [\w'`(),]+){3,}[.:!?]?\s*")
"""Matches a line of four or more words with nothing else between them."""


class Surface(NamedTuple):
    """The features. Counts are ln(1 + n), since relative differences matter; the others are 0 or
    1."""

    characters: float
    lines: float
    tokens: float
    mean_line: float
    longest_line: float
    blank_lines: float
    comment_lines: float
    prose_lines: float
    prints: float
    definitions: float
    docstring: float
    fence: float
    parses: float
    """Whether prompt and answer together, or the answer alone, are a Python program."""
    starts_indented: float
    starts_on_new_line: float
    ends_with_newline: float
    only_ascii: float


def surface_of(prompt: str, answer: str) -> Surface:
    """The features of `answer`, a continuation of `prompt`."""
    lines = answer.split("\n")
    written = [line for line in lines if line.strip()]
    widths = [len(line) for line in written] or [0]
    first = written[0] if written else ""

    def count(amount: float) -> float:
        return math.log1p(amount)

    return Surface(
        characters=count(len(answer.strip())),
        lines=count(len(written)),
        tokens=count(len(_WORD_OR_SIGN.findall(answer))),
        mean_line=count(sum(widths) / len(widths)),
        longest_line=count(max(widths)),
        blank_lines=count(len(answer.strip().split("\n")) - len(written)),
        comment_lines=count(sum(line.lstrip().startswith("#") for line in written)),
        prose_lines=count(sum(_PROSE.fullmatch(line) is not None for line in written)),
        prints=count(answer.count("print(")),
        definitions=count(sum(line.lstrip().startswith(("def ", "class ")) for line in written)),
        docstring=float('"""' in answer or "'''" in answer),
        fence=float("```" in answer),
        parses=float(any(syntax_tree(one) for one in (prompt + answer, answer))),
        starts_indented=float(first[:1].isspace()),
        starts_on_new_line=float(answer.startswith("\n")),
        ends_with_newline=float(answer.endswith("\n")),
        only_ascii=float(answer.isascii()),
    )
