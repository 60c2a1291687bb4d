"""Finds blocks of code in Markdown and other markup, and in transcripts of a session."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from rlvf_common.problems.answers.python_source import can_go_on, source_lines, syntax_tree

__all__ = ["Block", "fenced_blocks", "indented_blocks", "inline_code", "marked_up_blocks"]

Label: TypeAlias = Literal["python", "none", "other"]

_FENCE = re.compile(
    r"(?P<margin>[ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d+[.)])[ \t]+)?[ \t]*)"
    r"(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$"
)
_FENCE_AFTER_TEXT = re.compile(
    r"(?P<margin>)(?P<fence>(?<!`)`{3})[ \t]*(?P<info>(?:python|py)\d?)$", re.IGNORECASE
)
_PYTHON = re.compile(r"(i?python|py|pyi|pypy|cpython|sage|pycon)[\d.]*([:=].*)?|.*\.py")
_UNLABELLED = ("", "code", "solution", "answer")
_CODE_IN_INFO = re.compile(
    r"(?:python[\d.]*\s+|py\d?\s+)?((?:def|class|import|from|async)\s.*|@\w.*)"
)
_MAX_CLOSINGS = 8
"""Maximum number of fences that are tried as the end of a block."""
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)")

_MARKUP = (
    (re.compile(r"<code\b[^>]*>", re.IGNORECASE), "</code>", True),
    (re.compile(r"<pre\b[^>]*>", re.IGNORECASE), "</pre>", True),
    (re.compile(r"\\begin\{lstlisting\}(?:\[[^]\n]*\])?"), r"\end{lstlisting}", False),
    (re.compile(r"\\begin\{minted\}(?:\[[^]\n]*\])?(?:\{\w*\})?"), r"\end{minted}", False),
    (re.compile(r"\\begin\{verbatim\}"), r"\end{verbatim}", False),
    (re.compile(r"\[(?:PYTHON|CODE)\]", re.IGNORECASE), "[/", False),
    (re.compile(r"<(?:answer|solution|python)>", re.IGNORECASE), "</", False),
    (re.compile(r"\[BEGIN\]"), "[DONE]", False),
)
"""The beginning of a block, its end, and whether its text is escaped as in HTML."""


_END_OF_HEADER = re.compile(r"(else|elif\b.*|except\b.*|finally|\).*):\s*(#.*)?$")
"""The last line of a header that is no statement without what precedes it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code."""

    source: str
    label: Label = "none"
    """The language of its label."""
    complete: bool = True
    """Whether it has an end."""
    indentation: str = ""
    """White space at the beginning of all lines, which `source` is without."""


def fenced_blocks(answer: str) -> Iterator[Block]:
    """The fenced blocks of Markdown; a block without an end is incomplete.

    Unlike in Markdown, a closing fence may follow the last line's text or have text after it, and a
    fence inside a string of the program does not end the block. What makes the program compile
    decides.
    """
    lines = answer.splitlines(keepends=True)
    place = 0
    while place < len(lines):
        line = lines[place].rstrip("\r\n\u00a0 \t")
        if opening := _FENCE.match(line) or _FENCE_AFTER_TEXT.search(line):
            block, place = _block(lines, place + 1, opening)
            yield block
        else:
            place += 1


class _Closing(NamedTuple):
    """A line that may end a block."""

    place: int
    certain: bool
    """Whether it is a closing fence by Markdown's rules."""
    rest: str
    """The text before the fence."""
    next: int
    """The line after the block."""


def _block(lines: Sequence[str], start: int, opening: re.Match[str]) -> tuple[Block, int]:
    """The block whose first line is number `start`, and the line after the block."""
    margin, label = opening["margin"], _label(opening["info"])
    first = _CODE_IN_INFO.fullmatch(opening["info"].strip())
    if first:
        label = "python"

    def block(end: int, rest: str = "", *, complete: bool = True) -> Block:
        inside = [*lines[start:end], *([rest + "\n"] if rest.strip() else [])]
        if first:
            inside.insert(0, f"{margin}{first[1]}\n")
        source, indentation = _dedented(_without_margin(inside, margin))
        return Block(without_prompts(source), label, complete, indentation)

    default: _Closing | None = None
    tries = _MAX_CLOSINGS if label != "other" else 0
    for closing in _closings(lines, start, opening["fence"]):
        if closing.certain and default is None:
            default = closing
        if tries:
            tries -= 1
            found = block(closing.place, closing.rest)
            if syntax_tree(found.source) is not None:
                return found, closing.next
            if not can_go_on(found.source):
                tries = 0
        if not tries and default:
            break
    if default:
        return block(default.place), default.next
    return block(len(lines), complete=False), len(lines)


