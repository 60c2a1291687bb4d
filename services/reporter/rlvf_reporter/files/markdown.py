"""The section on data files of report.md."""

from collections.abc import Iterator, Sequence

from rlvf_reporter import formatting as fmt
from rlvf_reporter.files.records import DataFile
from rlvf_reporter.markdown import heading, table, text

__all__ = ["LOADING", "files_section"]

LOADING = (
    "Each line of Python loads one file, where rlvf-client is installed and knows the storage: in "
    "the folder from which the experiment was run, or with RLVF_HOME or RLVF_S3_* set."
)


def files_section(files: Sequence[DataFile]) -> Iterator[str]:
    """What each file is, and how to load it."""
    yield from heading("Data files")
    header = ("what", "of", "rows", "bytes", "SHA-256")
    rows = [
        [
            file.kind,
            file.name,
            "–" if file.rows is None else fmt.count(file.rows),
            "–" if file.size_bytes is None else fmt.count(file.size_bytes),
            file.sha256,
        ]
        for file in files
    ]
    yield from table(header, rows, numeric=range(2, 4))
    yield ""
    yield text(LOADING)
    yield ""
    yield "```python"
    for file in files:
        # A name may hold a line break.
        yield f"# {' '.join(f'{file.kind}: {file.name}'.split())}"
        yield file.load
    yield "```"
