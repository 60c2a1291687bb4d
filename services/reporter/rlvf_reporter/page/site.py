"""Renders report.zip: the page with all answers as a web site, which `rlvf view` serves."""

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from rlvf_reporter.page.documents import dump, task_document
from rlvf_reporter.page.drill_down import DrillDown
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.report import Report

__all__ = ["render_site"]

_FOLDER = "tasks"


def render_site(report: Report, drill_down: DrillDown) -> bytes:
    """A ZIP archive with the page as `index.html`, and with a file for each task,
    `tasks/BENCHMARK/TASK.json` by their numbers, which has all its answers. Any web server can
    serve the files."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        _write(archive, "index.html", render_html(report, drill_down, tasks_folder=_FOLDER))
        for place, grid in enumerate(drill_down.grids):
            for number, task in enumerate(grid.tasks):
                document = dump(task_document(grid, task)).encode()
                _write(archive, f"{_FOLDER}/{place}/{number}.json", document)
    return buffer.getvalue()


def _write(archive: ZipFile, name: str, data: bytes) -> None:
    # The earliest time of the format, so that the same report gives the same bytes.
    archive.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, ZIP_DEFLATED)
