"""Parts of Markdown: headings, tables, and text that stays text."""

from collections.abc import Iterator, Sequence

__all__ = ["folded", "heading", "table", "text"]


def heading(title: str) -> Iterator[str]:
    """A heading of the second level, with room around it."""
    yield ""
    yield f"## {text(title)}"
    yield ""


def folded(summary: str, lines: Iterator[str]) -> Iterator[str]:
    """Lines that a Git host shows once their summary is opened."""
    yield ""
    yield "<details>"
    yield f"<summary>{text(summary)}</summary>"
    yield from lines
    yield ""
    yield "</details>"


def text(text: str) -> str:
    """Text that Markdown takes as text: on one line, no HTML, no table cell, no markup."""
    for special in "\\`*_[]<>|":
        if special == "_":
            # Within a word it is no markup, and names are full of it.
            continue
        text = text.replace(special, "\\" + special)
    return " ".join(text.split())


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()
) -> Iterator[str]:
    """A table whose columns line up as plain text too; those in `numeric` are set to the right."""
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