def _closings(lines: Sequence[str], start: int, fence: str) -> Iterator[_Closing]:
    for place in range(start, len(lines)):
        line = lines[place].rstrip("\r\n\u00a0 \t")
        if fence not in line:
            continue
        found = _FENCE.match(line)
        if found and found["fence"].startswith(fence):
            if not found["info"].strip():
                yield _Closing(place, True, "", place + 1)
            else:
                reopens = re.fullmatch(r"[\w.+#-]+", found["info"].strip())
                yield _Closing(place, False, "", place if reopens else place + 1)
        elif line.endswith(fence):
            yield _Closing(place, False, line.rstrip(fence[0]), place + 1)


def _label(info: str) -> Label:
    word = re.match(r"[^\s,}]*", info.strip().lstrip("{").lstrip(".").lower())
    language = word[0] if word else ""
    if language in _UNLABELLED:
        return "none"
    return "python" if _PYTHON.fullmatch(language) else "other"


def _without_margin(lines: Sequence[str], margin: str) -> Sequence[str]:
    """The lines of a block without the indentation of a list item or the signs of a quotation."""
    if ">" in margin:
        depth = margin.count(">")
        return [re.sub(rf"^(?:[ \t]*>[ \t]?){{1,{depth}}}", "", line) for line in lines]
    if margin:
        width = len(margin)
        return [re.sub(rf"^[ \t]{{1,{width}}}", "", line) for line in lines]
    return lines


def _dedented(lines: Sequence[str]) -> tuple[str, str]:
    """The lines without their common indentation, and that indentation."""
    first = next((line for line in lines if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    if margin and all(line.startswith(margin) for line in lines if line.strip()):
        return "".join(line.removeprefix(margin) for line in lines), margin
    return "".join(lines), ""


def without_prompts(source: str) -> str:
    """The statements of an interpreter session, without prompts and output; other text
    unchanged."""
    lines = source_lines(source)
    first = next((line for line in lines if line.strip()), "")
    if not first.startswith(">>>"):
        return source
    return "".join(line[4:] or "\n" for line in lines if _PROMPT.match(line))


def marked_up_blocks(answer: str) -> Iterator[Block]:
    """Blocks in HTML, LaTeX and tags of prompts such as MBPP's `[BEGIN]`, in order."""
    found: list[tuple[int, Block]] = []
    for begins, end, escaped in _MARKUP:
        position = 0
        while opening := begins.search(answer, position):
            close = answer.find(end, opening.end())
            position = len(answer) if close < 0 else close
            inside = answer[opening.end() : position]
            if escaped:
                inside = re.sub(r"^\s*<code\b[^>]*>", "", inside)
                # HTML with a bare `<` is not escaped.
                inside = inside if "<" in inside else html.unescape(inside)
            source, indentation = _dedented(source_lines(inside.lstrip("\r\n")))
            block = Block(without_prompts(source), "none", close >= 0, indentation)
            found.append((opening.end(), block))
    return (block for _, block in sorted(found, key=lambda one: one[0]))


def indented_blocks(answer: str) -> Iterator[Block]:
    """Indented paragraphs, another form of code in Markdown and reStructuredText; and the whole
    answer as an interpreter session. The suite of a statement, as the body of `def f():`, is none.
    """
    lines: list[str] = []
    header = ""
    for line in [*source_lines(answer), "end"]:
        if line[:1].isspace() or not line.strip():
            lines.append(line)
        else:
            if any(one.strip() for one in lines) and not _opens_suite(header):
                source, indentation = _dedented(lines)
                yield Block(source, indentation=indentation)
            lines, header = [], line
    session = [line for line in source_lines(answer) if _PROMPT.match(line)]
    if session:
        yield Block(without_prompts("".join(session)))


def _opens_suite(line: str) -> bool:
    """Whether a line is the header of a compound statement, or the last line of one."""
    if _END_OF_HEADER.match(line):
        return True
    return syntax_tree(f"{line.strip()}\n    pass\n") is not None


def inline_code(answer: str) -> Iterator[Block]:
    """Code between backticks within a line."""
    for found in re.finditer(r"(?<!`)(`{1,2})([^`\n]+)\1", answer):
        yield Block(found[2].strip() + "\n")
