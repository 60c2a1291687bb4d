"""Lets other commands use a stack: the holder of a home answers on a socket in it.

A connection is a command that uses the stack, from its first request to its end. Requests and
answers are lines of JSON: `{"ensure": [NAME, ...]}` and `{"serve": {"name": ..., "source": ...}}`,
answered by what a client needs to know, or by `{"error": MESSAGE}`.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rlvf_api.errors import FailedPrecondition, RlvfError, Unavailable

__all__ = ["Host", "Known", "connection"]

_SOCKET = "stack.sock"


@dataclass(frozen=True, slots=True)
class Known:
    """What a command has to know of a stack that it shares."""

    pid: int
    """The process that holds it."""
    addresses: dict[str, str]
    """`host:port` by service."""
    environment: dict[str, str]
    """Settings of clients."""
    model: str
    """Name of the model that inference serves, or will serve; empty: none was asked for."""
    started: list[str]
    """Services that were started."""
    ended: list[str]
    """Those of them that died again and again, and are not restarted."""
    guests: int
    """Other commands that use it, the one that asks included."""


class Host:
    """Answers the commands that share a stack."""

    def __init__(self, home: Path, answer: Callable[[dict[str, Any]], Awaitable[Known]]) -> None:
        """`answer` does what a request asks for."""
        self._home = home
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._guests: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def start(self) -> None:
        """Begin to listen."""
        with _short(self._home) as path:
            path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, path)
            path.chmod(0o600)

    @property
    def guests(self) -> int:
        """How many other commands use the stack."""
        return len(self._guests)

    async def close(self, *, wait: bool) -> None:
        """Take no further command; with `wait`, return when those that there are have ended."""
        if self._server is None:
            return
        self._is_closed = True
        self._server.close()
        (self._home / _SOCKET).unlink(missing_ok=True)
        if not wait:
            for guest in self._guests:
                guest.cancel()
        await asyncio.gather(*self._guests, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_closed:
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._guests.add(task)
        try:
            while line := await reader.readline():
                try:
                    answer: dict[str, Any] = asdict(await self._answer(json.loads(line)))
                except RlvfError as error:
                    answer = {"error": str(error)}
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._guests.discard(task)


Ask = Callable[[dict[str, object]], Awaitable[Known]]


@asynccontextmanager
async def connection(home: Path) -> AsyncIterator[Ask | None]:
    """How to ask the holder of `home`, for as long as the block uses its stack; None if nobody
    shares one there. What is asked raises FailedPrecondition as the holder says, and Unavailable if
    it has ended."""
    try:
        with _short(home) as path:
            reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        yield None
        return

    async def ask(request: dict[str, object]) -> Known:
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            await writer.drain()
            line = await reader.readline()
        except ConnectionError:
            line = b""
        if not line:
            raise Unavailable(f"the command whose stack in {home} was shared has ended", None)
        answer = json.loads(line)
        if "error" in answer:
            raise FailedPrecondition(answer["error"])
        return Known(**answer)

    try:
        yield ask
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@contextmanager
def _short(home: Path) -> Iterator[Path]:
    """The socket's path; that of a home may be longer than the address of a socket can be."""
    folder = os.open(home, os.O_PATH | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{folder}", _SOCKET)
    finally:
        os.close(folder)
