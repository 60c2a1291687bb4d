"""report.zip: the whole report as a small web site, which `rlvf view` serves."""

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from rlvf_reporter.page.documents import dump, task_document
from rlvf_reporter.page.drill_down import DrillDown
from rlvf_reporter.page.render_html import render_html
from rlvf_reporter.report import Report

__all__ = ["render_site"]

_FOLDER = "tasks"


def render_site(report: Report, drill_down: DrillDown) -> bytes:
    """A ZIP archive of the page as `index.html`, and of `tasks/BENCHMARK/TASK.json` by number, each
    one task with all its answers. Any web server can serve its files."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        _write(archive, "index.html", render_html(report, drill_down, tasks_folder=_FOLDER))
        for place, grid in enumerate(drill_down.grids):
            for number, task in enumerate(grid.tasks):
                document = dump(task_document(grid, task)).encode()
                _write(archive, f"{_FOLDER}/{place}/{number}.json", document)
    return buffer.getvalue()


def _write(archive: ZipFile, name: str, data: bytes) -> None:
    # The earliest time that the format knows: the same report gives the same bytes.
    archive.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, ZIP_DEFLATED)
