"""Lets other commands use a local stack: the process that holds a home answers on a socket in it.

Each connection is one command, for as long as it uses the stack. Requests and answers are lines of
JSON. Requests are `{"ensure": [NAME, ...]}`, `{"serve": {"name": ..., "source": ...}}` and
`{"version": NAME, "with_dependencies": ...}`; answers are a `Known`, or `{"error": MESSAGE}`.
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
# The state is in the holder's memory: longer than its event loop waits for a core.
_STATE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Known:
    """The state of a stack, for a command that shares it."""

    pid: int
    """The process that holds it."""
    addresses: dict[str, str]
    """`host:port` by service."""
    environment: dict[str, str]
    """Settings of clients."""
    model: str
    """Name of the model that inference serves or will serve; empty: none was requested."""
    started: list[str]
    """Services that were started."""
    ended: list[str]
    """Those of them that died repeatedly, and are not restarted."""
    guests: int
    """Number of other commands that use it, including the one that asks."""
    version: dict[str, Any] | None = None
    """The version that was requested, as JSON of its message."""


class Host:
    """The holder's side: answers the commands that share its stack."""

    def __init__(self, home: Path, answer: Callable[[dict[str, Any]], Awaitable[Known]]) -> None:
        """`answer` carries out a request, and returns the state after it."""
        self._home = home
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._guests: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def start(self) -> None:
        """Listen on the socket."""
        with _short(self._home) as path:
            path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, path)
            path.chmod(0o600)

    @property
    def guests(self) -> int:
        """Number of other commands that use the stack."""
        return len(self._guests)

    async def close(self, *, wait: bool) -> None:
        """Accept no further command; with `wait`, wait for the present ones to end."""
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
    """A connection to the holder of `home`, for as long as the block uses its stack: a function
    that sends a request and returns the state; None if no stack is shared there. The function
    raises FailedPrecondition where the holder refuses, or does not answer a request for nothing but
    the state, and Unavailable if it has ended."""
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
            # A request for services waits minutes for them; an empty one is answered at once.
            line = await asyncio.wait_for(reader.readline(), None if request else _STATE_SECONDS)
        except TimeoutError:
            pid = (home / "lock").read_text()
            raise FailedPrecondition(
                f"process {pid}, which holds the stack in {home}, does not answer: it was paused, "
                "or the machine is overloaded"
            ) from None
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
    """A short path of the socket: that of a home may exceed the length of a socket address."""
    folder = os.open(home, os.O_PATH | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{folder}", _SOCKET)
    finally:
        os.close(folder)
