"""Writes parts of Markdown: headings, tables, folded sections, and escaped text."""

from collections.abc import Iterator, Sequence

__all__ = ["folded", "heading", "table", "text"]


def heading(title: str) -> Iterator[str]:
    """A heading of the second level, with blank lines around it."""
    yield ""
    yield f"## {text(title)}"
    yield ""


def folded(summary: str, lines: Iterator[str]) -> Iterator[str]:
    """Lines in a section that is folded below its summary (`details`)."""
    yield ""
    yield "<details>"
    yield f"<summary>{text(summary)}</summary>"
    yield from lines
    yield ""
    yield "</details>"


def text(text: str) -> str:
    """Text on one line, escaped so that Markdown sees no markup, HTML or table cell in it."""
    for special in "\\`*_[]<>|":
        if special == "_":
            # Within a word it is not markup, and names often contain it.
            continue
        text = text.replace(special, "\\" + special)
    return " ".join(text.split())


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()
) -> Iterator[str]:
    """A table whose columns are aligned in plain text, too; those in `numeric` are set to the
    right."""
    cells = [[text(cell) for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if column in numeric else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    yield line(cells[0])
    rule = (
        "-" * (width - 1) + ":" if column in numeric else "-" * width
        for column, width in enumerate(widths)
    )
    yield f"| {' | '.join(rule)} |"
    for row in cells[1:]:
        yield line(row)
