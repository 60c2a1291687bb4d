"""`rlvf view`: an HTTP server for the whole report of a run, on the loopback interface."""

import zlib
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit
from zipfile import BadZipFile, ZipFile

from rlvf_api.errors import FailedPrecondition, InvalidArgument

__all__ = ["ReportServer"]

_REPORT = "report.zip"
_PAGE = "index.html"
_TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json"}


class ReportServer:
    """An HTTP server of the files in a run folder's report.zip; it listens on the loopback only.

    While a run replaces its report, the report that was opened is served.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        """`port` 0 is a free one.

        Raises:
            InvalidArgument: the folder is not that of a run with a whole report.
            FailedPrecondition: the port is taken.
        """
        archive = _opened(folder)
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(archive))
        except OSError as error:
            archive.close()
            raise FailedPrecondition(
                f"cannot serve at port {port}: {error.strerror}; choose another with --port"
            ) from None
        self._archive = archive

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/"

    def serve(self) -> None:
        """Serve until `stop`, or an interrupt."""
        try:
            self._server.serve_forever()
        finally:
            self._server.server_close()
            self._archive.close()

    def stop(self) -> None:
        """Make `serve`, which runs in another thread, return."""
        self._server.shutdown()


def _opened(folder: Path) -> ZipFile:
    path = folder / _REPORT
    if not folder.is_dir():
        raise InvalidArgument("RUN_FOLDER", f"there is no folder {folder}")
    if not path.is_file():
        raise InvalidArgument(
            "RUN_FOLDER",
            f"{folder} has no {_REPORT}; give the folder that `rlvf run` wrote its report to, such "
            "as runs/demo. For a run of an earlier version, run it again: what is done is kept",
        )
    try:
        archive = ZipFile(path)
    except BadZipFile as error:
        raise InvalidArgument("RUN_FOLDER", f"{path} is not a report: {error}") from None
    if _PAGE not in archive.namelist():
        archive.close()
        raise InvalidArgument("RUN_FOLDER", f"{path} is not a report: it has no {_PAGE}")
    return archive


def _handler(archive: ZipFile) -> type[BaseHTTPRequestHandler]:
    names = frozenset(archive.namelist())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = unquote(urlsplit(self.path).path).removeprefix("/") or _PAGE
            if name not in names:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            try:
                data = archive.read(name)
            except (BadZipFile, zlib.error):
                self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, f"{name} is damaged")
                return
            self.send_response(HTTPStatus.OK)
            suffix = PurePosixPath(name).suffix
            self.send_header("Content-Type", _TYPES.get(suffix, "application/octet-stream"))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: a page reads a file for each task."""

    return Handler
