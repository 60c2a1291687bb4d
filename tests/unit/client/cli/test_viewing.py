"""`rlvf view`: the whole report of a run, served to this machine."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from click.testing import CliRunner

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.cli.main import main
from rlvf_client.cli.viewing import ReportServer


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "demo"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("not this one")
    with ZipFile(folder / "report.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("index.html", "<!doctype html><p>the page")
        archive.writestr("tasks/0/0.json", '{"id": "HumanEval/0"}')
    return folder


@pytest.fixture
def server(run_folder: Path) -> Iterator[ReportServer]:
    server = ReportServer(run_folder)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server
    server.stop()
    thread.join()


def get(server: ReportServer, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to a path that is sent as it stands."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_the_page_and_the_answers_of_a_task_are_served(server: ReportServer) -> None:
    page, body = get(server, "/")
    assert (page.status, body) == (200, b"<!doctype html><p>the page")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    task, body = get(server, "/tasks/0/0.json")
    assert (task.status, body) == (200, b'{"id": "HumanEval/0"}')
    assert task.headers["Content-Type"] == "application/json"
    assert task.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/report.html", "/../report.html", "/%2e%2e/report.html", "//etc/passwd", "/tasks/0/1.json"],
)
def test_nothing_else_is_served(server: ReportServer, path: str) -> None:
    response, body = get(server, path)
    assert response.status == 404
    assert b"not this one" not in body


def test_only_this_machine_is_served(server: ReportServer) -> None:
    assert urlsplit(server.url).hostname == "127.0.0.1"


def test_damage_is_said(run_folder: Path) -> None:
    path = run_folder / "report.zip"
    data = path.read_bytes()
    with ZipFile(path) as archive:
        offset = archive.getinfo("index.html").header_offset + 30 + len("index.html")
    path.write_bytes(data[:offset] + b"\xff\xff\xff\xff" + data[offset + 4 :])
    server = ReportServer(run_folder)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        response, _ = get(server, "/")
    finally:
        server.stop()
        thread.join()
    assert response.status == 500
    assert response.reason == "index.html is damaged"


def test_a_folder_without_a_report_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"has no report\.zip; give the folder"):
        ReportServer(tmp_path)
    with pytest.raises(InvalidArgument, match=r"there is no folder .*/missing"):
        ReportServer(tmp_path / "missing")


@pytest.mark.parametrize("data", [b"", b"not an archive"])
def test_a_file_that_is_no_report_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "report.zip").write_bytes(data)
    with pytest.raises(InvalidArgument, match=r"report\.zip is not a report"):
        ReportServer(tmp_path)


def test_an_archive_without_a_page_is_no_report(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "report.zip", "w") as archive:
        archive.writestr("something.txt", "else")
    with pytest.raises(InvalidArgument, match=r"it has no index\.html"):
        ReportServer(tmp_path)


def test_a_port_that_is_taken_is_said(server: ReportServer, run_folder: Path) -> None:
    port = urlsplit(server.url).port
    assert port is not None
    with pytest.raises(FailedPrecondition, match=f"cannot serve at port {port}"):
        ReportServer(run_folder, port)


def test_the_command_says_one_line_of_what_is_wrong(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["view", str(tmp_path)])
    assert found.exit_code == 1
    assert "Traceback" not in found.output
    assert "has no report.zip" in found.output
