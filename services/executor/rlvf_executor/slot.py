"""A slot as the server holds it: one supervisor process, and the socket to it."""

import asyncio
import json
import socket
import subprocess
from pathlib import Path

from rlvf_executor import jail, link, policy, supervisor
from rlvf_executor.link import Message


class SlotDied(Exception):
    """The supervisor is gone, or does not do what it should."""


class _Wire(asyncio.Protocol):
    """The socket to a supervisor. One message is waited for at a time.

    Streams would do the same with three waits and a task for each message.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._waiting: asyncio.Future[Message] | None = None
        self._transport: asyncio.Transport | None = None
        self._lost = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        parsed = link.parse(self._data)
        if parsed is not None and self._waiting is not None and not self._waiting.done():
            message, size = parsed
            del self._data[:size]
            self._waiting.set_result(message)

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(SlotDied("the supervisor died"))
            # Nobody may be waiting: then it is no error that nobody has heard of this one.
            self._waiting.exception()
        if not self.closed.done():
            self.closed.set_result(None)

    def next_message(self) -> "asyncio.Future[Message]":
        """The next message, or SlotDied. Whoever waits for it may be cancelled: use a shield."""
        self._waiting = asyncio.get_running_loop().create_future()
        if self._lost:
            self._waiting.set_exception(SlotDied("the supervisor died"))
        else:
            self.data_received(b"")
        return self._waiting

    def send(self, message: Message) -> None:
        """Sends a message. Its receiver reads when it can; jobs are few, so nothing piles up."""
        assert self._transport is not None
        self._transport.write(link.pack(message))

    def close(self) -> None:
        """Hangs up at once, even when the other side does not read."""
        assert self._transport is not None
        self._transport.abort()


class Slot:
    """Runs one job at a time.

    Not usable before `start`, nor after `SlotDied` before another `start`.
    """

    def __init__(self, config: supervisor.Config) -> None:
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: _Wire | None = None
        # The running job's answer. Whoever waits for it may be cancelled: then it is still to be
        # taken off the socket before the next one.
        self._answer: asyncio.Future[Message] | None = None
        self.python_version = ""

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Starts the supervisor and its jails. Raises SlotDied with the reason when it cannot."""
        ours, theirs = socket.socketpair()
        root = str(Path(__file__).resolve().parent.parent)
        code = (
            f"import sys; sys.path.insert(0, {root!r});"
            " from rlvf_executor import supervisor; supervisor.main()"
        )
        # There is no fork of this process's state: Popen uses vfork and exec. The environment, with
        # its secrets, stays here.
        self._process = subprocess.Popen(
            [
                jail.interpreter(),
                "-P",
                "-s",
                "-S",
                "-c",
                code,
                str(theirs.fileno()),
                json.dumps(self._config),
            ],
            pass_fds=[theirs.fileno()],
            env={},
            cwd="/",
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        _, self._wire = await asyncio.get_running_loop().create_connection(_Wire, sock=ours)
        try:
            message = await asyncio.wait_for(self._wire.next_message(), policy.START_SECONDS * 2)
        except TimeoutError:
            await self.stop()
            raise SlotDied("the supervisor does not answer") from None
        if message.kind != link.READY:
            await self.stop()
            raise SlotDied(str(message.values.get("reason", message.kind)))
        self.python_version = str(message.values["python_version"])

    async def stop(self) -> None:
        """Ends the supervisor, and all that it started."""
        if self._wire is not None:
            wire, self._wire = self._wire, None
            wire.close()
            await wire.closed
        if self._process is not None:
            process, self._process = self._process, None
            try:
                await asyncio.to_thread(process.wait, policy.KILL_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)

    async def run(self, message: Message) -> Message:
        """Runs one job to its answer. Raises SlotDied."""
        assert self._wire is not None
        self._answer = self._wire.next_message()
        self._wire.send(message)
        return await asyncio.shield(self._answer)

    async def cancel(self) -> None:
        """Kills the running job and takes its answer off the socket. Raises SlotDied."""
        assert self._wire is not None
        assert self._answer is not None
        self._wire.send(Message(link.CANCEL, {}))
        try:
            await asyncio.wait_for(self._answer, policy.KILL_SECONDS * 2)
        except TimeoutError:
            raise SlotDied("a job cannot be cancelled: the supervisor does not answer") from None
